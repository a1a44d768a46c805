"""What one update may do to a profile: step bound, safe ranges, simplex, locks, and λ that follows importance."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from assistant.preference.errors import PreferenceError
from assistant.preference.response import displacement, scales
from assistant.style import Compose, Profile

Array = NDArray[np.float64]

STEP = 0.25
"""Largest change of any α in one update."""
HEED = 0.1
"""Least change that a person asks for by a reason: in α, at the weights before it."""
LAMBDA_STEP = 0.1
"""Largest change of any λ in one update."""
SAFE_C = (-1.4, 1.4)
"""Safe range of c where a bank's card names none."""
SAFE_ALPHA = (-0.25, 1.25)
"""α that the learner may choose; a person may go further."""
QUIET = 0.6
"""Least λ/max λ that the learner gives an attribute: an unimportant one keeps its voice and can be asked about."""


@dataclass(frozen=True, slots=True, eq=False)
class Reach:
    """Safe ranges of c per attribute, and the bounds of a step."""

    attributes: tuple[str, ...]
    low: Array
    """Shape (n,)."""
    high: Array
    step: float = STEP

    @classmethod
    def of(cls, attributes: Sequence[str], safe: Mapping[str, Sequence[float]] | None = None) -> Reach:
        """Return the bounds with the safe ranges of c that a bank's card names, `SAFE_C` for the others.

        Raises:
            PreferenceError: a range is not two finite numbers around 0.
        """
        ranges = []
        for name in attributes:
            values = [float(value) for value in (safe or {}).get(name, SAFE_C)]
            if len(values) != 2 or not (-math.inf < values[0] < 0.0 < values[1] < math.inf):
                raise PreferenceError(f"the safe range of {name} must be two numbers around 0, not {values}")
            ranges.append(values)
        table = np.array(ranges)
        return cls(tuple(attributes), table[:, 0], table[:, 1])

    def box(self, profile: Profile, locks: frozenset[str] = frozenset()) -> tuple[Array, Array]:
        """Return the lowest and highest c, shape (n,) each, to which one update may take a profile.

        A locked attribute stays. One that a person has moved out of the safe range may stay or come back.
        """
        c, scale = displacement(profile, self.attributes), self._scales(profile)
        change = 2.0 * self.step * scale * 0.98  # a little less, so that a change of λ at the same time has room
        low = np.maximum(c - change, np.minimum(self.low, c))
        high = np.minimum(c + change, np.maximum(self.high, c))
        fixed = np.array([name in locks for name in self.attributes]) | (scale <= 0.0)
        return np.where(fixed, c, low), np.where(fixed, c, high)

    def heeding(
        self, profile: Profile, low: Array, high: Array, named: tuple[str, int], now: Profile
    ) -> tuple[Array, Array]:
        """Return what is left of a box, shape (n,) each, when a person has said which way an attribute should go.

        It goes that way by at least `HEED` in α, or as far as the box allows, and no less than it has gone already in
        the profile `now` in use; all others stay.
        """
        c, free = displacement(profile, self.attributes), np.array([name == named[0] for name in self.attributes])
        least, present = c + named[1] * 2.0 * HEED * self._scales(profile), displacement(now, self.attributes)
        low, high = np.where(free, low, c), np.where(free, high, c)
        if named[1] > 0:
            return np.where(free, np.minimum(np.maximum(low, np.maximum(least, present)), high), low), high
        return low, np.where(free, np.maximum(np.minimum(high, np.minimum(least, present)), low), high)

    def moved(
        self,
        profile: Profile,
        c: Array,
        importance: Array,
        locks: frozenset[str] = frozenset(),
        now: Profile | None = None,
    ) -> Profile:
        """Return the profile as near as one update can bring it to displacements c, with λ a step nearer to importance.

        Args:
            profile: the profile from which the step is counted.
            c: where to go, shape (n,); inside `box`, or it is brought there.
            importance: how much each attribute matters, shape (n,), any scale.
            locks: attributes whose α must stay.
            now: the profile in use, if it is another; no α gets further than a step from it either.
        """
        low, high = self.box(profile, locks)
        wanted = np.clip(c, low, high)
        present = profile if now is None else now
        alpha, other = (np.array([each.alpha[name] for name in self.attributes]) for each in (profile, present))
        fixed = np.array([name in locks for name in self.attributes])
        least = np.maximum(np.minimum(SAFE_ALPHA[0], alpha), alpha - self.step)
        most = np.minimum(np.maximum(SAFE_ALPHA[1], alpha), alpha + self.step)
        for part in (1.0, 0.5, 0.25, 0.0):  # as much of the change of λ as leaves every α within its bounds
            moved = replace(profile, lambda_=self._lambdas(profile, wanted, importance, part, locks))
            scale = self._scales(moved)
            with np.errstate(invalid="ignore"):  # 0/0: what has no scale has no c either
                raw = np.where(fixed | (scale <= 0.0), alpha, 0.5 + 0.5 * wanted / scale)
            found = np.clip(np.clip(raw, least, most), other - self.step, other + self.step)
            if (part == 0.0 or np.all((raw >= least) & (raw <= most))) and self._safe(scale * (2 * found - 1), profile):
                return moved.with_alpha(dict(zip(self.attributes, found.tolist(), strict=True)))
        return present

    def _safe(self, c: Array, profile: Profile) -> bool:
        """Return whether c is in the safe ranges, or no further out than `profile` is."""
        was = displacement(profile, self.attributes)
        low, high = np.minimum(self.low, was), np.maximum(self.high, was)
        return bool(np.all((c >= low - 1e-9) & (c <= high + 1e-9)))

    def _scales(self, profile: Profile) -> Array:
        return scales(profile.aligned(self.attributes), self.attributes)

    def _lambdas(
        self, profile: Profile, c: Array, importance: Array, part: float, locks: frozenset[str]
    ) -> dict[str, float]:
        """Return λ that has gone `part` of a bounded way towards what importance and c ask for."""
        lam = np.array([profile.lambda_[name] for name in self.attributes])
        top = importance.max()
        if part == 0.0 or profile.compose is Compose.PAPER or top <= 0.0 or profile.strength <= 0.0 or locks:
            return dict(profile.lambda_)
        heard = QUIET + (1.0 - QUIET) * importance / top
        needed = np.abs(c) / profile.strength  # keeps α between 0 and 1 where the largest weight can do that
        heard = np.minimum(np.maximum(heard, needed), 1.0)
        change = part * (heard / heard.sum() * lam.sum() - lam)
        change *= min(1.0, LAMBDA_STEP / max(float(np.abs(change).max()), 1e-12))
        values = dict(zip(self.attributes, (lam + change).tolist(), strict=True))
        full = {**profile.lambda_, **values}
        total = math.fsum(full.values())
        return {name: value / total for name, value in full.items()}
