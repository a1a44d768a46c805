"""The stress test of "pairs": the plane of two attributes, α from −2 to 3, by a likelihood ratio in place of replies.

First the cheap score is validated: along every attribute it is compared with the score of generated replies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.evaluation.paper import drawing
from assistant.evaluation.paper import statistics as stats
from assistant.evaluation.paper.experiments import Source
from assistant.evaluation.paper.lab import Lab
from assistant.evaluation.paper.likelihood_ratio import LikelihoodRatio
from assistant.evaluation.paper.statistics import shown

LOW, HIGH = -2.0, 3.0
STEP = {False: 1.0, True: 0.1}
PAIRS = {False: 4, True: 12}
"""Pairs of texts per attribute that are judged at each place."""
VALIDATION = (-1.0, 0.0, 0.5, 1.0, 2.0)
ENTANGLED = 0.5
"""A place is entangled where moving one attribute changes the other by more than this share of its own change."""


def run(lab: Lab, source: Source) -> dict[str, Any]:
    """Judge every place of every plane.

    Returns:
        How well the cheap score follows the generated one; per pair both likelihood ratios over the plane, with
        standard errors over pairs of texts, their cross-sensitivities, and the regions where those are high.
    """
    places = [round(float(x), 4) for x in np.arange(LOW, HIGH + 1e-9, STEP[lab.plan.full])]
    judge = LikelihoodRatio(lab.engine, source.texts, PAIRS[lab.plan.full])
    couples = list(combinations(lab.names, 2))
    progress = lab.progress(len(lab.names) * len(VALIDATION) + len(couples) * len(places))
    validation = {name: _validated(lab, judge, name, progress) for name in lab.names}
    planes = []
    for one, other in couples:
        values = np.array([_row(lab, judge, one, other, y, places, progress) for y in places])
        planes.append({"x": one, "y": other, **plane(values, places, one, other)})
    return {"places": places, "pairs_of_texts": judge.pairs, "validation": validation, "planes": planes}


def _validated(lab: Lab, judge: LikelihoodRatio, name: str, progress: Any) -> dict[str, Any]:
    generated, cheap = [], []
    for alpha in VALIDATION:
        place = lab.alone(name, alpha)
        cell = lab.at(f"validation {name} {alpha:g}", place, progress)
        lab.engine.composer.set(lab.k(place))
        found = lab.cells.get(f"ratio {name} {alpha:g}", lambda: {"ratio": judge.of([name]).round(4).tolist()})
        if "broken" not in cell:
            generated.append(stats.by_prompt(cell["scores"][name], len(lab.prompts)))
            cheap.append(float(np.mean(found["ratio"])))
    scores = np.array(generated)
    return {"scores": scores.mean(1).tolist(), "ratio": cheap, "spearman": stats.follows(cheap, scores)}


def _row(
    lab: Lab, judge: LikelihoodRatio, one: str, other: str, y: float, places: Sequence[float], progress: Any
) -> NDArray[np.float64]:
    """Return L along x at one y, shape (places, 2, pairs of texts)."""
    key = f"{one} × {other} {y:g}"
    known = key in lab.cells

    def measure() -> dict[str, Any]:
        found = []
        for x in places:
            even = lab.neutral().with_lambda({**dict.fromkeys(lab.names, 0.0), one: 0.5, other: 0.5})
            lab.engine.composer.set(lab.k(even.with_alpha({one: x, other: y})))
            found.append(judge.of([one, other]).round(4).tolist())
        return {"ratios": found}

    cell = lab.cells.get(key, measure)
    progress.step(key, not known)
    return np.array(cell["ratios"], dtype=np.float64)


def plane(values: NDArray[np.float64], places: Sequence[float], one: str, other: str) -> dict[str, Any]:
    """Return what a plane shows.

    With L_x and L_y the likelihood ratios of the two attributes, the cross-sensitivity of y to x is
    |∂L_y/∂α_x| / |∂L_x/∂α_x|, by central differences, and that of x to y likewise.

    Args:
        values: L, shape (y, x, 2, pairs of texts).
        places: α along both axes.
        one: attribute along x.
        other: attribute along y.
    """
    means = values.mean(3)
    errors = values.std(3, ddof=1) / np.sqrt(values.shape[3])
    by_y, by_x = np.gradient(means, places, places, axis=(0, 1))
    to_y = np.abs(by_x[..., 1]) / np.maximum(np.abs(by_x[..., 0]), 1e-3)
    to_x = np.abs(by_y[..., 0]) / np.maximum(np.abs(by_y[..., 1]), 1e-3)
    return {
        "means": means.round(4).tolist(),
        "errors": errors.round(4).tolist(),
        "sensitivity": {other: to_y.round(4).tolist(), one: to_x.round(4).tolist()},
        "inside": {other: _inside(to_y, places), one: _inside(to_x, places)},
        "regions": [{"moved": one, "changed": other, **region} for region in regions(to_y, places, one, other)]
        + [{"moved": other, "changed": one, **region} for region in regions(to_x, places, one, other)],
    }


def _inside(sensitivity: NDArray[np.float64], places: Sequence[float]) -> float:
    """Return the median over the places between the anchors."""
    kept = [0 <= place <= 1 for place in places]
    return round(float(np.median(sensitivity[np.ix_(kept, kept)])), 4)


def regions(sensitivity: NDArray[np.float64], places: Sequence[float], one: str, other: str) -> list[dict[str, Any]]:
    """Return the connected regions of two or more entangled places, the largest first, each with its bounds."""
    from scipy.ndimage import find_objects, label

    marked = sensitivity > ENTANGLED
    numbered, _ = label(marked)
    found: list[dict[str, Any]] = []
    for number, box in enumerate(find_objects(numbered), start=1):
        size = int((numbered == number).sum())
        if size < 2 or box is None:
            continue
        y, x = box
        bounds = {one: (places[x.start], places[x.stop - 1]), other: (places[y.start], places[y.stop - 1])}
        found.append({"share": round(size / marked.size, 4), "bounds": bounds})
    return sorted(found, key=lambda region: -float(region["share"]))


def table(results: Mapping[str, Any]) -> str:
    """Return the validation, and the regions by name."""
    lines = [
        "| attribute | Spearman of likelihood ratio and generated score |",
        "|---|---|",
        *(f"| {name} | {shown(found['spearman'])} |" for name, found in results["validation"].items()),
        "",
        f"Likelihood ratio over {results['pairs_of_texts']} held-out pairs, at {len(results['places'])}² places "
        "a plane.",
        "",
        "| moved | changed | cross-sensitivity between the anchors (median) | share of the plane above "
        f"{ENTANGLED:g} | largest region |",
        "|---|---|---|---|---|",
    ]
    for found in results["planes"]:
        for moved, changed in ((found["x"], found["y"]), (found["y"], found["x"])):
            own = [each for each in found["regions"] if each["moved"] == moved]
            where = (
                ", ".join(f"{name} {low:g} … {high:g}" for name, (low, high) in own[0]["bounds"].items())
                if own
                else "–"
            )
            share = float((np.array(found["sensitivity"][changed]) > ENTANGLED).mean())
            lines.append(f"| {moved} | {changed} | {found['inside'][changed]:.2f} | {share:.0%} | {where} |")
    return "\n".join(lines)


def plots(results: Mapping[str, Any], folder: Path) -> list[Path]:
    """Draw, for every pair, how sensitive each attribute is to the other over the plane."""
    count = len(results["planes"])
    with drawing.figure(count, 2, folder / "dense.svg", (3.4, 2.7)) as (axes, path):
        for number, found in enumerate(results["planes"]):
            for side, (moved, changed) in enumerate(((found["x"], found["y"]), (found["y"], found["x"]))):
                axis = axes[2 * number + side]
                grid = np.array(found["sensitivity"][changed])
                shown_ = drawing.heat(axis, grid, results["places"], results["places"], (0, 1), "magma")
                axis.set_title(f"{moved} moves {changed}", fontsize=9)
                axis.set_xlabel(f"α of {found['x']}", fontsize=8)
                axis.set_ylabel(f"α of {found['y']}", fontsize=8)
                axis.figure.colorbar(shown_, ax=axis, label="cross-sensitivity")
    return [path]
