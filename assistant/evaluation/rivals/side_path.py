"""Rows of one batch that wear different anchors: the base's product is shared, each row adds its own low-rank part.

With the anchors merged, as many models as rows would have to be read from memory for each token. This way the base's
weights are read once, y = x W0ᵀ + (x Aⱼᵀ) Bⱼᵀ, with j the row's anchor. PEFT's mixed batches (`adapter_names`) compute
the same in a Python loop over adapters in each layer, and are slower.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, Protocol

import torch

from assistant.anchors.bank import Bank
from assistant.anchors.card import BankError
from assistant.engine.forward import Forward
from assistant.engine.llama import GROUPS, LlamaForward


class _Part:
    """Low-rank parts of the last rows, for one product."""

    def __init__(self, a: torch.Tensor, b: torch.Tensor, rows: int) -> None:
        """Take A of (worn, in, r) and B of (worn, r, out), for a batch of so many rows."""
        self._a, self._b, self._rows = a.contiguous(), b.contiguous(), rows

    def add(self, x: torch.Tensor, y: torch.Tensor) -> None:
        """Add x A B to the last rows of y in place; x and y have the rows' tokens in order, whatever their shape."""
        worn = len(self._a)
        tail = y.view(self._rows, -1, y.shape[-1])[-worn:]
        tail.baddbmm_(torch.bmm(x.reshape(self._rows, -1, x.shape[-1])[-worn:], self._a), self._b)


class _Beside:
    """A product of our own forward with the parts beside it."""

    def __init__(self, product: Any, part: _Part) -> None:
        self._product, self._part = product, part

    def many(self, x: torch.Tensor) -> torch.Tensor:
        y: torch.Tensor = self._product.many(x)
        self._part.add(x, y)
        return y


class Worn(Protocol):
    """Anchors that the last rows of a batch can wear."""

    def worn(self) -> Any:
        """Return a context in which the forward passes add the anchors' parts."""


class HookedSidePath:
    """For models computed by transformers: hooks on the layers."""

    def __init__(self, model: Any, bank: Bank, anchors: Sequence[int], rows: int) -> None:
        """Gather the factors; see `side_path`."""
        self._parts = [
            (model.get_submodule(name), _Part(*_factors(bank, [name], anchors, model), rows)) for name in bank.factors
        ]

    @contextmanager
    def worn(self) -> Iterator[None]:
        """Add the parts within the context."""
        with ExitStack() as stack:
            for module, part in self._parts:
                stack.callback(module.register_forward_hook(self._hook(part)).remove)
            yield

    @staticmethod
    def _hook(part: _Part) -> Any:
        return lambda module, inputs, output: part.add(inputs[0], output)


class ProductSidePath:
    """For our own forward: its products are exchanged for ones with the parts beside them."""

    def __init__(self, forward: LlamaForward, model: Any, bank: Bank, anchors: Sequence[int], rows: int) -> None:
        """Gather the factors; see `side_path`."""
        names = {module: name for name, module in model.named_modules()}
        self._parts: list[tuple[Any, str, Any]] = []
        for layer, module in zip(forward.layers, model.get_decoder().layers, strict=True):
            for kind, members in GROUPS.items():
                found = [names[module.get_submodule(member)] for member in members]
                part = _Part(*_factors(bank, found, anchors, model), rows)
                self._parts.append((layer, kind, _Beside(getattr(layer, kind), part)))

    @contextmanager
    def worn(self) -> Iterator[None]:
        """Add the parts within the context."""
        plain = [(layer, kind, getattr(layer, kind)) for layer, kind, _ in self._parts]
        try:
            for layer, kind, product in self._parts:
                setattr(layer, kind, product)
            yield
        finally:
            for layer, kind, product in plain:
                setattr(layer, kind, product)


def side_path(forward: Forward, model: Any, bank: Bank, anchors: Sequence[int], rows: int) -> Worn:
    """Return the anchors of a batch.

    Args:
        forward: what computes the batch.
        model: the causal LM behind it, with the base's weights.
        bank: its anchors.
        anchors: the stacked number of each of the batch's last len(anchors) rows; the rows before them have none.
        rows: number of all rows.

    Raises:
        BankError: the bank belongs to a model of other layers.
    """
    for name in bank.factors:
        try:
            model.get_submodule(name)
        except AttributeError:
            raise BankError(f"the bank is for another model: this one has no layer {name}") from None
    if isinstance(forward, LlamaForward):
        return ProductSidePath(forward, model, bank, anchors, rows)
    return HookedSidePath(model, bank, anchors, rows)


def _factors(bank: Bank, names: Sequence[str], anchors: Sequence[int], model: Any) -> tuple[torch.Tensor, torch.Tensor]:
    """Return A of (anchors, in, R) and B of (anchors, R, out) of layers that share their input, outputs joined.

    Layers that the bank does not have take part with zeros.
    """
    chosen = torch.tensor(list(anchors), dtype=torch.long)
    weights = [model.get_submodule(name).weight for name in names]
    a_parts, b_parts = [], []
    for name, weight in zip(names, weights, strict=True):
        factor = bank.factors.get(name)
        rank = 0 if factor is None else factor.a.shape[1]
        b = torch.zeros(len(chosen), rank, sum(len(each) for each in weights), dtype=weight.dtype)
        a = torch.zeros(len(chosen), weight.shape[1], rank, dtype=weight.dtype)
        if factor is not None:
            start = sum(len(each) for each in weights[: names.index(name)])
            a = factor.a[chosen].transpose(1, 2).to(weight.dtype)
            b[:, :, start : start + len(weight)] = factor.b[chosen].transpose(1, 2).to(weight.dtype)
        a_parts.append(a)
        b_parts.append(b)
    return torch.cat(a_parts, 2).to(weights[0].device), torch.cat(b_parts, 1).to(weights[0].device)
