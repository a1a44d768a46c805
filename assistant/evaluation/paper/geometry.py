"""The experiment "geometry": are the anchors orthogonal, and does that tell which attributes entangle?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from assistant.anchors.texts import POLES
from assistant.evaluation.paper import drawing
from assistant.evaluation.paper import statistics as stats
from assistant.evaluation.paper.angles import angles
from assistant.evaluation.paper.cells import Cell
from assistant.evaluation.paper.experiments import Source
from assistant.evaluation.paper.lab import Lab, Plan
from assistant.evaluation.paper.prediction import Array, off_diagonal, predicts
from assistant.evaluation.paper.statistics import Number, Rows, shown

TITLE = "Angles between anchors, and entanglement"
SMALL = Plan(prompts=12)
FULL = Plan(full=True, prompts=40, replies=2)
DRAWS = {False: 20, True: 100}
"""Of the null."""
TEXTS = {False: 60, True: 176}
"""Texts of each pole that the scorers read."""
NEAR = 0.2
"""Below this cosine (above 78°) two updates are called nearly orthogonal."""


def run(lab: Lab, source: Source, options: Mapping[str, Any]) -> dict[str, Any]:
    """Measure the angles, the entanglement from pole to pole, and what the anchors' own texts entangle.

    Returns:
        What `angles` returns; per ordered pair of attributes the change of the read score when the moved attribute
        alone goes from c = −1 to 1, that over the moved one's own, and the same ratio between the texts of its poles;
        and how well the cosines of directions and the texts rank that entanglement.
    """
    names, n = lab.names, len(lab.prompts)
    found = lab.cells.get("angles", lambda: angles(source.bank.factors, names, DRAWS[lab.plan.full], lab.plan.seed))
    ends, texts, progress = {}, {}, lab.progress(3 * len(names))
    for name in names:
        ends[name] = [lab.at(f"{name} {alpha:g}", lab.alone(name, alpha), progress) for alpha in (0.0, 1.0)]
        key = f"{name} texts"
        known = key in lab.cells
        texts[name] = lab.cells.get(key, partial(_read, lab, source, name))
        progress.step(key, not known)
    spoken = _changes(names, ends, n)
    written = np.array([[texts[moved][read] for moved in names] for read in names])
    return {
        **{key: value for key, value in found.items() if key != "key"},
        "names": list(names),
        "entanglement": _pairs(names, spoken, written, found),
        "own": {name: _mean(spoken[:, i, i]) for i, name in enumerate(names)},
        "leak": stats.bootstrap(lambda rows: float(np.abs(off_diagonal(_ratios(spoken[rows].mean(0)))).mean()), n),
        "predicts": predictions(_cosine_matrix(names, found), _ratios(written), _ratios(spoken.mean(0))),
    }


def _read(lab: Lab, source: Source, name: str) -> dict[str, float]:
    """Return per score how much higher it is for the texts of the high pole than for those of the low one."""
    count, score = TEXTS[lab.plan.full], lab.score
    low, high = (score([text for _, text in source.texts.pairs(name, pole, "anchors")[:count]]) for pole in POLES)
    return {
        read: round(float(np.mean([row[read] for row in high]) - np.mean([row[read] for row in low])), 4)
        for read in lab.names
    }


def _changes(names: Sequence[str], ends: Mapping[str, Sequence[Cell]], prompts: int) -> Array:
    """Return the changes of scores, shape (prompts, read, moved)."""
    return np.stack(
        [
            np.stack(
                [
                    stats.by_prompt(ends[moved][1]["scores"][read], prompts)
                    - stats.by_prompt(ends[moved][0]["scores"][read], prompts)
                    for moved in names
                ],
                axis=-1,
            )
            for read in names
        ],
        axis=1,
    )


def _mean(values: Array) -> Number:
    return stats.bootstrap(lambda rows: float(values[rows].mean()), len(values))


def _ratios(changes: Array) -> Array:
    """Return changes over those of the moved attribute, shape (read, moved)."""
    own = np.diag(changes)
    return np.asarray(changes / np.where(np.abs(own) < 1e-3, np.where(own < 0, -1e-3, 1e-3), own))


def _cosine_matrix(names: Sequence[str], found: Mapping[str, Any]) -> Array:
    matrix = np.eye(len(names))
    for pair in found["pairs"]:
        i, j = names.index(pair["one"]), names.index(pair["other"])
        matrix[i, j] = matrix[j, i] = pair["directions"]["whole"]["mean"]
    return matrix


def _pairs(names: Sequence[str], spoken: Array, written: Array, found: Mapping[str, Any]) -> list[dict[str, Any]]:
    cosine, texts, n = _cosine_matrix(names, found), _ratios(written), len(spoken)

    def ratio(j: int, i: int) -> dict[str, float]:
        def statistic(rows: Rows) -> float:
            return float(_ratios(spoken[rows].mean(0))[j, i])

        return stats.bootstrap(statistic, n)

    return [
        {
            "moved": moved,
            "read": read,
            "change": _mean(spoken[:, j, i]),
            "entanglement": ratio(j, i),
            "cosine": round(float(cosine[j, i]), 4),
            "texts": round(float(texts[j, i]), 4),
        }
        for i, moved in enumerate(names)
        for j, read in enumerate(names)
        if i != j
    ]


def predictions(cosine: Array, texts: Array, entanglement: Array) -> dict[str, Any]:
    """Return how cosines and texts rank entanglement, by magnitude and with signs, each with the other partialled out;
    and how the texts rank the cosines.
    """
    magnitude = np.abs(cosine), np.abs(texts), np.abs(entanglement)
    return {
        "cosine": predicts(magnitude[0], magnitude[2], magnitude[1]),
        "texts": predicts(magnitude[1], magnitude[2], magnitude[0]),
        "cosine_signed": predicts(cosine, entanglement, texts),
        "texts_signed": predicts(texts, entanglement, cosine),
        "angles_from_texts": predicts(texts, cosine),
    }


def verdict(results: Mapping[str, Any]) -> list[str]:
    """Return what the numbers say of the paper's mechanism, in sentences."""
    cosine = [pair["directions"]["whole"] for pair in results["pairs"]]
    null, leak = results["null"]["directions"], results["leak"]
    beyond = sum(value["low"] > null["high"] or value["high"] < null["low"] for value in cosine)
    largest = max(abs(value["mean"]) for value in cosine)
    near = largest < NEAR
    anchors = _across(results)
    lines = [
        f"The anchors themselves are {'nearly' if anchors.max() < NEAR else 'not'} orthogonal: between attributes "
        f"their cosines run from {anchors.min():+.2f} to {anchors.max():+.2f}.",
        f"The directions from pole to pole are {'nearly' if near else 'not'} orthogonal: the largest |cosine| of "
        f"{len(cosine)} pairs is {largest:.3f} ({np.degrees(np.arccos(min(1.0, largest))):.0f}°), though {beyond} "
        f"of them lie outside what unrelated updates give ({null['low']:+.4f} to {null['high']:+.4f}).",
        f"Moving one attribute from pole to pole moves each other by {shown(leak)} of its own change on average.",
    ]
    told = {key: _tells(results["predicts"][key]) for key in ("cosine", "texts", "angles_from_texts")}
    lines.append(
        f"The size of a cosine {told['cosine']} the size of the entanglement; what the scorers see in the poles' texts "
        f"{told['texts']} it. The texts' entanglement, with its sign, {told['angles_from_texts']} the cosines."
    )
    if near and leak["low"] > 0.1:
        lines.append("Near-orthogonal directions entangle all the same: orthogonality is not enough.")
    if told["cosine"] == "ranks":
        lines.append(
            "The mechanism claim is supported in its order: the less orthogonal two directions, the more they entangle."
        )
    elif told["texts"] == "ranks":
        lines.append("The mechanism claim is not supported: the texts, not the angles, tell what entangles.")
    else:
        lines.append("The mechanism claim is not supported: these pairs do not show that angles tell what entangles.")
    return lines


