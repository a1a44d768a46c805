"""The bank's factors: packing trained anchors, and reading them back stacked for composition."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from assistant.anchors.card import WEIGHTS_FILE, BankError, Card, read_card, sha256
from assistant.anchors.foreign import pickled, refusal
from assistant.style import Attribute

_KINDS = ("F64", "F32", "F16", "BF16")
"""Types of numbers that factors may have."""
_PACKING = ".packing-"


@dataclass(frozen=True, slots=True)
class Factors:
    """Low-rank factors of one linear layer for all anchors: Δⱼ = b[j] @ a[j]."""

    a: torch.Tensor
    """Shape (2n, r, in)."""
    b: torch.Tensor
    """Shape (2n, out, r); the scaling lora_alpha / r is folded in."""

    @property
    def shared(self) -> bool:
        """Whether the two poles of every attribute have the same A, so that a composition needs half the rank."""
        return torch.equal(self.a[::2], self.a[1::2])


@dataclass(frozen=True, slots=True)
class Bank:
    """All anchors for one base model, with their card."""

    card: Card
    factors: Mapping[str, Factors]
    """Factors per module name."""

    @property
    def key(self) -> str:
        """Identifies the anchors' weights: part of the key of cached keys and values."""
        return self.card.weights_sha256


def load_bank(folder: Path) -> Bank:
    """Load and verify the bank in `folder`.

    Raises:
        BankError: files are missing, damaged or do not belong together.
    """
    card = read_card(folder)
    path = folder / WEIGHTS_FILE
    try:
        if sha256(path) != card.weights_sha256:
            raise BankError(f"{path} does not match its card: the file is damaged or from another bank; restore it")
        if pickled(path) is not None:
            raise BankError(refusal(path))
        tensors = _tensors(path, card)
    except (OSError, SafetensorError, ValueError, RuntimeError, MemoryError) as error:
        raise BankError(f"{path} cannot be read ({error}): restore it or train again") from error
    count = 2 * len(card.attributes)
    factors = {}
    for name in card.target_modules:
        a, b = tensors[f"{name}.A"], tensors[f"{name}.B"]
        if a.shape[0] == count // 2:  # one A for both poles
            a = a.repeat_interleave(2, 0)
        if a.shape[:2] != (count, card.rank) or (b.shape[0], b.shape[2]) != (count, card.rank):
            raise BankError(f"{path}: the factors of {name} have shapes {tuple(a.shape)} and {tuple(b.shape)}")
        factors[name] = Factors(a, b)
    return Bank(card, factors)


def _tensors(path: Path, card: Card) -> dict[str, torch.Tensor]:
    """Return the factors that a card names, after a look at what the file says of them.

    Raises:
        BankError: there are others, or some are no factors.
    """
    names = [f"{name}.{factor}" for name in card.target_modules for factor in "AB"]
    if not names:
        raise BankError(f"{path}: its card names no layers: restore the bank or train again")
    with safe_open(path, framework="pt") as opened:
        found = set(opened.keys())
        if len(found) != len(names) or not found.issuperset(names):
            lacking = next((name for name in names if name not in found), None)
            wrong = f"lacks the factors {lacking!r}" if lacking else f"holds {len(found)} tensors, not the {len(names)}"
            raise BankError(f"{path} {wrong} that its card names")
        for name in names:
            kind, shape = opened.get_slice(name).get_dtype(), opened.get_slice(name).get_shape()
            if kind not in _KINDS or len(shape) != 3:
                raise BankError(f"{path}: {name} is no factor, but {kind} of shape {tuple(shape)}")
        return {name: opened.get_tensor(name) for name in names}


def save_bank(
    folder: Path,
    *,
    model: str,
    attributes: Sequence[Attribute],
    factors: Mapping[str, Factors],
    training: dict[str, Any],
) -> Card:
    """Write a bank into `folder`, replacing the one that is there only once the new one is complete.

    The factors are stored in bf16; an A that two poles share is stored once.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for stale in folder.glob(f"{_PACKING}*"):  # left by a packing that was killed
        shutil.rmtree(stale)
    staging = Path(tempfile.mkdtemp(prefix=_PACKING, dir=folder))
    try:
        tensors = {}
        for name, factor in factors.items():
            a = factor.a[::2] if factor.shared else factor.a
            tensors[f"{name}.A"] = a.to(torch.bfloat16).contiguous()
            tensors[f"{name}.B"] = factor.b.to(torch.bfloat16).contiguous()
        save_file(tensors, staging / WEIGHTS_FILE)
        card = Card(
            model=model,
            attributes=tuple(attributes),
            rank=next(iter(factors.values())).a.shape[1],
            target_modules=tuple(factors),
            weights_sha256=sha256(staging / WEIGHTS_FILE),
            training=training,
        )
        card.write(staging)
        for path in staging.iterdir():  # the card last: it names the hash of the weights
            if path.name == WEIGHTS_FILE:
                os.replace(path, folder / path.name)
        for path in staging.iterdir():
            os.replace(path, folder / path.name)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return card


def stack(anchors: Sequence[Mapping[str, tuple[torch.Tensor, torch.Tensor]]]) -> dict[str, Factors]:
    """Stack anchors, ordered (low, high) per attribute, given as {module: (A of (r, in), scaled B of (out, r))}."""
    return {
        name: Factors(
            torch.stack([anchor[name][0] for anchor in anchors]), torch.stack([anchor[name][1] for anchor in anchors])
        )
        for name in anchors[0]
    }
