"""Products of anchors as wholes, from their factors: nothing of the weights' own size is made."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from assistant.anchors.bank import Bank
from assistant.style.safe import directions


@torch.inference_mode()
def gram(bank: Bank) -> NDArray[np.float64]:
    """Return G of shape (2n, 2n) with G[j, l] = Σ over modules of ⟨Δⱼ, Δₗ⟩, the Frobenius product.

    With Δ = B A, ⟨Δⱼ, Δₗ⟩ = tr(Aⱼᵀ Bⱼᵀ Bₗ Aₗ) = Σ (Bⱼᵀ Bₗ) ∘ (Aⱼ Aₗᵀ), so that ‖Σ kⱼ Δⱼ‖² = kᵀ G k.
    """
    count = 2 * len(bank.card.attributes)
    total = torch.zeros(count, count, dtype=torch.float64)
    for factor in bank.factors.values():
        rank = factor.a.shape[1]
        a = factor.a.double().flatten(0, 1)  # (2n·r, in)
        b = factor.b.double().transpose(1, 2).flatten(0, 1)  # (2n·r, out)
        products = (a @ a.T) * (b @ b.T)
        total += products.view(count, rank, count, rank).sum((1, 3))
    found: NDArray[np.float64] = total.numpy()
    return found


def relative(products: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return G in units of the mean squared length of the directions d = (Δ⁺ − Δ⁻)/2."""
    return products / float(np.diag(directions(products)).mean())


def displacement(products: NDArray[np.float64], k: NDArray[np.float64]) -> float:
    """Return √(kᵀ G k)."""
    return float(np.sqrt(max(0.0, float(k @ products @ k))))