def _across(results: Mapping[str, Any]) -> Array:
    """Return the cosines of all anchors of different attributes."""
    matrix = np.array(results["anchors"])
    apart = np.kron(np.eye(len(matrix) // 2), np.ones((2, 2))) == 0
    return np.asarray(matrix[apart])


def _tells(found: Mapping[str, Any]) -> str:
    rho = found["rho"]
    if rho["low"] > 0 and found["p"] <= 0.05:
        return "ranks"
    return "ranks the wrong way round" if rho["high"] < 0 and found["p"] <= 0.05 else "does not reliably rank"


def table(results: Mapping[str, Any]) -> str:
    """Return verdict, cosines and entanglement."""
    null = results["null"]
    lines = [*verdict(results), ""]
    lines += [
        "| ranks the entanglement | Spearman over pairs | Mantel p | the other partialled out |",
        "|---|---|---|---|",
    ]
    titles = {
        "cosine": "size of the cosine of directions",
        "texts": "size of the texts' own entanglement",
        "cosine_signed": "cosine, with sign",
        "texts_signed": "texts, with sign",
        "angles_from_texts": "*texts with sign, ranking the cosine*",
    }
    for key, title in titles.items():
        row = results["predicts"][key]
        rest = f"{row['partial']:+.2f}" if "partial" in row else ""
        lines.append(f"| {title} | {shown(row['rho'])} | {row['p']:.3f} | {rest} |")
    lines += ["", "| attribute | cosine, low and high | in single layers | norm of d | of m |", "|---|---|---|---|---|"]
    for name, row in results["poles"].items():
        norm, layers = results["norms"][name], row["layers"]
        lines.append(
            f"| {name} | {shown(row['whole'], 3)} | {layers['low']:.2f} to {layers['high']:.2f} | "
            f"{norm['direction']:.2f} | {norm['mean']:.2f} |"
        )
    lines += ["", "| pair | cosine of directions d | in single layers | of means m |", "|---|---|---|---|"]
    for row in results["pairs"]:
        layers = row["directions"]["layers"]
        lines.append(
            f"| {row['one']}, {row['other']} | {shown(row['directions']['whole'], 3)} | {layers['low']:+.2f} to "
            f"{layers['high']:+.2f} | {shown(row['means']['whole'], 3)} |"
        )
    for key in ("poles", "directions", "means"):
        row = null[key]
        lines.append(f"| *unrelated, {key}* | {row['low']:+.4f} to {row['high']:+.4f} | ±{2 * row['layer']:.3f} | |")
    lines += [
        "",
        f"{results['layers']} layers; intervals of cosines are over layers. c of one attribute from −1 to 1:",
        "",
    ]
    lines += ["| moved | read | change of the read score | over the moved one's | cosine | in the texts |"]
    lines += ["|---|---|---|---|---|---|"]
    lines += [
        f"| {row['moved']} | {row['read']} | {shown(row['change'])} | {shown(row['entanglement'])} | "
        f"{row['cosine']:+.3f} | {row['texts']:+.2f} |"
        for row in results["entanglement"]
    ]
    return "\n".join(lines)


def plots(results: Mapping[str, Any], folder: Path) -> list[Path]:
    """Draw the anchors' cosines, and entanglement against cosine and against the texts, a dot per ordered pair."""
    with drawing.figure(1, 3, folder / "geometry.svg") as (axes, path):
        titles = ("|cosine| of the directions", "entanglement in the poles' texts, size")
        for axis, key, title in zip(axes[:2], ("cosine", "texts"), titles, strict=True):
            for name in results["names"]:
                rows = [row for row in results["entanglement"] if row["moved"] == name]
                sizes = [abs(row["entanglement"]["mean"]) for row in rows]
                colour = drawing.COLOURS.get(name)
                axis.scatter([abs(row[key]) for row in rows], sizes, color=colour, label=f"{name} moved", s=18)
            rho = results["predicts"][key]["rho"]
            axis.set_title(f"Spearman {shown(rho)}", fontsize=9)
            axis.set_xlabel(title)
            axis.set_ylabel("entanglement, size")
        axes[0].legend(fontsize=7)
        ends = [f"{name} {sign}" for name in results["names"] for sign in "−+"]
        places = list(range(len(ends)))
        shade = drawing.heat(axes[2], results["anchors"], places, places, (-1.0, 1.0), "RdBu_r")
        axes[2].set_xticks(places, ends, rotation=90, fontsize=6)
        axes[2].set_yticks(places, ends, fontsize=6)
        axes[2].figure.colorbar(shade, ax=axes[2], label="cosine of updates")
    return [path]
