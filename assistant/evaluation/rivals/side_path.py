"""Rows of one batch that wear different anchors: the base's product is shared, each row adds its own low-rank part.

With the anchors merged, as many models as rows would have to be read from memory for each token. This way the base's
weights are read once, y = x W0ᵀ + (x Aⱼᵀ) Bⱼᵀ, with j the row's anchor. PEFT's mixed batches (`adapter_names`) compute
the same in a Python loop over adapters in each layer, and are slower.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch

from assistant.anchors.bank import Bank
from assistant.anchors.card import BankError


class SidePath:
    """The factors of chosen anchors for the last rows of a batch."""

    def __init__(self, model: Any, bank: Bank, anchors: Sequence[int]) -> None:
        """Gather the factors.

        Args:
            model: a causal LM with the base's weights.
            bank: its anchors.
            anchors: the stacked number of each of the batch's last len(anchors) rows; the rows before them have none.

        Raises:
            BankError: the bank belongs to a model of other layers.
        """
        self._parts: list[tuple[Any, torch.Tensor, torch.Tensor]] = []
        chosen = torch.tensor(list(anchors), dtype=torch.long)
        for name, factor in bank.factors.items():
            try:
                module = model.get_submodule(name)
            except AttributeError:
                raise BankError(f"the bank is for another model: this one has no layer {name}") from None
            to = {"device": module.weight.device, "dtype": module.weight.dtype}
            a = factor.a[chosen].transpose(1, 2).contiguous().to(**to)  # (rows, in, r)
            b = factor.b[chosen].transpose(1, 2).contiguous().to(**to)  # (rows, r, out)
            self._parts.append((module, a, b))
        self._rows = len(anchors)

    @contextmanager
    def worn(self) -> Iterator[None]:
        """Let the model's forward passes add the anchors' parts."""
        if not self._rows:
            yield
            return
        handles = [module.register_forward_hook(self._hook(a, b)) for module, a, b in self._parts]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def _hook(self, a: torch.Tensor, b: torch.Tensor) -> Any:
        """Return a hook that adds x A B to the output of the last rows, in place."""

        def add(module: Any, inputs: tuple[torch.Tensor, ...], output: torch.Tensor) -> torch.Tensor:
            tail = output[-self._rows :]
            tail.baddbmm_(torch.bmm(inputs[0][-self._rows :], a), b)
            return output

        return add
