"""The limits that were found, in each unit, and the safe range that a bank's card keeps of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.evaluation.paper.edges import Edge, compared, middle
from assistant.evaluation.paper.stability import MEASURES, Band
from assistant.evaluation.paper.statistics import Number, Rows, number

UNITS = ("alpha", "c", "displacement")
QUANTILE = 10
"""The limit that is kept holds on all rays but so many in a hundred."""


def told(edges: Sequence[Edge], band: Band, rows: Rows, lengths: Mapping[str, float]) -> dict[str, Any]:
    """Return the limits of the rays and which unit they share.

    Args:
        edges: of the rays.
        band: of the measures.
        rows: resamples of the prompts.
        lengths: of each ray, the displacement at x = 1.

    Returns:
        "rays": per ray its limit as a `Number` in α (of a single attribute), |α − ½|, c and displacement, its bracket
        in |c|, and the visited places; "units": see `compared`; "limits": per unit the `QUANTILE` over the rays.
    """
    found = []
    points: dict[str, list[float]] = {unit: [] for unit in UNITS}
    draws: dict[str, list[NDArray[np.float64]]] = {unit: [] for unit in UNITS}
    for edge in edges:
        ray = edge.ray
        low, high, left = edge.limit(band)
        x, drawn = middle(low, high), edge.draws(band, rows)
        scale = {"alpha": 0.5, "c": ray.strength, "displacement": lengths[ray.key]}
        for unit in UNITS:
            points[unit].append(x * scale[unit])
            draws[unit].append(drawn * scale[unit])

        def spread(by: float, origin: float = 0.0, values: Any = (x, drawn, low, high)) -> Number:
            return _interval(origin, by, *values)

        row: dict[str, Any] = {
            "key": ray.key,
            "kind": ray.kind,
            "strength": ray.strength,
            "signs": dict(ray.signs),
            "open": math.isinf(high),
            "left": left,
            "bracket": [round(low * ray.strength, 4), round(high * ray.strength, 4) if math.isfinite(high) else None],
            "offset": spread(0.5),
            "c": spread(ray.strength),
            "displacement": spread(lengths[ray.key]),
            "visited": [_visit(each.x * ray.strength, each.ratios) for each in sorted(edge.visits, key=lambda v: v.x)],
        }
        if len(ray.signs) == 1:
            sign = next(iter(ray.signs.values()))
            row["alpha"] = spread(sign * 0.5, 0.5)
        found.append(row)
    values = {unit: np.array(points[unit]) for unit in UNITS}
    resampled = {unit: np.array(draws[unit]).T for unit in UNITS}
    return {
        "rays": found,
        "units": compared([edge.ray.kind for edge in edges], values, resampled),
        "limits": {
            unit: number(float(np.percentile(values[unit], QUANTILE)), np.percentile(resampled[unit], QUANTILE, axis=1))
            for unit in UNITS
        },
    }


def _interval(origin: float, by: float, x: float, drawn: NDArray[np.float64], low: float, high: float) -> Number:
    """Return origin + by · x with the interval of the resamples, never narrower than the bracket."""
    found = number(origin + by * x, origin + by * drawn)
    ends = [round(origin + by * each, 4) for each in (low, high) if math.isfinite(each)]
    return {"mean": found["mean"], "low": min(found["low"], *ends), "high": max(found["high"], *ends)}


def _visit(c: float, ratios: Any) -> dict[str, Any]:
    if ratios is None:
        return {"c": c, "broken": True}
    return {"c": c, **{name: round(float(v), 4) for name, v in zip(MEASURES, ratios.values(), strict=True)}}


def safe(
    found: Mapping[str, Any], names: Sequence[str], products: NDArray[np.float64], plan: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what a bank's card keeps; `assistant.style.SafeRange` reads it.

    Args:
        found: what `told` returns.
        names: of the bank's attributes.
        products: G, relative.
        plan: what was run.
    """
    alone = {
        (name, sign): ray for ray in found["rays"] if ray["kind"] == "alone" for name, sign in ray["signs"].items()
    }
    attributes = {}
    for name in names:
        low, high = alone[name, -1]["c"], alone[name, 1]["c"]
        attributes[name] = {
            "low": -low["mean"],
            "high": high["mean"],
            "interval": {"low": [-low["high"], -low["low"]], "high": [high["low"], high["high"]]},
        }
    unit = found["units"]["winner"]
    limit = found["limits"][unit]
    return {
        "unit": unit,
        "limit": limit["mean"],
        "interval": [limit["low"], limit["high"]],
        "attributes": attributes,
        "gram": [[round(float(value), 6) for value in row] for row in products],
        "measured": {key: plan[key] for key in ("prompts", "replies", "max_tokens", "seed", "split")},
    }
