"""Composing a bank into int8 weights: at once by a low-rank path, then for good by packing the weights again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from assistant.anchors.bank import Bank
from assistant.engine.composer import never
from assistant.engine.int8 import Int8Linear, quantise
from assistant.engine.llama import GROUPS, LlamaForward, interleaving
from assistant.engine.stacked import Scratch, Stacked, changed, stack
from assistant.style import Profile, coefficients

_CHUNK = 2**17
"""Weights that are composed and rounded together: half a megabyte, which stays in the processor's second cache."""


class _Group:
    """Layers with the same input, packed as one: W0, factors, and the coefficients they were packed with."""

    def __init__(
        self,
        linear: Int8Linear,
        weights: list[torch.Tensor],
        factors: list[Stacked | None],
        orders: list[torch.Tensor | None],
    ) -> None:
        self.linear, self.weights, self.factors, self.orders = linear, weights, factors, orders
        self.packed: NDArray[np.float64] | None = None


class Int8Composer:
    """Gives a `LlamaForward` int8 products of W0 + Σⱼ kⱼ bⱼ aⱼ; the model's own weights stay W0 and are never written.

    A change of coefficients is complete when `set` returns: what the packed weights lack is added by a path of low
    rank, y = Q x + (B · diag Δk)(A x), over the attributes that changed. `fold` then packs the weights of the
    full composition, layer by layer, always from W0, so nothing accumulates. It may be cancelled between layers at no
    loss: each layer knows which coefficients it was packed with.
    """

    def __init__(self, model: Any, bank: Bank, forward: LlamaForward) -> None:
        """Replace the products of `forward`; they hold no weights before the first `set`.

        Raises:
            BankError: the bank belongs to a model of other layers or shapes.
        """
        self._names, self._bank_key = bank.card.names, bank.key
        stacked = stack(bank, model, torch.float32)
        names = {module: name for name, module in model.named_modules()}
        self._groups: list[_Group] = []
        self._head_size = forward.size
        for layer, module in zip(forward.layers, model.get_decoder().layers, strict=True):
            for kind, members in GROUPS.items():
                modules = [module.get_submodule(member) for member in members]
                setattr(layer, kind, self._group(modules, names, stacked, kind))
        forward.head = self._group([model.get_output_embeddings()], names, stacked, "head")
        forward.interleaved = True
        device = torch.device("cpu")
        self._rows = Scratch(
            max(_CHUNK, *(group.linear.inputs for group in self._groups)), torch.float32, device, slots=1
        )
        self._scaled = Scratch(max(each.b.numel() for each in stacked.values()), torch.float32, device)
        self._factors = sum(each.bytes for each in stacked.values())
        self._current: NDArray[np.float64] | None = None

    def _group(self, modules: list[Any], names: dict[Any, str], stacked: dict[str, Stacked], kind: str) -> Int8Linear:
        """Make one product of modules; queries and keys have their rows put in the order that the forward wants."""
        weights = [module.weight.data for module in modules]
        factors = [stacked.get(names[module]) for module in modules]
        orders: list[torch.Tensor | None] = [None] * len(modules)
        if kind == "qkv":
            orders[:2] = [interleaving(len(weight), self._head_size) for weight in weights[:2]]
        for each, order in zip(factors, orders, strict=True):
            if each is not None and order is not None:
                each.b = each.b[order].contiguous()
        linear = Int8Linear(sum(len(weight) for weight in weights), weights[0].shape[1], fine=kind != "out")
        self._groups.append(_Group(linear, weights, factors, orders))
        return linear

    @staticmethod
    def covers(model: Any, bank: Bank) -> bool:
        """Return whether every layer that the bank changes is one that is packed here."""
        ends = tuple(member for members in GROUPS.values() for member in members)
        return all(name.endswith(ends) and ".layers." in name for name in bank.factors)

    @property
    def key(self) -> tuple[str, object]:
        """Identifies the weights now in use: cached keys and values are good for this key alone."""
        return self._bank_key, object() if self._current is None else self._current.tobytes()

    @property
    def extra_bytes(self) -> int:
        """Memory above the base model's own: packed weights, side paths, factors and scratch."""
        held = sum(group.linear.bytes for group in self._groups)
        return held + self._factors + self._rows.bytes + self._scaled.bytes

    @property
    def folded(self) -> bool:
        """Whether the packed weights are those of the current coefficients in every layer."""
        return not self._behind()

    def compose(self, profile: Profile, cancelled: Callable[[], bool] = never) -> bool:
        """Compose `profile`; return whether anything changed. See `set`."""
        return self.set(coefficients(profile, self._names), cancelled)

    @torch.inference_mode()
    def set(self, k: NDArray[np.float64], cancelled: Callable[[], bool] = never) -> bool:
        """Compose with the coefficients k of shape (2n,); return whether anything changed.

        The first call packs every layer, which takes as long as `fold`; later ones take about a token's time.

        Args:
            k: the coefficients.
            cancelled: asked before each layer; once true, the weights are left unfinished, good for nothing but
                another composition, and `key` equals no other.
        """
        if self._current is not None and np.array_equal(k, self._current):
            return False
        self._current = None
        for group in self._groups:
            if cancelled():
                return True
            if group.packed is None:
                self._pack(group, k)
            else:
                self._beside(group, k)
        self._current = k.copy()
        return True

    @torch.inference_mode()
    def fold(self, cancelled: Callable[[], bool] = never) -> bool:
        """Pack the layers that still have a path beside them; return whether all are packed now."""
        if self._current is None:
            return False
        for group in self._behind():
            if cancelled():
                return False
            self._pack(group, self._current)
        return True

    def _behind(self) -> list[_Group]:
        k = self._current
        return [group for group in self._groups if k is None or not np.array_equal(group.packed, k)]  # type: ignore[arg-type]

    def _pack(self, group: _Group, k: NDArray[np.float64]) -> None:
        if all(factors is None for factors in group.factors) and group.packed is not None:
            group.packed = k.copy()  # nothing in it depends on k
            return
        linear, k32 = group.linear, torch.as_tensor(k, dtype=torch.float32)
        quantised = torch.empty(linear.outputs, linear.inputs, dtype=torch.int8)
        scales = torch.empty(linear.outputs)
        count, row = self._rows.size // linear.inputs, 0
        for weight, factors, order in zip(group.weights, group.factors, group.orders, strict=True):
            b = None if factors is None or not k.any() else factors.scaled(k32, self._scaled)
            for start in range(0, len(weight), count):
                base = weight[start : start + count]
                rows = self._rows.take(0, *base.shape)
                if order is not None:
                    base = torch.index_select(weight, 0, order[start : start + count], out=rows)
                if b is not None and factors is not None:
                    torch.addmm(base, b[start : start + count], factors.a, out=rows)
                elif order is None:
                    rows.copy_(base)
                here = slice(row, row + len(base))
                scales[here] = quantise(rows, quantised[here])
                row += len(base)
        linear.pack(quantised, scales)
        group.packed = k.copy()

    def _beside(self, group: _Group, k: NDArray[np.float64]) -> None:
        assert group.packed is not None
        moved = changed(group.packed, k)
        if not moved or all(factors is None for factors in group.factors):
            group.linear.beside(None, None)
            return
        scales = torch.as_tensor(k - group.packed, dtype=torch.float32)
        rank = sum(len(moved) * factors.width for factors in group.factors if factors is not None)
        side_a = torch.empty(rank, group.linear.inputs)
        side_b = torch.zeros(rank, group.linear.outputs)
        row = column = 0
        for weight, factors in zip(group.weights, group.factors, strict=True):
            for j in moved if factors is not None else ():
                assert factors is not None
                rows = slice(row, row + factors.width)
                side_a[rows] = factors.rows(j, j + 1)
                side_b[rows, column : column + len(weight)] = factors.scaled(scales, self._scaled, j, j + 1).t()
                row += factors.width
            column += len(weight)
        group.linear.beside(side_a, side_b)
