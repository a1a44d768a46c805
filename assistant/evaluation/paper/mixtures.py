"""The experiment "mixtures": does interpolation at α speak like a model fine-tuned on α high and 1 − α low texts?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from assistant.anchors.bank import load_bank
from assistant.engine.composer import Composer
from assistant.evaluation.paper import custom, drawing
from assistant.evaluation.paper import statistics as stats
from assistant.evaluation.paper.cells import Cell
from assistant.evaluation.paper.experiments import Source
from assistant.evaluation.paper.lab import Lab, Plan, Vector
from assistant.evaluation.paper.statistics import Number, Rows, shown

TITLE = "Interpolation against custom models"
SMALL = Plan(prompts=16)
FULL = Plan(full=True, prompts=40, replies=2)
ALPHAS = (0.25, 0.5, 0.75)
ATTRIBUTES = ("formality", "sentiment")
"""The attributes of the small setting, where the bank has them."""
TEXTS = {False: 48, True: None}
EPOCHS = {False: 2, True: 3}


def run(lab: Lab, source: Source, options: Mapping[str, Any]) -> dict[str, Any]:
    """Train the custom models of each attribute and their poles on the same texts; compare at the same α.

    Interpolation is between poles that were trained here, by the same recipe on the same prompts, so that nothing but
    the way to the middle differs. The noise floor is the same model's replies under other seeds of the sampling, and
    for α = ½ a second custom model of another draw.

    Returns:
        Per attribute and α: scores of custom model, its reseeded self, and interpolation, and their perplexities; the
        mean absolute errors over α and over all scores, with intervals over prompts.
    """
    wanted = [name for name in ATTRIBUTES if name in lab.names] or list(lab.names[:2])
    names = list(lab.names) if lab.plan.full else wanted
    full, found = lab.plan.full, {}
    cells = 2 + 3 * len(ALPHAS) + 1
    progress = lab.progress(len(names) * cells)
    for name in names:
        folder = source.out / f"custom-{name}"
        _train(lab, source, name, folder)
        composer = Composer(source.base.model, load_bank(folder))
        found[name] = _compare(lab, composer, name, progress)
    return {
        "names": list(lab.names),
        "texts": TEXTS[full] or len(source.texts.split("anchors")),
        "epochs": EPOCHS[full],
        "attributes": found,
        "mae": _errors(lab, found),
    }


def _train(lab: Lab, source: Source, name: str, folder: Path) -> None:
    """Train the custom models of an attribute into the folder, unless they are there."""
    lab.engine.composer.set(np.zeros(2 * len(lab.names)))
    full, recipe = lab.plan.full, source.bank.card.training.get("recipe", {})

    def train() -> dict[str, Any]:
        card = custom.train(source.base, source.texts, name, recipe, TEXTS[full], EPOCHS[full], folder, lab.say)
        return {"anchors": list(card.names)}

    lab.cells.get(f"{name} trained", train)
    train()  # again, if the folder was removed since


def _compare(lab: Lab, composer: Composer, name: str, progress: Any) -> dict[str, Any]:
    models = custom.customs()
    count = 2 * len(custom.POLE_SETS)
    low, high = (np.eye(count)[model.slot] for model in models if model.share in (0, 1))
    rows: dict[str, Any] = {"poles": {}, "alphas": {}}
    for share, k in ((0, low), (1, high)):
        rows["poles"][str(share)] = _row(lab, _cell(lab, composer, f"{name} pole {share}", k, 0, progress))
    for alpha in ALPHAS:
        own = [np.eye(count)[model.slot] for model in models if model.share == alpha]
        between = alpha * high + (1 - alpha) * low
        measured = {
            "custom": _cell(lab, composer, f"{name} custom {alpha:g}", own[0], 0, progress),
            "reseeded": _cell(lab, composer, f"{name} custom {alpha:g} reseeded", own[0], 500_000, progress),
            "interpolation": _cell(lab, composer, f"{name} interpolation {alpha:g}", between, 0, progress),
        }
        if len(own) > 1:
            measured["redrawn"] = _cell(lab, composer, f"{name} custom {alpha:g} redrawn", own[1], 0, progress)
        rows["alphas"][f"{alpha:g}"] = {way: _row(lab, cell) for way, cell in measured.items()}
    return rows


def _cell(lab: Lab, composer: Composer, key: str, k: Vector, shift: int, progress: Any) -> Cell:
    """Return the cell of the custom bank composed with k, sampled with the plan's seed plus `shift`."""

    def measure() -> dict[str, Any]:
        plan = lab.plan
        composer.set(k)
        try:
            lab.plan = replace(plan, seed=plan.seed + shift)
            replies = lab.speak()
        finally:
            lab.plan = plan
            composer.set(np.zeros_like(k))
        return lab.judge(replies)

    known = key in lab.cells
    found = lab.cells.get(key, measure)
    progress.step(key, not known)
    return found


