"""The experiment "extrapolation": where stability ends beyond the anchors, and what the limit belongs to.

A place is stable while the four measures of `stability.MEASURES` keep to the band of the interpolation region: the
cells of every attribute alone at α from 0 to 1, whose mixtures are the paper's. All places are in centred composition.
The region's edge is searched along rays of three kinds: each attribute alone in both directions; the same at other
strengths, which tells α from c = s(2α − 1); and several attributes at once along random corners, which tells c
from the displacement ‖Σ cᵢ dᵢ‖.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from assistant.anchors.gram import displacement, relative, whole
from assistant.evaluation.paper import drawing, edges, limits
from assistant.evaluation.paper.edges import Edge, Ray, Visit
from assistant.evaluation.paper.experiments import Source
from assistant.evaluation.paper.lab import Lab, Plan
from assistant.evaluation.paper.limits import UNITS
from assistant.evaluation.paper.places import Places
from assistant.evaluation.paper.stability import MEASURES, Band
from assistant.evaluation.paper.statistics import resamples, shown

TITLE = "Where stability ends"
SMALL = Plan(prompts=8)
FULL = Plan(full=True, prompts=24, max_tokens=60)
MAXIMUM = 8.0
"""Greatest |c| that is tried: α = 4½ and −3½ at strength 1."""
TOLERANCE = {False: 0.25, True: 0.125}
"""Width in c to which a limit is bracketed; α is half of it at strength 1."""
STRENGTHS = (0.5, 2.0)
MOVED = (2, 3, 5)
"""Attributes that go together in company."""
CORNERS = {False: 2, True: 6}
"""Random corners of each number of attributes."""


def rays(names: Sequence[str], full: bool, seed: int) -> list[Ray]:
    """Return the rays: alone, at other strengths (of two attributes, or all), and in company."""
    alone = [Ray({name: sign}) for name in names for sign in (-1, 1)]
    other = [Ray(ray.signs, s) for s in STRENGTHS for ray in (alone if full else alone[:4])]
    rng = random.Random(seed)
    company: dict[str, Ray] = {}
    for size in sorted({min(size, len(names)) for size in MOVED} - {1}):
        for _ in range(CORNERS[full]):
            chosen = set(rng.sample(list(names), size))
            ray = Ray({name: rng.choice((-1, 1)) for name in names if name in chosen})
            company[ray.key] = ray
    return [*alone, *other, *company.values()]


def run(lab: Lab, source: Source, options: Mapping[str, Any]) -> dict[str, Any]:
    """Search the edge along every ray.

    Returns:
        The band; per ray the limit in each unit with its interval, its bracket and what was visited; which unit the
        limits share; and under "safe" what a bank's card keeps.
    """
    full = lab.plan.full
    places, tolerance = Places(lab), TOLERANCE[full]
    rows = resamples(len(lab.prompts))
    products = relative(whole(source.bank))
    steps = (-1.0, -0.5, 0.5, 1.0) if full else (-1.0, 1.0)
    chosen = rays(lab.names, full, lab.plan.seed)
    progress = lab.progress(1 + len(chosen))
    region = [places.at({}), *(places.at({name: c}) for name in lab.names for c in steps)]
    band = Band.of([place for place in region if place is not None], rows)
    progress.step("the interpolation region", places.fresh > 0)
    found = []
    for ray in chosen:
        before, edge = places.fresh, Edge(ray)

        def inside(x: float, edge: Edge = edge) -> bool:
            ratios = places.at(edge.ray.c(x))
            edge.visits.append(Visit(x, ratios))
            return ratios is not None and not band.left(ratios.values()).any()

        edges.search(inside, MAXIMUM / ray.strength, tolerance / ray.strength)
        found.append(edge)
        progress.step(ray.key, places.fresh > before)
    lengths = {ray.key: displacement(products, places.k(ray.c(1.0))) for ray in chosen}
    told = limits.told(found, band, rows, lengths)
    return {
        "band": band.as_dict(),
        "region": len(region),
        "maximum": MAXIMUM,
        "tolerance": tolerance,
        "norms": {name: round(displacement(products, places.k({name: 1.0})), 4) for name in lab.names},
        **told,
        "safe": limits.safe(told, lab.names, products, lab.plan.as_dict()),
    }


def table(results: Mapping[str, Any]) -> str:
    """Return the limits, by ray and by unit, as tables."""
    units = results["units"]
    lines = [
        f"Band of the interpolation region ({results['region']} cells): "
        + "; ".join(f"{name} {_range(results['band'][name])}" for name in MEASURES)
        + ".",
        "",
        "| unit | coefficient of variation of the limits |",
        "|---|---|",
        *(f"| {unit} | {shown(units['cv'][unit])} |" for unit in UNITS),
        "",
        f"The limits have most in common as **{units['winner']}** (in {100 * units['share']:.0f}% of the resamples).",
        "",
        "| way | α | c | displacement | left by |",
        "|---|---|---|---|---|",
    ]
    for ray in results["rays"]:
        alpha = shown(ray["alpha"]) if len(ray["signs"]) == 1 else f"½ ± {shown(ray['offset'])}"
        beyond = "within even there" if ray["open"] else ", ".join(ray["left"])
        lines.append(f"| {ray['key']} | {alpha} | {shown(ray['c'])} | {shown(ray['displacement'])} | {beyond} |")
    lines += ["", "Lengths of the directions: " + ", ".join(f"{n} {v:.2f}" for n, v in results["norms"].items()) + "."]
    return "\n".join(lines)


def _range(band: Mapping[str, float | None]) -> str:
    high = band["high"]
    return f"at most {high:.2f}" if band["low"] is None else f"{band['low']:.2f} to {high:.2f}"


def plots(results: Mapping[str, Any], folder: Path) -> list[Path]:
    """Draw the limits in each unit, a point with its interval per ray, by kind of ray."""
    marks = {"alone": ("o", "#1f5fa8"), "strength": ("s", "#c2571a"), "company": ("^", "#2e8b57")}
    with drawing.figure(1, 3, folder / "extrapolation.svg") as (axes, path):
        for axis, unit in zip(axes, UNITS, strict=True):
            for kind, (mark, colour) in marks.items():
                chosen = [(row, ray) for row, ray in enumerate(results["rays"]) if ray["kind"] == kind]
                values = [ray["offset" if unit == "alpha" else unit] for _, ray in chosen]
                middles = np.array([value["mean"] for value in values])
                errors = [
                    [max(0.0, value["mean"] - value["low"]) for value in values],
                    [max(0.0, value["high"] - value["mean"]) for value in values],
                ]
                if len(values):
                    axis.errorbar(
                        middles, [row for row, _ in chosen], xerr=errors, fmt=mark, color=colour, label=kind, ms=4, lw=1
                    )
            axis.set_xlabel({"alpha": "|α − ½|", "c": "|c|", "displacement": "displacement"}[unit])
            axis.set_yticks([])
            axis.set_xlim(left=0)
            cv = results["units"]["cv"][unit]["mean"]
            axis.set_title(f"variation {cv:.2f}" if math.isfinite(cv) else "", fontsize=9)
        axes[0].legend(fontsize=8)
    return [path]
