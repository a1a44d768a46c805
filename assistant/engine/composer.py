"""Composing a bank into a model's weights: W = W0 + Σⱼ kⱼ bⱼ aⱼ, from a snapshot of W0."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from assistant.anchors.bank import Bank
from assistant.engine.stacked import Scratch, changed, stack
from assistant.style import Profile, coefficients

INCREMENTS = 32
"""Changes of single attributes on top of each other before the weights are composed from the snapshot again."""


def never() -> bool:
    """Nobody cancels."""
    return False


class Composer:
    """Owns the target weights of one model: nobody else may write them.

    It mutates the model in place, and allocates nothing after the start. W0 is copied once. A full composition is one
    product per layer, W = W0 + (B_all · diag k) A_all. Where a minority of the attributes changed, and the weights are
    fp32, only their difference is added, W ← W + (B · diag Δk) A. Each such step rounds once, so the weights differ
    from the full composition by at most `bound` times the largest magnitude that a weight had on the way;
    after `INCREMENTS` steps they are composed in full and differ by nothing.
    """

    def __init__(self, model: Any, bank: Bank) -> None:
        """Take the snapshot.

        Raises:
            BankError: the bank belongs to a model of other layers or shapes.
        """
        self._names = bank.card.names
        self._bank_key = bank.key
        stacked = stack(bank, model)
        weights = [model.get_submodule(name).weight.data for name in stacked]
        self._modules = [
            (weight, weight.clone(), factors) for weight, factors in zip(weights, stacked.values(), strict=True)
        ]
        self._scratch = Scratch(
            max(factors.b.numel() for factors in stacked.values()), weights[0].dtype, weights[0].device
        )
        self._incremental = all(weight.dtype == torch.float32 for weight in weights)
        self._current: NDArray[np.float64] | None = np.zeros(2 * len(self._names))
        self.increments = 0
        """Steps since the last composition in full."""

    @property
    def key(self) -> tuple[str, object]:
        """Identifies the weights now in the model: cached keys and values are good for this key alone."""
        return self._bank_key, object() if self._current is None else self._current.tobytes()

    @property
    def extra_bytes(self) -> int:
        """Memory above the base model's own: the snapshot, the factors and the scratch."""
        return self._scratch.bytes + sum(int(w0.nbytes) + factors.bytes for _, w0, factors in self._modules)

    @property
    def bound(self) -> float:
        """Bound of the difference from a full composition, in units of the largest weight that there was."""
        return 4 * (self.increments + 1) * torch.finfo(torch.float32).eps

    def compose(self, profile: Profile, cancelled: Callable[[], bool] = never) -> bool:
        """Compose `profile` into the model; return whether the weights changed. See `set`."""
        return self.set(coefficients(profile, self._names), cancelled)

    def set(self, k: NDArray[np.float64], cancelled: Callable[[], bool] = never) -> bool:
        """Compose with the coefficients k of shape (2n,); return whether the weights changed.

        Args:
            k: the coefficients.
            cancelled: asked before each layer; once true, the weights are left unfinished, good for nothing but
                another composition, and `key` equals no other.
        """
        if self._current is not None and np.array_equal(k, self._current):
            return False
        if self._current is None or not k.any():
            return self._full(k, cancelled)
        moved = changed(self._current, k)
        few = 2 * len(moved) <= len(self._names)
        if self._incremental and few and self.increments < INCREMENTS:
            return self._step(k, self._current, moved, cancelled)
        return self._full(k, cancelled)

    def fold(self, cancelled: Callable[[], bool] = never) -> bool:
        """Return whether the weights are composed: nothing is ever left for an idle moment."""
        return self._current is not None

    @torch.no_grad()
    def _full(self, k: NDArray[np.float64], cancelled: Callable[[], bool]) -> bool:
        self._current = None
        scales = self._scales(k)
        for weight, snapshot, factors in self._modules:
            if cancelled():
                return True
            if k.any():
                torch.addmm(snapshot, factors.scaled(scales, self._scratch), factors.a, out=weight)
            else:
                weight.copy_(snapshot)
        self._current, self.increments = k.copy(), 0
        return True

    @torch.no_grad()
    def _step(
        self, k: NDArray[np.float64], old: NDArray[np.float64], moved: list[int], cancelled: Callable[[], bool]
    ) -> bool:
        self._current = None
        scales = self._scales(k - old)
        for weight, _, factors in self._modules:
            if cancelled():
                return True
            for j in moved:
                weight.addmm_(factors.scaled(scales, self._scratch, j, j + 1), factors.rows(j, j + 1))
        self._current = k.copy()
        self.increments += len(moved)
        return True

    def _scales(self, k: NDArray[np.float64]) -> torch.Tensor:
        weight = self._modules[0][0]
        return torch.as_tensor(k, device=weight.device).to(weight.dtype)
