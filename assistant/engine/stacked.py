"""A bank's factors for one layer, stacked so that a composition of any anchors is one product."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from assistant.anchors.bank import Bank, Factors
from assistant.anchors.card import BankError


class Stacked:
    """Σⱼ kⱼ bⱼ aⱼ of one layer as `scaled(k)` @ `a`.

    Where the poles of an attribute share their A, their B are added up first, and the product has half the rank.
    """

    def __init__(self, factor: Factors, shared: bool, dtype: torch.dtype, device: torch.device) -> None:
        """Stack the factors.

        Args:
            factor: of one layer.
            shared: whether the two poles of every attribute have the same A, in every layer.
            dtype: of the products.
            device: where they are computed.
        """
        self.rank = factor.a.shape[1]
        self.width = self.rank if shared else 2 * self.rank
        """Columns of `scaled` and rows of `a` per attribute."""
        self.shared = shared
        self.a = (factor.a[::2] if shared else factor.a).flatten(0, 1).to(device, dtype).contiguous()
        """Shape (n · width, in)."""
        self.b = factor.b.transpose(0, 1).to(device).contiguous()
        """Shape (out, 2n, r), as stored."""
        self.dtype = dtype

    @property
    def shape(self) -> tuple[int, int]:
        """Shape (out, in) of the layer's weight."""
        return self.b.shape[0], self.a.shape[1]

    @property
    def bytes(self) -> int:
        """Memory of the factors."""
        return self.a.nbytes + self.b.nbytes

    def scaled(self, k: torch.Tensor, scratch: Scratch, first: int = 0, last: int | None = None) -> torch.Tensor:
        """Return B · diag(k) of the attributes first … last − 1, of shape (out, attributes · width), in the scratch.

        Args:
            k: coefficients of all anchors, shape (2n,), in `dtype`.
            scratch: holds the result until its next use.
            first: number of the first attribute.
            last: one after the last attribute; all when None.
        """
        b, k = (
            self.b[:, 2 * first : None if last is None else 2 * last],
            k[2 * first : None if last is None else 2 * last],
        )
        out, poles, rank = b.shape
        product = scratch.take(0, out, poles, rank)
        product.copy_(b).mul_(k[:, None])  # a product of two types would allocate
        if not self.shared:
            return product.view(out, poles * rank)
        pairs = scratch.take(1, out, poles // 2, rank)
        torch.add(product[:, ::2], product[:, 1::2], out=pairs)
        return pairs.view(out, poles // 2 * rank)

    def rows(self, first: int, last: int) -> torch.Tensor:
        """Return the rows of `a` that belong to the attributes first … last − 1, a view."""
        return self.a[first * self.width : last * self.width]


class Scratch:
    """Memory for intermediate results, allocated once and lent again and again."""

    def __init__(self, size: int, dtype: torch.dtype, device: torch.device, slots: int = 2) -> None:
        self.size = size
        """Elements of a slot."""
        self._memory = torch.empty(slots, size, dtype=dtype, device=device)

    @property
    def bytes(self) -> int:
        """Memory held."""
        return self._memory.nbytes

    def take(self, slot: int, *shape: int) -> torch.Tensor:
        """Return the slot's memory as a tensor of this shape; what it held before is overwritten."""
        count = 1
        for side in shape:
            count *= side
        return self._memory[slot, :count].view(*shape)


def stack(bank: Bank, model: Any, dtype: torch.dtype | None = None) -> dict[str, Stacked]:
    """Return the stacked factors per layer name, after checking that they fit the model.

    Args:
        bank: the anchors.
        model: has a submodule with a weight for each name.
        dtype: of the products; each weight's own when None.

    Raises:
        BankError: the bank belongs to a model of other layers or shapes.
    """
    shared = all(factor.shared for factor in bank.factors.values())
    stacked = {}
    for name, factor in bank.factors.items():
        try:
            weight = model.get_submodule(name).weight
        except AttributeError:
            raise BankError(f"the bank is for another model: this one has no layer {name}") from None
        made = Stacked(factor, shared, dtype or weight.dtype, weight.device)
        if weight.shape != made.shape:
            raise BankError(f"the bank is for another model: {name} has shape {tuple(weight.shape)} here")
        stacked[name] = made
    return stacked


def changed(old: NDArray[np.float64], new: NDArray[np.float64]) -> list[int]:
    """Return the numbers of the attributes of which a coefficient differs."""
    return [int(j) for j in np.flatnonzero((old != new).reshape(-1, 2).any(axis=1))]
