"""Banks of more attributes than there are texts for: real ones, and synthetic ones of the same norms and spectra."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch

from assistant.anchors.bank import Bank, Factors, save_bank
from assistant.anchors.gram import scattered
from assistant.style import Attribute


def names(real: Sequence[str], count: int) -> list[str]:
    """Return the names of `count` attributes: the real ones, then the synthetic ones."""
    return [*real, *(f"synthetic{number}" for number in range(1, count - len(real) + 1))]


def crowded(bank: Bank, count: int, seed: int) -> dict[str, Factors]:
    """Return the factors of `count` attributes.

    A synthetic attribute is a real one, each in turn, whose inputs and outputs are permuted and change sign at random
    in every layer (`scattered`): the norms and singular values of its anchors, direction and mean are those of a
    trained one, and it says nothing.
    """
    generator = torch.Generator().manual_seed(seed)
    real = len(bank.card.attributes)
    rounds = -(-count // real)
    made = {}
    for module, factor in bank.factors.items():
        copies = [factor, *(scattered(factor, generator) for _ in range(rounds - 1))]
        made[module] = Factors(
            torch.cat([copy.a for copy in copies])[: 2 * count], torch.cat([copy.b for copy in copies])[: 2 * count]
        )
    return made


def write(bank: Bank, count: int, seed: int, folder: Path) -> int:
    """Write the bank of `count` attributes; return the bytes of its files."""
    real = bank.card.attributes
    extra = names([each.name for each in real], count)[len(real) :]
    attributes = [*real, *(Attribute(name, f"low_{name}", f"high_{name}") for name in extra)]
    factors = crowded(bank, count, seed)
    save_bank(folder, model=bank.card.model, attributes=attributes, factors=factors, training={})
    return sum(path.stat().st_size for path in folder.iterdir())
