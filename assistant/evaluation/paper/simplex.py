"""The experiment "simplex": three attributes under every mixing weight λ, and all five with one of them heavier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from assistant.errors import BadInput
from assistant.evaluation.paper import drawing
from assistant.evaluation.paper import statistics as stats
from assistant.evaluation.paper.experiments import Source
from assistant.evaluation.paper.lab import Lab, Plan
from assistant.evaluation.paper.statistics import shown
from assistant.style import Compose

TITLE = "Mixing weights"
SMALL = Plan(prompts=8)
FULL = Plan(full=True, prompts=24, replies=2)
THREE = ("formality", "sentiment", "simplicity")
"""The attributes of the simplex, where the bank has them; its first three otherwise."""
CORNERS = {False: ((1, 1, 1), (0, 0, 0)), True: ((1, 1, 1), (0, 0, 0), (1, 0, 1), (0, 1, 0), (1, 1, 0))}
"""α of the three."""
HEAVY = (0.8, 0.4, 0.2)
"""λ of one attribute of five; the others share the rest."""


def simplex(steps: int = 5) -> list[tuple[float, float, float]]:
    """Return the points of the λ simplex in steps of 1/steps."""
    return [(a / steps, b / steps, (steps - a - b) / steps) for a in range(steps + 1) for b in range(steps + 1 - a)]


def run(lab: Lab, source: Source, options: Mapping[str, Any]) -> dict[str, Any]:
    """Measure the simplex at several α, and every attribute as the heavy one of all.

    Raises:
        BadInput: the bank has fewer than three attributes.

    Returns:
        Per α the three scores at each λ, with Spearman's correlation of an attribute's λ and its score; per attribute,
        λ and pole the attribute's score.
    """
    if len(lab.names) < 3:
        raise BadInput(f"simplex needs a bank of three attributes; this one has {' and '.join(lab.names)}")
    compose = Compose(options.get("compose") or Compose.PAPER)
    three = THREE if set(THREE) <= set(lab.names) else tuple(lab.names[:3])
    points, corners, n = simplex(), CORNERS[lab.plan.full], len(lab.prompts)
    progress = lab.progress(len(points) * len(corners) + 2 * len(lab.names) * len(HEAVY))
    faces = []
    for corner in corners:
        alpha = dict(zip(three, map(float, corner), strict=True))
        scores = []
        for point in points:
            weights = {**dict.fromkeys(lab.names, 0.0), **dict(zip(three, point, strict=True))}
            profile = lab.neutral(compose).with_lambda(weights).with_alpha(alpha)
            cell = lab.at(f"α {corner} λ {point}", profile, progress)
            scores.append(None if "broken" in cell else {name: stats.score(cell, name, n) for name in three})
        faces.append({"alpha": alpha, "scores": scores, "follow": _follow(points, scores, alpha)})
    heavy = []
    for name in lab.names:
        for lam in HEAVY:
            for pole in (0.0, 1.0):
                rest = (1 - lam) / (len(lab.names) - 1)
                weights = {**dict.fromkeys(lab.names, rest), name: lam}
                profile = lab.neutral(compose).with_lambda(weights).with_alpha({name: pole})
                cell = lab.at(f"{name} {pole:g} heavy {lam:g}", profile, progress)
                if "broken" not in cell:
                    heavy.append({"name": name, "lambda": lam, "alpha": pole, "score": stats.score(cell, name, n)})
    return {"compose": str(compose), "three": three, "points": points, "faces": faces, "heavy": heavy}


def _follow(
    points: Sequence[tuple[float, float, float]], scores: Sequence[Any], alpha: Mapping[str, float]
) -> dict[str, Any]:
    """Return per attribute Spearman's correlation of λ and the score towards its pole."""
    found = {}
    for number, (name, place) in enumerate(alpha.items()):
        pairs = [(point[number], row[name]["mean"]) for point, row in zip(points, scores, strict=True) if row]
        sign = 1 if place > 0.5 else -1
        found[name] = stats.rank_correlation([lam for lam, _ in pairs], [sign * value for _, value in pairs])
    return found


def table(results: Mapping[str, Any]) -> str:
    """Return how scores follow λ, and the attributes as the heavy one of all."""
    three = results["three"]
    lines = [
        f"{str(results['compose']).capitalize()} composition. Spearman of an attribute's λ and its score towards the "
        f"pole at which it is, over {len(results['points'])} points of the simplex:",
        "",
        f"| α of {', '.join(three)} | " + " | ".join(three) + " |",
        "|---|" + "---|" * len(three),
    ]
    for face in results["faces"]:
        places = ", ".join(f"{value:g}" for value in face["alpha"].values())
        lines.append(f"| {places} | " + " | ".join(shown(face["follow"][name]) for name in three) + " |")
    lines += [
        "",
        "All attributes, four at α = ½ with even λ, the fifth at its poles:",
        "",
        "| attribute | " + " | ".join(f"λ = {lam:g}: low → high" for lam in HEAVY) + " |",
        "|---|" + "---|" * len(HEAVY),
    ]
    for name in dict.fromkeys(row["name"] for row in results["heavy"]):
        cells = []
        for lam in HEAVY:
            ends = [row["score"] for row in results["heavy"] if row["name"] == name and row["lambda"] == lam]
            cells.append(" → ".join(map(shown, ends)))
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def plots(results: Mapping[str, Any], folder: Path) -> list[Path]:
    """Draw a triangle per α and score: a corner is λ = 1 of its attribute, colour is the score."""
    three, faces = results["three"], results["faces"]
    with drawing.figure(len(faces), 3, folder / "simplex.svg", (3.0, 2.7)) as (axes, path):
        for number, axis in enumerate(axes):
            face, name = faces[number // 3], three[number % 3]
            kept = [(p, row[name]["mean"]) for p, row in zip(results["points"], face["scores"], strict=True) if row]
            xy = np.array([drawing.ternary(point) for point, _ in kept])
            shown_ = axis.tripcolor(
                xy[:, 0], xy[:, 1], [value for _, value in kept], shading="gouraud", vmin=0, vmax=1, cmap="viridis"
            )
            shown_.set_rasterized(True)
            axis.plot(xy[:, 0], xy[:, 1], ".", color="white", markersize=3)
            for corner, (x, y) in zip(three, ((0, 0), (1, 0), (0.5, 3**0.5 / 2)), strict=True):
                axis.annotate(corner, (x, y), ha="center", va="top" if y == 0 else "bottom", fontsize=7)
            axis.set_axis_off()
            axis.set_aspect("equal")
            places = ", ".join(f"{value:g}" for value in face["alpha"].values())
            axis.set_title(f"{name} score, α = {places}", fontsize=8)
            axis.figure.colorbar(shown_, ax=axis)
    return [path]
