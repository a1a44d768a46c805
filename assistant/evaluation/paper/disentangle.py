"""The experiment "disentangle": sliders in score units, through the inverse of the measured response; do they win?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from assistant.anchors.bank import load_bank
from assistant.anchors.gram import directions
from assistant.errors import BadInput
from assistant.evaluation.paper import drawing, driving, leakage
from assistant.evaluation.paper import statistics as stats
from assistant.evaluation.paper.angles import grams, seen
from assistant.evaluation.paper.beside import beside, with_prompts
from assistant.evaluation.paper.driving import Drive
from assistant.evaluation.paper.experiments import Source
from assistant.evaluation.paper.lab import Lab, Plan
from assistant.evaluation.paper.leakage import Shift
from assistant.evaluation.paper.statistics import shown
from assistant.preference.controls import Controls
from assistant.preference.response import Array

TITLE = "Sliders in score units"
SMALL = Plan(prompts=10)
FULL = Plan(full=True, prompts=40, replies=2)
LEVELS = {False: (-1.0, -0.5, 0.5, 1.0), True: (-1.0, -0.75, -0.5, -0.25, 0.25, 0.5, 0.75, 1.0)}
"""How far each attribute is asked to go: as far as its slider alone would take it at this c."""
TOGETHER = {False: 4, True: 12}
"""Random requests for all attributes at once."""
TITLES = {
    "sliders": "each slider alone",
    "inverse": "inverse of J",
    "orthogonal": "orthogonal directions (Löwdin)",
    "other bank": "each slider alone, the other bank",
}
DEARER = 0.1
"""The perplexity, over the base model's, may rise by this much more than with the sliders alone and still win."""


def run(lab: Lab, source: Source, options: Mapping[str, Any]) -> dict[str, Any]:
    """Measure J on the validation prompts and drive scores on the others.

    Args:
        lab: measures, on prompts that J does not see.
        source: what it measures with.
        options: "other_bank", a folder of a bank of the same attributes.

    Returns:
        "jacobian" and "base": J in logits per c and s₀, on the validation prompts; "ways": what `leakage.summary`
        returns; "curves": per way and attribute the places with asked and measured scores; "floor": the mean magnitude
        of the change of a score between two runs of the base model with other seeds.

    Raises:
        BadInput: the plan's prompts are those that J is measured on, or the other bank has other attributes.
    """
    if lab.plan.split == "validation":
        raise BadInput("disentangle measures the response on the validation prompts: drive it on --split heldout")
    names, full, prompts = lab.names, lab.plan.full, source.texts.split("validation")
    asks = driving.requests(names, LEVELS[full], TOGETHER[full], lab.plan.seed)
    other = options.get("other_bank")
    probing, driven = 1 + 2 * len(names), 3 + (other is not None)
    progress = lab.progress((1 + (other is not None)) * probing + 2 + driven * len(asks))
    development = with_prompts(lab, prompts, replace(lab.plan, split="validation"))
    probes = driving.probe(development, "validation", progress)
    controls = Controls.of(names, probes.jacobian(), probes.base_scores())
    base = lab.at("base", np.zeros(2 * len(names)), progress)
    again = driving.reseeded(lab).at("base again", np.zeros(2 * len(names)), progress)
    products = seen(grams(source.bank.factors), directions(len(names))).sum(0)
    shifted: dict[str, dict[str, Shift]] = {}
    broken: set[str] = set()

    def drive(bench: Lab, way: str, take: Drive) -> None:
        shifted[way] = {}
        for key, u in asks.items():
            c = take(u)
            cell = bench.at(f"{way} {key}", driving.anchors(c), progress)
            if "broken" in cell:
                broken.add(key)
                continue
            moved = None if key.startswith("together") else int(np.flatnonzero(u)[0])
            wanted = driving.asked(controls, u)
            level = 0.0 if moved is None else float(u[moved])
            sense = 0.0 if moved is None else float(np.sign(wanted[moved] - controls.base[moved]))
            shifted[way][key] = Shift(moved, level, sense, wanted, driving.scores(cell, lab), c, cell)

    for way, take in driving.ways(controls, products).items():
        drive(lab, way, take)
    if other is not None:
        with ExitStack() as stack:
            bench = stack.enter_context(_other(lab, source, Path(other)))
            gains = driving.probe(
                with_prompts(bench, prompts, replace(lab.plan, split="validation")), "other bank validation", progress
            ).jacobian()
            drive(bench, "other bank", driving.other_drive(np.diag(controls.jacobian), np.diag(gains), controls))
    found = {way: [each for key, each in shifts.items() if key not in broken] for way, shifts in shifted.items()}
    still = driving.scores(base, lab)
    rows = stats.resamples(len(prompts), 300)
    return {
        "names": list(names),
        "validation": len(prompts),
        "jacobian": driving.matrix(controls.jacobian, names, [probes.jacobian(each) for each in rows]),
        "base": dict(zip(names, (round(float(value), 4) for value in controls.base), strict=True)),
        "reach": {name: [round(value, 3) for value in controls.reach(name)] for name in names},
        "ridge": controls.ridge,
        "controls": controls.as_dict(),
        "floor": round(float(np.abs((driving.scores(again, lab) - still).mean(-1)).mean()), 4),
        "ways": leakage.summary(found, still, base, "sliders"),
        "curves": {way: _curves(shifts, names) for way, shifts in found.items()},
        "broken": sorted(broken),
    }


def _other(lab: Lab, source: Source, folder: Path) -> Any:
    bank = load_bank(folder)
    if bank.card.names != tuple(lab.names):
        raise BadInput(f"{folder} has the attributes {', '.join(bank.card.names)}, not {', '.join(lab.names)}")
    return beside(lab, source, folder, 2 * len(lab.names))


