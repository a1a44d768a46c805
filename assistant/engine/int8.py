"""Linear layers with int8 weights for x86 processors, faithful to the fp32 layer, with a low-rank path beside them."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence
from functools import cache

import torch

_log = logging.getLogger(__name__)

_LEVELS = 127.0
_ZERO = 128
_TINY = 1e-20


@cache
def available() -> bool:
    """Return whether this processor and this torch multiply int8, exactly: tried once, at the ends of the range."""
    supported = getattr(torch.cpu, "_is_vnni_supported", None)
    if supported is None or not supported() or "fbgemm" not in torch.backends.quantized.supported_engines:
        return False
    try:
        linear = Int8Linear(16, 64, fine=False)
        linear.pack(torch.full((16, 64), 127, dtype=torch.int8), torch.ones(16))
        found = linear.one(torch.ones(1, 64), 1.0)
    except (RuntimeError, AttributeError, NotImplementedError) as error:  # what a later torch may have taken out
        _log.info("no int8 products here: %s", error)
        return False
    return bool(torch.allclose(found, torch.tensor(64 * 127.0), rtol=1e-3))


def quantise(weight: torch.Tensor, into: torch.Tensor) -> torch.Tensor:
    """Round fp32 rows to int8 with one scale each, W ≈ scale ⊙ Q; return the scales, shape (rows,).

    Args:
        weight: shape (rows, inputs); overwritten.
        into: int8, the same shape.
    """
    top = torch.maximum(weight.amax(1), weight.amin(1).neg_()).clamp_(min=_TINY)
    weight.mul_((_LEVELS / top).unsqueeze(1)).round_()
    into.copy_(weight)
    return top / _LEVELS


class Int8Linear:
    """Several linear layers with the same input as one product: y = W x, W their weights stacked by rows.

    Weights are int8 with one scale per row, W ≈ s ⊙ Q (FBGEMM's packed layout). Activations are rounded down to 8 bits
    for each token, and, if `fine`, what that left is rounded to 7 bits and multiplied in the same pass over the
    weights: 15 bits for the price of 8, since a token's time goes into reading weights. A rank-R matrix can
    be added without packing again: y = W x + `side_b`ᵀ (`side_a` x).
    """

    def __init__(self, outputs: int, inputs: int, fine: bool = True) -> None:
        """Prepare for a weight of shape (outputs, inputs)."""
        self.outputs, self.inputs, self._fine = outputs, inputs, fine
        self._packed: object = None
        self._rows = torch.empty(2 if fine else 1, inputs)
        self._first, self._second = self._rows[:1], self._rows[1:]
        self._mix = torch.tensor([[1.0, 1 / _LEVELS]] if fine else [[1.0]])
        self._step, self._levels = torch.tensor(1.0), torch.tensor(_LEVELS)
        self._result = torch.zeros(1, outputs)
        self._side: tuple[torch.Tensor, torch.Tensor] | None = None
        self._product = torch.ops.quantized.linear_with_input_q_dq_qweight_dq_output_fp32.default

    @property
    def bytes(self) -> int:
        """Memory of the packed weights and of the side path."""
        side = 0 if self._side is None else sum(each.nbytes for each in self._side)
        return side + (0 if self._packed is None else self.outputs * self.inputs + 8 * self.outputs)

    def pack(self, quantised: torch.Tensor, scales: torch.Tensor) -> None:
        """Take over weights and end the side path.

        Args:
            quantised: int8, shape (outputs, inputs); see `quantise`.
            scales: one per row, shape (outputs,).
        """
        zeros = torch.zeros(self.outputs, dtype=torch.int64)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*quantized tensor.*deprecated")  # `available` tries them
            rows = torch._make_per_channel_quantized_tensor(quantised, scales.double(), zeros, 0)
        before = torch.backends.quantized.engine
        torch.backends.quantized.engine = "fbgemm"
        try:
            self._packed = None  # frees the old copy first
            self._packed = torch.ops.quantized.linear_prepack(rows, None)
        finally:
            torch.backends.quantized.engine = before
        self._side = None

    def beside(self, side_a: torch.Tensor | None, side_b: torch.Tensor | None) -> None:
        """Set the low-rank path, of shapes (R, inputs) and (R, outputs), or end it with None."""
        self._side = None if side_a is None or side_b is None else (side_a.t(), side_b)

    def one(self, x: torch.Tensor, scale: float, into: torch.Tensor | None = None) -> torch.Tensor:
        """Return scale · W x for one token, x of shape (1, inputs); added to `into` in place when given.

        Without `into`, the result's memory is used again by the next call.
        """
        low, high = torch.aminmax(x)
        step = max(-float(low), float(high), _TINY) / _LEVELS
        if self._fine:
            torch.remainder(x, self._step.fill_(step), out=self._second)
            torch.sub(x, self._second, out=self._first)
            self._second.mul_(self._levels)
            y = self._product(self._rows, step, _ZERO, self._packed)
        else:
            y = self._product(x, step, _ZERO, self._packed)
        total = self._result.addmm_(self._mix, y, beta=0, alpha=scale) if into is None else into
        if into is not None:
            into.addmm_(self._mix, y, alpha=scale)
        if self._side is not None:
            a, b = self._side
            total.addmm_(torch.mm(x, a), b, alpha=scale)
        return total

    def many(self, x: torch.Tensor) -> torch.Tensor:
        """Return W x for many tokens, x of shape (tokens, inputs); each is rounded as it would be alone."""
        step = torch.maximum(x.amax(1, keepdim=True), x.amin(1, keepdim=True).neg_()).clamp_(min=_TINY) / _LEVELS
        exact = x / step
        y: torch.Tensor
        if self._fine:
            coarse = exact.floor()
            y = self._product(torch.cat([coarse, (exact - coarse) * _LEVELS]), 1.0, _ZERO, self._packed)
            y = torch.add(y[: len(x)], y[len(x) :], alpha=1 / _LEVELS).mul_(step)
        else:
            y = self._product(exact.round_(), 1.0, _ZERO, self._packed).mul_(step)
        if self._side is not None:
            a, b = self._side
            y.addmm_(torch.mm(x, a), b)
        return y


class FloatLinear:
    """The same product with the modules' own weights, as they are at the time: fp32 or bf16."""

    def __init__(self, modules: Sequence[torch.nn.Linear]) -> None:
        self._modules = modules

    def one(self, x: torch.Tensor, scale: float, into: torch.Tensor | None = None) -> torch.Tensor:
        """Return scale · W x for one token, x of shape (1, inputs); added to `into` in place when given."""
        y = self.many(x)
        return y.mul_(scale) if into is None else into.add_(y, alpha=scale)

    def many(self, x: torch.Tensor) -> torch.Tensor:
        """Return W x in fp32 for many tokens, x of shape (tokens, inputs)."""
        x = x.to(self._modules[0].weight.dtype)
        parts = [torch.nn.functional.linear(x, module.weight) for module in self._modules]
        return (parts[0] if len(parts) == 1 else torch.cat(parts, 1)).float()
