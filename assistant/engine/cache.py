"""Keys and values of our own forward: one block of memory per layer that grows by steps."""

from __future__ import annotations

from collections.abc import Sequence

import torch

_STEP = 256


class Cache:
    """Keys and values of `rows` token sequences of equal length."""

    def __init__(self, layers: int, rows: int, heads: int, size: int) -> None:
        """Prepare without allocating.

        Args:
            layers: of the model.
            rows: sequences.
            heads: of keys and values.
            size: of one head.
        """
        self.length = 0
        """Tokens held."""
        self._shape = (2, rows, heads, 0, size)
        self._room = 0
        self.layers = [torch.empty(self._shape) for _ in range(layers)]
        """Per layer, shape (2, rows, heads, room, size): keys, values."""

    @property
    def bytes(self) -> int:
        """Memory held."""
        return sum(layer.nbytes for layer in self.layers)

    def reserve(self, tokens: int) -> None:
        """Make room for so many tokens in all; what is held stays."""
        if tokens <= self._room:
            return
        self._resize(max(tokens, self._room + self._room // 2))

    def select(self, rows: Sequence[int]) -> None:
        """Make the rows those of the given numbers, which may come more than once."""
        self.layers = [layer[:, list(rows)] for layer in self.layers]
        self._shape = (self._shape[0], len(rows), *self._shape[2:])

    def put(self, row: int, other: Cache, start: int) -> None:
        """Have a row hold the tokens of another cache's only row from a place on, and zeros before."""
        for mine, theirs in zip(self.layers, other.layers, strict=True):
            mine[:, row, :, :start] = 0
            mine[:, row, :, start : start + other.length] = theirs[:, 0, :, : other.length]

    def crop(self, length: int) -> None:
        """Forget all but the first `length` tokens; room for many more than these is given back."""
        self.length = min(self.length, length)
        if self._room > 2 * self.length + 4 * _STEP:
            self._resize(self.length)

    def _resize(self, tokens: int) -> None:
        """Have room for so many tokens, in whole steps; what is held stays."""
        self._room = -(-tokens // _STEP) * _STEP
        shape = (*self._shape[:3], self._room, self._shape[4])
        for number, old in enumerate(self.layers):
            made = torch.empty(shape)
            made[..., : self.length, :] = old[..., : self.length, :]
            self.layers[number] = made