def _curves(shifts: Sequence[Shift], names: Sequence[str]) -> list[dict[str, Any]]:
    def plain(values: Array) -> dict[str, float]:
        return dict(zip(names, (round(float(value), 4) for value in values), strict=True))

    return [
        {
            "moved": None if shift.moved is None else names[shift.moved],
            "level": shift.level,
            "asked": plain(shift.asked),
            "measured": {
                name: stats.bootstrap(lambda rows, values=values: float(values[rows].mean()), len(values))  # type: ignore[misc]
                for name, values in zip(names, shift.scores, strict=True)
            },
            "c": plain(shift.c),
        }
        for shift in shifts
    ]


def judged(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return whether a way wins against the sliders alone, from the intervals of its differences.

    It wins if it leaks less at matched change of the own score, misses asked scores by no more, and the
    perplexity is not clearly higher by more than `DEARER`.
    """
    less = row["less"]
    cleaner, dirtier = less["matched"]["high"] < 0, less["matched"]["low"] > 0
    errors = [less[key] for key in ("error", "together") if np.isfinite(less[key]["low"] or 0.0)]
    worse = any(value["low"] > 0 for value in errors)
    better = any(value["high"] < 0 for value in errors)
    dear = less["perplexity"]["low"] > DEARER
    return {
        "cleaner": cleaner,
        "dirtier": dirtier,
        "nearer": better and not worse,
        "farther": worse,
        "dear": dear,
        "wins": cleaner and not worse and not dear,
    }


def verdict(results: Mapping[str, Any]) -> list[str]:
    """Return what the numbers say, in sentences."""
    lines = []
    for way, row in results["ways"].items():
        if "less" not in row:
            continue
        said, less = judged(row), row["less"]
        leaks = "leaks less" if said["cleaner"] else "leaks more" if said["dirtier"] else "leaks no less, measurably,"
        misses = "misses by more" if said["farther"] else "misses by less" if said["nearer"] else "misses by as much"
        price = "at a clearly higher perplexity" if said["dear"] else "at no clearly higher perplexity"
        lines.append(
            f"{TITLES[way][0].upper()}{TITLES[way][1:]} **{'wins' if said['wins'] else 'does not win'}**: next to the "
            f"sliders alone it {leaks} at matched change ({_signed(less['matched'])}), {misses} "
            f"({_signed(less['error'])} of a score), {price} ({_signed(less['perplexity'])} times the base model's)."
        )
    return lines


def _signed(value: Mapping[str, float]) -> str:
    return f"{value['mean']:+.3f} [{value['low']:+.3f}, {value['high']:+.3f}]"


def table(results: Mapping[str, Any]) -> str:
    """Return verdict, measures and J."""
    names = results["names"]
    lines = [*verdict(results), ""]
    lines += [
        "| way | leak | at matched change | own error | error of all | all at once | perplexity, × base | distinct-2 "
        "| loops | mean ‖c‖ |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for way, row in results["ways"].items():
        cells = [
            shown(row[key]) for key in ("leak", "matched", "own_error", "error", "together", "perplexity", "distinct_2")
        ]
        lines.append(
            f"| {TITLES[way]} | {' | '.join(cells)} | {row['loops']} of {row['count']} | {row['length']:.2f} |"
        )
    lines += [
        "",
        "Leak: the mean change of the others over that of the moved one. Errors: mean distance of measured from asked "
        f"scores. Two runs of the base model with other seeds differ by {results['floor']:.3f} in a mean score. "
        f"{len(results['broken'])} requests broke the model. Anchors with their own or frozen orthogonal A were "
        "compared when the recipe was chosen (docs/results/anchors.md); here A is shared by the poles of an attribute.",
        "",
        f"J on {results['validation']} validation prompts, logits of the score read per c of the one moved, ρ = "
        f"{results['ridge']:g}:",
        "",
        "| read | " + " | ".join(f"{name} moved" for name in names) + " | base score | can be asked |",
        "|---|" + "---|" * (len(names) + 2),
    ]
    for read in names:
        row, reach = results["jacobian"][read], results["reach"][read]
        lines.append(
            f"| {read} | {' | '.join(shown(row[moved]) for moved in names)} | {results['base'][read]:.2f} | "
            f"{reach[0]:.2f} to {reach[1]:.2f} |"
        )
    return "\n".join(lines)


def plots(results: Mapping[str, Any], folder: Path) -> list[Path]:
    """Draw measured against asked scores, a panel per way and moved attribute."""
    names, ways = results["names"], list(results["curves"])
    with drawing.figure(len(ways), len(names), folder / "disentangle.svg", (2.6, 2.3)) as (axes, path):
        for at, axis in enumerate(axes):
            way, moved = ways[at // len(names)], names[at % len(names)]
            rows = [row for row in results["curves"][way] if row["moved"] == moved]
            rows.sort(key=lambda row: row["asked"][moved])
            x = [row["asked"][moved] for row in rows]
            for name in names:
                drawing.band(axis, x, [row["measured"][name] for row in rows], name, "-" if name == moved else ":")
            axis.plot([0, 1], [0, 1], color="#999999", linewidth=0.6)
            axis.set_xlim(min(x, default=0), max(x, default=1))
            axis.set_ylim(0, 1)
            axis.set_title(f"{way}: {moved}", fontsize=8)
            axis.set_xlabel("asked")
        axes[0].set_ylabel("measured")
        axes[0].legend(fontsize=6)
    return [path]
