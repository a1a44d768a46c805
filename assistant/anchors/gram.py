"""Inner products of the anchors' updates, from their factors alone: no update is ever formed."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from assistant.anchors.bank import Bank, Factors

Array = NDArray[np.float64]


def gram(factors: Factors) -> Array:
    """Return the Frobenius inner products of all anchors' updates in one layer, shape (2n, 2n).

    ⟨BᵢAᵢ, BⱼAⱼ⟩ = tr(AᵢᵀBᵢᵀBⱼAⱼ) is the sum of the elements of (BᵢᵀBⱼ) ∘ (AᵢAⱼᵀ), both r × r.
    """
    count, rank, _ = factors.a.shape
    a = factors.a.double().flatten(0, 1)
    b = factors.b.double().transpose(1, 2).flatten(0, 1)
    both = (a @ a.T) * (b @ b.T)
    return np.asarray(both.view(count, rank, count, rank).sum((1, 3)).cpu().numpy())


def whole(bank: Bank) -> Array:
    """Return the inner products summed over all layers, G of shape (2n, 2n), so that ‖Σ kⱼ Δⱼ‖² = kᵀ G k."""
    return np.asarray(sum(gram(factors) for factors in bank.factors.values()))


def relative(products: Array) -> Array:
    """Return G in units of the mean squared length of the directions d = (Δ⁺ − Δ⁻)/2."""
    d = directions(len(products) // 2)
    return products / float(np.diag(d @ products @ d.T).mean())


def displacement(products: Array, k: Array) -> float:
    """Return √(kᵀ G k)."""
    return float(np.sqrt(max(0.0, float(k @ products @ k))))


def directions(attributes: int) -> Array:
    """Return the matrix, shape (n, 2n), that takes anchors (low, high, low, …) to d = (Δ⁺ − Δ⁻)/2."""
    return np.kron(np.eye(attributes), np.array([[-0.5, 0.5]]))


def means(attributes: int) -> Array:
    """Return the matrix, shape (n, 2n), that takes anchors (low, high, low, …) to m = (Δ⁺ + Δ⁻)/2."""
    return np.kron(np.eye(attributes), np.array([[0.5, 0.5]]))


def cosines(products: Array) -> Array:
    """Return the cosines that belong to inner products, shape (…, n, n); 0 beside an update that is 0."""
    norms = np.sqrt(np.maximum(np.diagonal(products, axis1=-2, axis2=-1), 0.0))
    scale = norms[..., :, None] * norms[..., None, :]
    return np.asarray(np.divide(products, scale, out=np.zeros_like(products), where=scale > 0.0))


def scattered(factors: Factors, generator: torch.Generator, together: int = 2) -> Factors:
    """Return updates of the same norms and singular values whose rows and columns lie elsewhere.

    Each group's inputs and outputs are permuted and their signs drawn anew: a rotation that has nothing to do with the
    other groups'. Within a group all inner products stay.

    Args:
        factors: of one layer.
        generator: decides.
        together: neighbouring anchors that are moved alike: 2 for the poles of an attribute, 1 for each by itself.
    """
    a, b = factors.a.clone(), factors.b.clone()
    for first in range(0, a.shape[0], together):
        group = slice(first, first + together)
        for tensor, axis in ((a, 2), (b, 1)):
            size = tensor.shape[axis]
            order = torch.randperm(size, generator=generator)
            signs = torch.randint(0, 2, (size,), generator=generator).to(tensor.dtype) * 2 - 1
            shape = (1, 1, size) if axis == 2 else (1, size, 1)
            tensor[group] = tensor[group].index_select(axis, order) * signs.view(shape)
    return Factors(a, b)
