"""How far a profile may go before replies fall apart: the measured safe range, and the way back to its edge."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.style.composition import Compose, coefficients
from assistant.style.profile import NEUTRAL_ALPHA, Profile

_TOLERANCE = 1e-9
_FAR = 1e50
"""Coefficients beyond this are as far as this: their squares stay finite."""
_DRAWS = 20
"""Times that a voice is drawn nearer at the most: once, unless its coefficients are beyond `_FAR`."""


class Unit(StrEnum):
    """What a limit belongs to."""

    ALPHA = "alpha"
    """The position α of each attribute, whatever its strength and company."""
    C = "c"
    """c = s (λ / max λ)(2α − 1) of each attribute, whatever its company."""
    DISPLACEMENT = "displacement"
    """‖Σ cᵢ dᵢ‖, the Frobenius norm of all attributes' change together."""


@dataclass(frozen=True, slots=True)
class SafeRange:
    """The measured region of stable replies, over the attributes of a bank.

    With c the vector of the attributes' coefficients and H the matrix of the products ⟨dᵢ, dⱼ⟩, the displacement is
    √(cᵀ H c). The means mᵢ of full and paper composition are no part of it: no slider takes them back.
    """

    unit: Unit
    names: tuple[str, ...]
    limit: float
    """Of the displacement; for the other units a summary of what stands per attribute."""
    low: NDArray[np.float64]
    """Lowest safe c of each attribute alone, below 0; α = (1 + c)/2 at strength 1."""
    high: NDArray[np.float64]
    directions: NDArray[np.float64]
    """H, shape (n, n), in units of the mean ‖d‖²; zeros when the unit needs none."""

    @classmethod
    def from_dict(cls, values: Mapping[str, Any], names: Sequence[str]) -> SafeRange:
        """Return the range that a bank's card holds.

        Args:
            values: unit, limit, attributes ({name: {"low", "high"}} in c) and, for displacement, gram: the products
                ⟨Δⱼ, Δₗ⟩ of all anchors, shape (2n, 2n), in units of the mean ‖d‖².
            names: attributes of the bank.

        Raises:
            ValueError: values are missing or not usable.
        """
        try:
            unit, limit = Unit(values["unit"]), float(values["limit"])
            low = np.array([float(values["attributes"][name]["low"]) for name in names])
            high = np.array([float(values["attributes"][name]["high"]) for name in names])
            gram = np.zeros((2 * len(names),) * 2)
            if unit is Unit.DISPLACEMENT:
                gram = np.array(values["gram"], dtype=np.float64).reshape(gram.shape)
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"its safe range is not usable: {error}") from error
        numbers = (np.array([limit]), low, high, gram)
        if not all(np.isfinite(each).all() for each in numbers) or limit <= 0 or (low >= 0).any() or (high <= 0).any():
            raise ValueError("its safe range must be finite and hold the middle")
        return cls(unit, tuple(names), limit, low, high, directions(gram))

    def safe_alpha(self, profile: Profile, name: str) -> tuple[float, float]:
        """Return the lowest and the highest safe α of an attribute, all else as in the profile.

        Both are infinite where the attribute is not heard. Both are the same where the others are beyond the edge
        already: the place from which it is nearest.
        """
        i, (c, slopes) = self.names.index(name), self._moved(profile)
        if self.unit is Unit.ALPHA:
            return (1 + float(self.low[i])) / 2, (1 + float(self.high[i])) / 2
        slope = float(slopes[i])
        low, high = (float(self.low[i]), float(self.high[i])) if self.unit is Unit.C else self._chord(c, i)
        if slope < 1e-12 or math.isinf(low):
            return -math.inf, math.inf
        return (1 + low / slope) / 2, (1 + high / slope) / 2

    def reach(self, profile: Profile) -> float:
        """Return how far the profile is from the middle, in units of the way to the edge: above 1 is beyond it."""
        c, _ = self._moved(profile)
        if self.unit is Unit.DISPLACEMENT:
            return math.sqrt(max(0.0, float(c @ self.directions @ c))) / self.limit
        if self.unit is Unit.ALPHA:
            aligned = profile.aligned(self.names)
            c = np.array([2 * aligned.alpha[name] - 1 for name in self.names])
        return float(np.where(c > 0, c / self.high, c / self.low).max())

    def beyond(self, profile: Profile) -> bool:
        """Return whether the profile is beyond the edge."""
        return self.reach(profile) > 1 + _TOLERANCE

    def pulled_back(self, profile: Profile) -> Profile:
        """Return the profile moved to the edge, or as it is if it is within.

        A limit of the displacement draws every α towards ½ by the same factor, so that the voice keeps its
        character; limits per attribute move only those α that are beyond them.
        """
        if not self.beyond(profile):
            return profile
        profile = profile.aligned(self.names)
        if self.unit is Unit.DISPLACEMENT:
            return self._drawn(profile)
        ranges = {name: self.safe_alpha(profile, name) for name in self.names}
        return profile.with_alpha(
            {name: min(max(profile.alpha[name], low), high) for name, (low, high) in ranges.items()}
        )

    def _drawn(self, profile: Profile) -> Profile:
        """Return the profile with every α drawn towards ½, as far as the edge of the displacement."""
        for _ in range(_DRAWS):
            reach = self.reach(profile)
            if reach <= 1 + _TOLERANCE:
                break
            profile = profile.with_alpha(
                {name: NEUTRAL_ALPHA + (value - NEUTRAL_ALPHA) / reach for name, value in profile.alpha.items()}
            )
        return profile

    def _moved(self, profile: Profile) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return c = k⁺ − k⁻ of every attribute, and by how much it changes per unit of 2α − 1."""
        aligned = profile.aligned(self.names)
        k = coefficients(aligned, self.names).reshape(-1, 2)
        lam = np.array([aligned.lambda_[name] for name in self.names])
        slopes = lam if aligned.compose is Compose.PAPER else aligned.strength * lam / lam.max()
        return np.clip(k[:, 1], -_FAR, _FAR) - np.clip(k[:, 0], -_FAR, _FAR), slopes

    def _chord(self, c: NDArray[np.float64], i: int) -> tuple[float, float]:
        """Return the cᵢ at which cᵀ H c = limit², the others fixed: the roots of a quadratic."""
        rest = c.copy()
        rest[i] = 0.0
        a, b = float(self.directions[i, i]), float(self.directions[i] @ rest)
        if a < 1e-12:
            return -math.inf, math.inf
        inner = b * b - a * (float(rest @ self.directions @ rest) - self.limit**2)
        half = math.sqrt(max(0.0, inner))
        return (-b - half) / a, (-b + half) / a


def directions(gram: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the products ⟨dᵢ, dⱼ⟩ with d = (Δ⁺ − Δ⁻)/2, shape (n, n), from those of the anchors, shape (2n, 2n)."""
    pairs = gram.reshape(len(gram) // 2, 2, len(gram) // 2, 2)
    found: NDArray[np.float64] = (pairs[:, 1, :, 1] - pairs[:, 1, :, 0] - pairs[:, 0, :, 1] + pairs[:, 0, :, 0]) / 4
    return found
