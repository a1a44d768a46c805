"""The adapters of one attribute under training: PEFT's modules, and fp32 masters of both poles' weights."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch

from assistant.anchors.recipe import Recipe
from assistant.anchors.texts import POLES, Pole

_ATTENTION = ["q_proj", "k_proj", "v_proj", "o_proj"]
_BOTH = "both"


class Adapters:
    """One PEFT adapter on the model that takes the weights of either pole in turn.

    The arithmetic is in the model's dtype; the optimiser sees fp32 masters, so that small steps are not lost in bf16.
    """

    def __init__(self, model: Any, recipe: Recipe, slot: int = 0) -> None:
        """Put a fresh adapter on the model.

        Args:
            model: the frozen base.
            recipe: rank, targets, seed, and how A is shared.
            slot: number of the attribute; frozen A of different slots are orthogonal.
        """
        from peft import LoraConfig, get_peft_model

        torch.manual_seed(recipe.seed)
        config = LoraConfig(
            r=recipe.rank,
            lora_alpha=recipe.lora_alpha,
            target_modules="all-linear" if recipe.targets == "all" else _ATTENTION,
            lora_dropout=0.0,
            task_type="CAUSAL_LM",
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # PEFT still asks transformers by a retired name
            self.peft = get_peft_model(model, config, autocast_adapter_dtype=False)
        self._live = {name: value for name, value in self.peft.named_parameters() if value.requires_grad}
        self._shared = recipe.a != "own"
        self.masters: dict[str, torch.Tensor] = {}
        """What the optimiser changes, by "pole:name" or "both:name"."""
        self._frozen: dict[str, torch.Tensor] = {}
        for name, value in self._live.items():
            if ".lora_A." in name and recipe.a == "frozen":
                self._frozen[name] = orthonormal_rows(name, value.shape[1], recipe.rank, slot)
                value.requires_grad_(False)
                continue
            for pole in POLES:
                self.masters.setdefault(self._key(name, pole), value.detach().float().clone())

    def _key(self, name: str, pole: Pole) -> str:
        return f"{_BOTH if self._shared and '.lora_A.' in name else pole}:{name}"

    @torch.no_grad()
    def wear(self, pole: Pole) -> None:
        """Copy a pole's masters into the model."""
        for name, value in self._live.items():
            value.copy_(self._frozen[name] if name in self._frozen else self.masters[self._key(name, pole)])

    def collect(self, pole: Pole) -> None:
        """Add the gradients of the last backward pass, made wearing `pole`, to the masters'."""
        for name, value in self._live.items():
            if value.grad is not None:
                master = self.masters[self._key(name, pole)]
                grad = value.grad.float()
                master.grad = grad if master.grad is None else master.grad + grad
                value.grad = None

    def factors(
        self, weights: Mapping[str, torch.Tensor], pole: Pole, scale: float
    ) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
        """Return {module: (A, scaled B)} of a pole, from saved masters.

        PEFT's parameters are named base_model.model.MODULE.lora_A.default.weight.
        """
        found = {}
        for name in self._live:
            head, mark, tail = name.partition(".lora_B.")
            if mark:
                other = f"{head}.lora_A.{tail}"
                a = self._frozen[other] if other in self._frozen else weights[self._key(other, pole)]
                found[head.removeprefix("base_model.model.")] = (a, weights[self._key(name, pole)] * scale)
        return found


def orthonormal_rows(name: str, width: int, rank: int, slot: int) -> torch.Tensor:
    """Return A of shape (rank, width) with orthonormal rows, orthogonal to those of every other slot of this module.

    Rows slot · rank … of one random orthogonal matrix per module: LoRI's frozen projections (arXiv 2504.07448), but
    exactly orthogonal. Slots begin anew when the width is used up.
    """
    seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "little")
    random = torch.randn(width, width, generator=torch.Generator().manual_seed(seed))
    q: torch.Tensor = torch.linalg.qr(random)[0]
    start = slot % (width // rank) * rank
    return q.T[start : start + rank].contiguous()


@contextmanager
def short_text_attention(model: Any) -> Iterator[None]:
    """Use plain matrix products for attention on the CPU meanwhile: on texts this short they are the fastest kernel."""
    before = model.config._attn_implementation
    if model.device.type == "cpu":
        model.set_attn_implementation("eager")
    try:
        yield
    finally:
        model.set_attn_implementation(before)
