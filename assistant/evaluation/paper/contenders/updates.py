"""Low-rank updates of a model's layers, and copies of the base that wear them."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from typing import Any

import torch

from assistant.anchors.bank import Bank
from assistant.engine import llama
from assistant.engine.forward import Forward, TransformersForward

Update = Mapping[str, tuple[torch.Tensor, torch.Tensor]]
"""A of (rank, in) and B of (out, rank) per layer: ΔW = B A."""


def forward_of(model: Any) -> Forward:
    """Return what computes a model fastest, without changing its weights."""
    return llama.LlamaForward(model) if llama.understood(model) else TransformersForward(model)


class Copy:
    """A copy of the base with W0 + s B A in the layers of an update; the base must be plain when it is put on."""

    def __init__(self, plain: Any) -> None:
        """Copy a model of the base's weights."""
        self._plain, self.model = plain, copy.deepcopy(plain)
        self.forward = forward_of(self.model)

    @torch.no_grad()
    def wear(self, update: Update, strength: float = 1.0) -> None:
        """Put on an update of the same layers as those before it."""
        for name, (a, b) in update.items():
            source, target = self._plain.get_submodule(name).weight, self.model.get_submodule(name).weight
            scaled = (strength * b.float()).to(source)
            torch.addmm(source.data, scaled, a.to(source), out=target.data)


def frobenius(a: torch.Tensor, b: torch.Tensor) -> float:
    """Return ‖B A‖, as the root of the trace of (Bᵀ B)(A Aᵀ)."""
    a, b = a.double(), b.double()
    return math.sqrt(max(0.0, float(((b.T @ b) * (a @ a.T)).sum())))


def anchor(bank: Bank, number: int) -> Update:
    """Return Δⱼ."""
    return {name: (factor.a[number], factor.b[number]) for name, factor in bank.factors.items()}


def direction(bank: Bank, attribute: int) -> Update:
    """Return (Δ⁺ − Δ⁻) / 2 of an attribute; of the anchors' rank where its poles share their A, else twice that."""
    found = {}
    for name, factor in bank.factors.items():
        low, high = 2 * attribute, 2 * attribute + 1
        b_low, b_high = factor.b[low].float(), factor.b[high].float()
        if torch.equal(factor.a[low], factor.a[high]):
            found[name] = (factor.a[low].float(), (b_high - b_low) / 2)
        else:
            found[name] = (factor.a[[low, high]].float().flatten(0, 1), torch.cat([-b_low, b_high], 1) / 2)
    return found


def random_direction(like: Update, seed: int) -> Update:
    """Return an update with normal random factors that has the rank and the Frobenius norm of `like` in each layer."""
    generator = torch.Generator().manual_seed(seed)
    found = {}
    for name, (a, b) in like.items():
        new_a = torch.randn(a.shape, generator=generator)
        new_b = torch.randn(b.shape, generator=generator)
        found[name] = (new_a, new_b * (frobenius(a, b) / frobenius(new_a, new_b)))
    return found


def linear_mix(bank: Bank, weights: Mapping[int, float]) -> Update:
    """Return what PEFT's add_weighted_adapter makes of anchors with combination_type="linear".

    A = Σⱼ sgn(wⱼ) √|wⱼ| Aⱼ and B = Σⱼ √|wⱼ| Bⱼ: the factors are added up, not the updates, so that B A has cross terms
    of every two anchors. The scaling is folded into our B, so PEFT's own is 1.

    Args:
        bank: its anchors.
        weights: w per anchor.
    """
    found = {}
    for name, factor in bank.factors.items():
        a, b = torch.zeros_like(factor.a[0], dtype=torch.float32), torch.zeros_like(factor.b[0], dtype=torch.float32)
        for number, weight in weights.items():
            root = math.sqrt(abs(weight))
            a += math.copysign(root, weight) * factor.a[number].float()
            b += root * factor.b[number].float()
        found[name] = (a, b)
    return found
