"""A reply whose logits are a weighted sum over several models or prompts, computed as rows of one batch."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

import torch

from assistant.anchors.bank import Bank
from assistant.engine.base_model import BaseModel
from assistant.engine.forward import Forward
from assistant.evaluation.rivals.side_path import side_path


class Mixture:
    """Σ wᵢ zᵢ over rows that differ in their prompt, their anchor, or both; keys and values are kept per row."""

    def __init__(
        self,
        base: BaseModel,
        forward: Forward,
        rows: Sequence[tuple[Sequence[int], int | None]],
        weights: Sequence[float],
        bank: Bank | None = None,
    ) -> None:
        """Prepare the rows.

        Args:
            base: a model with the base's weights.
            forward: what computes it.
            rows: (prompt's token ids, number of the anchor or None), those with an anchor last.
            weights: w, one per row.
            bank: where the anchors come from; None when no row has one.

        Raises:
            ValueError: there is no row, the numbers of rows and weights differ, an anchor comes before a row without,
                or there is no bank to take it from.
        """
        worn = [anchor for _, anchor in rows if anchor is not None]
        plain = len(rows) - len(worn)
        if not rows or len(rows) != len(weights) or any(anchor is not None for _, anchor in rows[:plain]):
            raise ValueError("a mixture needs a weight per row, and rows with an anchor last")
        if worn and bank is None:
            raise ValueError("a mixture with anchors needs their bank")
        self._forward, self._side = forward, None
        if bank is not None and worn:
            self._side = side_path(forward, base.model, bank, worn, len(rows))
        self._weights = torch.tensor(list(weights), dtype=torch.float32)
        pad, longest = base.tokenizer.pad_token_id or 0, max(len(ids) for ids, _ in rows)
        missing = [longest - len(ids) for ids, _ in rows]
        self._fresh = torch.tensor([[pad] * gap + list(ids) for gap, (ids, _) in zip(missing, rows, strict=True)])
        self._mask = (torch.arange(longest) >= torch.tensor(missing).unsqueeze(1)).long()
        self._cache: Any = forward.cache(len(rows))

    @torch.inference_mode()
    def feed(self, tokens: Sequence[int]) -> torch.Tensor:
        """Append tokens of the reply; return Σ wᵢ zᵢ for the next, shape (vocabulary,), fp32 on the CPU."""
        rows = len(self._weights)
        if tokens:
            self._fresh = torch.cat([self._fresh, torch.tensor([list(tokens)] * rows)], 1)
            self._mask = torch.cat([self._mask, self._mask.new_ones(rows, len(tokens))], 1)
        count = self._fresh.shape[1]
        positions = (self._mask.cumsum(1) - 1).clamp(min=0)[:, -count:]
        with self._side.worn() if self._side is not None else nullcontext():
            logits = self._forward.rows(self._cache, self._fresh, self._mask, positions)
        self._fresh = self._fresh[:, :0]
        return self._weights @ logits.float().cpu()
