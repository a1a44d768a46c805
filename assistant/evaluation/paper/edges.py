"""Where a way out of the middle leaves the stable region, by doubling and bisection; and what limits share."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.evaluation.paper.stability import Band, Ratios, named
from assistant.evaluation.paper.statistics import Number, Rows, number

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ray:
    """A straight way from the middle: at x, every attribute of it has 2α − 1 = ±x, and c = ±s·x."""

    signs: Mapping[str, int]
    """Attributes that move, with their direction."""
    strength: float = 1.0

    @property
    def kind(self) -> str:
        """Which comparison the ray serves: "alone", "strength" or "company"."""
        return "company" if len(self.signs) > 1 else "alone" if self.strength == 1 else "strength"

    @property
    def key(self) -> str:
        """Name the ray."""
        moved = " ".join(f"{name}{'+' if sign > 0 else '−'}" for name, sign in self.signs.items())
        return moved if self.strength == 1 else f"{moved} at strength {self.strength:g}"

    def c(self, x: float) -> dict[str, float]:
        """Return c of the attributes that move."""
        return {name: sign * self.strength * x for name, sign in self.signs.items()}


@dataclass(frozen=True, slots=True)
class Visit:
    """A place on a ray."""

    x: float
    ratios: Ratios | None
    """None where the model breaks."""


@dataclass(slots=True)
class Edge:
    """What the search along a ray visited."""

    ray: Ray
    visits: list[Visit] = field(default_factory=list)

    def limit(self, band: Band) -> tuple[float, float, list[str]]:
        """Return the last place within and the first without, going outward, and by which measures.

        The second is infinite where the search ended within, and the measures are ["broken"] where the model breaks.
        """
        last = 0.0
        for visit in self._outward():
            left = ["broken"] if visit.ratios is None else named(band.left(visit.ratios.values()))
            if left:
                return last, visit.x, left
            last = visit.x
        return last, math.inf, []

    def draws(self, band: Band, rows: Rows) -> Array:
        """Return the limit of each resample of the prompts, shape (draws,): the criterion anew at every place."""
        visits = self._outward()
        places = np.array([0.0, *(visit.x for visit in visits)])
        out = np.array(
            [
                np.ones(len(rows), dtype=bool) if each.ratios is None else band.left(each.ratios.values(rows)).any(1)
                for each in visits
            ]
        )
        first = np.where(out.any(0), out.argmax(0), len(visits))
        middles = np.array([*((places[:-1] + places[1:]) / 2), places[-1]])
        found: Array = middles[first]
        return found

    def _outward(self) -> list[Visit]:
        return sorted(self.visits, key=lambda visit: visit.x)


def middle(low: float, high: float) -> float:
    """Return the limit that is told of a bracket: its middle, or its beginning where it has no end."""
    return (low + high) / 2 if math.isfinite(high) else low


def search(inside: Callable[[float], bool], maximum: float, tolerance: float) -> tuple[float, float]:
    """Return the last place found within and the first without, at most `tolerance` apart.

    From 1 outward the way is doubled until a place is without, then the bracket is halved.

    Args:
        inside: whether a place is; 0 counts as within.
        maximum: the search goes no further.
        tolerance: of the bracket.

    Returns:
        The bracket; its end is infinite where even the maximum is within.
    """
    low, high = 0.0, min(1.0, maximum)
    while inside(high):
        if high >= maximum:
            return high, math.inf
        low, high = high, min(2 * high, maximum)
    while high - low > tolerance + 1e-9:
        half = (low + high) / 2
        low, high = (half, high) if inside(half) else (low, half)
    return low, high


def compared(kinds: Sequence[str], limits: Mapping[str, Array], draws: Mapping[str, Array]) -> dict[str, Any]:
    """Return in which unit the limits are most alike: the one of the smallest coefficient of variation.

    Each kind of ray weighs the same, however many there are of it; the coefficient is the standard deviation over
    the mean.

    Args:
        kinds: of the rays.
        limits: by unit, shape (rays,).
        draws: by unit, shape (draws, rays): of the same resamples of the prompts in all of them.

    Returns:
        "cv": per unit a `Number`; "winner": the unit; "share": of the resamples in which it wins.
    """
    weights = np.array([1 / (len(set(kinds)) * kinds.count(kind)) for kind in kinds])

    def variation(values: Array) -> Array:
        mean = values @ weights
        found: Array = np.sqrt(((values - mean[..., None]) ** 2) @ weights) / mean
        return found

    spread = {unit: variation(values) for unit, values in draws.items()}
    cv: dict[str, Number] = {unit: number(float(variation(limits[unit])), spread[unit]) for unit in limits}
    units = list(limits)
    winner = min(units, key=lambda unit: float(variation(limits[unit])))
    best = np.array([spread[unit] for unit in units]).argmin(0)
    return {"cv": cv, "winner": winner, "share": round(float((best == units.index(winner)).mean()), 3)}
