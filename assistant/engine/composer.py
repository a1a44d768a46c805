"""Composing a bank into a model's weights: W = W0 + Σⱼ kⱼ bⱼ aⱼ, always from a snapshot of W0."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from assistant.anchors.bank import Bank
from assistant.anchors.card import BankError
from assistant.style import Profile, coefficients


class Composer:
    """Owns the target weights of one model: nobody else may write them.

    It mutates the model in place. W0 is copied once at the start and every composition begins from that copy, so that
    no number of compositions drifts. The stacked factors make a composition one product per module,
    W = W0 + (B_all · diag(k)) A_all, with k each anchor's coefficient repeated over its rank. Where the poles of an
    attribute share their A, their B are added up first, and the product has half the rank.
    """

    def __init__(self, model: Any, bank: Bank) -> None:
        """Take the snapshot.

        Raises:
            BankError: the bank belongs to a model of other layers or shapes.
        """
        self._names = bank.card.names
        self._bank_key = bank.key
        self._shared = all(factor.shared for factor in bank.factors.values())
        self._modules: list[tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]] = []
        for name, factor in bank.factors.items():
            try:
                weight = model.get_submodule(name).weight.data
            except AttributeError:
                raise BankError(f"the bank is for another model: this one has no layer {name}") from None
            a = (factor.a[::2] if self._shared else factor.a).flatten(0, 1)
            b = factor.b.transpose(0, 1)
            if weight.shape != (b.shape[0], a.shape[1]):
                raise BankError(f"the bank is for another model: {name} has shape {tuple(weight.shape)} here")
            to = {"device": weight.device, "dtype": weight.dtype}
            self._modules.append((weight, weight.clone(), b.contiguous().to(**to), a.contiguous().to(**to)))
        self._current = np.zeros(2 * len(self._names))

    @property
    def key(self) -> tuple[str, bytes]:
        """Identifies the weights now in the model: cached keys and values are good for this key alone."""
        return self._bank_key, self._current.tobytes()

    def compose(self, profile: Profile) -> bool:
        """Compose `profile` into the model; return whether the weights changed."""
        return self.set(coefficients(profile, self._names))

    @torch.no_grad()
    def set(self, k: NDArray[np.float64]) -> bool:
        """Compose with the coefficients k of shape (2n,); return whether the weights changed."""
        if np.array_equal(k, self._current):
            return False
        self._current = np.full_like(k, np.nan)  # an interrupted pass leaves no key that could pass for a good one
        for weight, snapshot, b, a in self._modules:
            if not k.any():
                weight.copy_(snapshot)
                continue
            scale = torch.as_tensor(k, device=weight.device).to(weight.dtype)
            scaled = b * scale[:, None]
            if self._shared:
                scaled = scaled[:, ::2] + scaled[:, 1::2]
            torch.addmm(snapshot, scaled.flatten(1), a, out=weight)
        self._current = k.copy()
        return True
