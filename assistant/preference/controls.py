"""Controls in score units: which c gives the asked scores, by the measured response; and orthogonal directions."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from assistant.preference.errors import PreferenceError
from assistant.preference.reach import SAFE_C
from assistant.preference.response import Array, logistic, logit, score_array

RIDGE = 0.02
"""ρ of the inverse, in squared logits per unit of c: keeps c short where the scores hardly answer."""


@dataclass(frozen=True, slots=True, eq=False)
class Controls:
    """Maps scores to displacements c and back: logit s = logit s₀ + J c.

    J is in logits per unit of c, not in score units: a score bends near 0 and 1, its logit is nearly linear in c
    (docs/architecture.md).
    """

    attributes: tuple[str, ...]
    jacobian: Array
    """J, shape (n, n): [j, i] is what c of attribute i does to the logit of score j."""
    base: Array
    """s₀, the scores of the base model's own replies (c = 0), shape (n,)."""
    low: Array
    """Least c, shape (n,)."""
    high: Array
    ridge: float = RIDGE

    @classmethod
    def of(
        cls,
        attributes: Sequence[str],
        jacobian: Array,
        base: Array,
        safe: Mapping[str, Sequence[float]] | None = None,
        ridge: float = RIDGE,
    ) -> Controls:
        """Return controls within the safe ranges of c, `SAFE_C` where none is named.

        Raises:
            PreferenceError: a shape is wrong or a value not finite.
        """
        n = len(attributes)
        ranges = np.array([(safe or {}).get(name, SAFE_C) for name in attributes], dtype=np.float64)
        if jacobian.shape != (n, n) or base.shape != (n,) or ranges.shape != (n, 2):
            raise PreferenceError(f"controls of {n} attributes need a matrix of {n} by {n} and {n} scores")
        if not (np.isfinite(jacobian).all() and np.isfinite(base).all() and ridge >= 0.0):
            raise PreferenceError("controls need finite numbers: measure them again")
        return cls(tuple(attributes), jacobian, base, ranges[:, 0], ranges[:, 1], ridge)

    @classmethod
    def from_card(
        cls, attributes: Sequence[str], card: Mapping[str, Any], safe: Mapping[str, Sequence[float]] | None = None
    ) -> Controls:
        """Return the controls that a bank's card holds; the inverse of `as_dict`.

        Raises:
            PreferenceError: they are damaged.
        """
        try:
            matrix = [[float(card["jacobian"][read][moved]) for moved in attributes] for read in attributes]
            ridge, base = float(card.get("ridge", RIDGE)), score_array(card["base"], attributes)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise PreferenceError(f"the controls in the bank's card are damaged ({error}): measure again") from error
        return cls.of(attributes, np.array(matrix), base, safe, ridge)

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, as a card keeps them."""
        return {
            "jacobian": {
                read: {moved: round(float(self.jacobian[j, i]), 4) for i, moved in enumerate(self.attributes)}
                for j, read in enumerate(self.attributes)
            },
            "base": {name: round(float(value), 4) for name, value in zip(self.attributes, self.base, strict=True)},
            "ridge": self.ridge,
        }

    def scores(self, c: Array) -> Array:
        """Return the expected mean scores at displacements c, shape (…, n) both."""
        return logistic(logit(self.base) + c @ self.jacobian.T)

    def c(self, asked: Array) -> Array:
        """Return the displacements for asked scores, shape (…, n) both, clipped to the allowed ones.

        c = (JᵀJ + ρI)⁻¹ Jᵀ (logit s* − logit s₀): ridge regression, or damped least squares as in inverse kinematics
        (Wampler, 1986).
        """
        return np.asarray(np.clip(self._unclipped(asked), self.low, self.high))

    def _unclipped(self, asked: Array) -> Array:
        square = self.jacobian.T @ self.jacobian + self.ridge * np.eye(len(self.base))
        wanted = logit(asked) - logit(self.base)
        return np.asarray(np.linalg.solve(square, self.jacobian.T @ wanted.T).T)

    def slider(self, asked: Array) -> Array:
        """Return the displacements of each attribute's own slider alone, cross-talk ignored, clipped; shape (…, n)."""
        own = np.diag(self.jacobian)
        wanted = logit(asked) - logit(self.base)
        with np.errstate(divide="ignore", invalid="ignore"):
            found = np.where(own != 0.0, wanted / own, 0.0)
        return np.asarray(np.clip(found, self.low, self.high))

    def reach(self, name: str) -> tuple[float, float]:
        """Return the least and greatest score that can be asked of one attribute, the others at s₀, without clipping.

        Where c comes to an end first, the range ends; a slider in score units would end there.
        """
        at = self.attributes.index(name)
        square = self.jacobian.T @ self.jacobian + self.ridge * np.eye(len(self.base))
        per_logit = np.linalg.solve(square, self.jacobian[at])
        ends = []
        for sign in (-1.0, 1.0):
            pull = sign * per_logit
            bounds = np.where(pull > 0.0, self.high, self.low)
            with np.errstate(over="ignore"):
                far = np.where(pull != 0.0, bounds / np.where(pull != 0.0, pull, 1.0), math.inf)
            ends.append(float(logistic(logit(self.base[at]) + sign * min(far.min(), 50.0))))
        return ends[0], ends[1]


def lowdin(products: Array) -> Array:
    """Return T, shape (n, n), with D T orthogonal and its columns of equal norm, spanning what D spans.

    D T = g · D (DᵀD)^(−1/2): of all orthonormal sets the one nearest to D (Löwdin, 1950), scaled by the geometric mean
    g of D's norms.

    Args:
        products: DᵀD, the inner products of the directions.

    Raises:
        PreferenceError: the directions are linearly dependent.
    """
    values, vectors = np.linalg.eigh(products)
    if values[0] <= 1e-10 * values[-1]:
        raise PreferenceError("the directions are linearly dependent and cannot be made orthogonal")
    scale = math.exp(0.5 * float(np.log(np.diag(products)).mean()))
    return np.asarray(scale * (vectors / np.sqrt(values)) @ vectors.T)