def _row(lab: Lab, cell: Cell) -> dict[str, Any]:
    n = len(lab.prompts)
    return {
        **stats.summary(cell, lab.names, n),
        "by_prompt": {name: stats.by_prompt(cell["scores"][name], n).round(4).tolist() for name in lab.names},
    }


def _errors(lab: Lab, found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the mean absolute error of mean scores against the custom models', of the attribute's own and of all."""
    ways = ("interpolation", "reseeded", "redrawn")
    return {
        which: {
            way: _error(
                [
                    (cells["custom"]["by_prompt"][score], cells[way]["by_prompt"][score])
                    for name, rows in found.items()
                    for cells in rows["alphas"].values()
                    if way in cells
                    for score in ([name] if which == "own" else lab.names)
                ]
            )
            for way in ways
        }
        for which in ("own", "all")
    }


def _error(pairs: Sequence[tuple[Sequence[float], Sequence[float]]]) -> Number:
    custom_, other = np.array([one for one, _ in pairs]), np.array([two for _, two in pairs])

    def mae(rows: Rows) -> float:
        return float(np.abs(custom_[:, rows].mean(1) - other[:, rows].mean(1)).mean())

    return stats.bootstrap(mae, custom_.shape[1], magnitude=True)


def table(results: Mapping[str, Any]) -> str:
    """Return the scores side by side and the errors."""
    lines = [
        f"Custom models and poles learned from {results['texts']} prompts in {results['epochs']} epochs.",
        "",
        "| attribute | α | custom | interpolation | custom, other seeds | perplexity: custom | interpolation |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, rows in results["attributes"].items():
        for alpha, cells in rows["alphas"].items():
            scores = [shown(cells[way]["scores"][name]) for way in ("custom", "interpolation", "reseeded")]
            ppl = [shown(cells[way]["perplexity"]) for way in ("custom", "interpolation")]
            lines.append(f"| {name} | {alpha} | {' | '.join(scores)} | {' | '.join(ppl)} |")
        poles = [shown(rows["poles"][pole]["scores"][name]) for pole in ("0", "1")]
        lines.append(f"| {name} | poles | {poles[0]} … {poles[1]} | | | | |")
    lines += ["", "| mean absolute error against the custom model | its own score | all scores |", "|---|---|---|"]
    labels = {
        "interpolation": "interpolation at the same α",
        "reseeded": "noise floor: the same model, other seeds",
        "redrawn": "another custom model, other draw of texts (α = ½)",
    }
    for way, label in labels.items():
        lines.append(f"| {label} | {shown(results['mae']['own'][way])} | {shown(results['mae']['all'][way])} |")
    return "\n".join(lines)


def plots(results: Mapping[str, Any], folder: Path) -> list[Path]:
    """Draw every attribute's score against α: custom models as points, interpolation as a line."""
    with drawing.figure(1, len(results["attributes"]), folder / "mixtures.svg") as (axes, path):
        for axis, (name, rows) in zip(axes, results["attributes"].items(), strict=True):
            inner = [float(alpha) for alpha in rows["alphas"]]
            ends = [rows["poles"][pole]["scores"][name] for pole in ("0", "1")]
            line = [cells["interpolation"]["scores"][name] for cells in rows["alphas"].values()]
            drawing.band(axis, [0, *inner, 1], [ends[0], *line, ends[1]], name)
            points = [cells["custom"]["scores"][name] for cells in rows["alphas"].values()]
            middle = [point["mean"] for point in points]
            bars = [[point["mean"] - point["low"] for point in points], [p["high"] - p["mean"] for p in points]]
            axis.errorbar(inner, middle, bars, fmt="o", color="#333333", label="custom model", capsize=3)
            axis.set_ylim(0, 1)
            axis.set_xlabel("α")
            axis.set_ylabel(f"{name} score")
            axis.legend()
    return [path]
