"""A reply whose logits are a weighted sum over several models or prompts, computed as rows of one batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from assistant.anchors.bank import Bank
from assistant.evaluation.rivals.side_path import SidePath


class Mixture:
    """Σ wᵢ zᵢ over rows that differ in their prompt, their anchor, or both; keys and values are kept per row."""

    def __init__(
        self,
        model: Any,
        bank: Bank | None,
        rows: Sequence[tuple[Sequence[int], int | None]],
        weights: Sequence[float],
        pad: int,
    ) -> None:
        """Prepare the rows.

        Args:
            model: a causal LM with the base's weights.
            bank: where the anchors come from; None when no row has one.
            rows: (prompt's token ids, number of the anchor or None), those with an anchor last.
            weights: w, one per row.
            pad: any valid token id; what it stands for is masked out.

        Raises:
            ValueError: there is no row, the numbers of rows and weights differ, or an anchor comes before a row
                without.
        """
        worn = [anchor for _, anchor in rows if anchor is not None]
        if not rows or len(rows) != len(weights) or any(anchor is not None for _, anchor in rows[: -len(worn) or None]):
            raise ValueError("a mixture needs a weight per row, and rows with an anchor last")
        from transformers import DynamicCache

        self._model = model
        self._side = SidePath(model, bank, worn) if bank is not None else None
        self._weights = torch.tensor(list(weights), dtype=torch.float32, device=model.device)
        longest = max(len(ids) for ids, _ in rows)
        lengths = [longest - len(ids) for ids, _ in rows]
        self._fresh = torch.tensor(
            [[pad] * missing + list(ids) for missing, (ids, _) in zip(lengths, rows, strict=True)], device=model.device
        )
        self._mask: torch.Tensor | None = None
        self._positions = torch.arange(longest, device=model.device).repeat(len(rows), 1)
        if any(lengths):
            missing = torch.tensor(lengths, device=model.device).unsqueeze(1)
            self._mask = (self._positions >= missing).long()
            self._positions = (self._positions - missing).clamp(min=0)
        self._cache = DynamicCache(config=model.config)

    @torch.inference_mode()
    def feed(self, tokens: Sequence[int]) -> torch.Tensor:
        """Append tokens of the reply; return Σ wᵢ zᵢ for the next, shape (vocabulary,), fp32."""
        rows = len(self._weights)
        if tokens:
            added = torch.tensor([list(tokens)] * rows, device=self._fresh.device)
            last = self._positions[:, -1:]
            steps = torch.arange(1, len(tokens) + 1, device=last.device)
            self._positions = torch.cat([self._positions, last + steps], 1)
            if self._mask is not None:
                self._mask = torch.cat([self._mask, self._mask.new_ones(rows, len(tokens))], 1)
            self._fresh = torch.cat([self._fresh, added], 1)
        count = self._fresh.shape[1]
        arguments = {
            "attention_mask": self._mask,
            "position_ids": self._positions[:, -count:],
            "cache": self._cache,
            "use_cache": True,
            "logits_to_keep": 1,
        }
        if self._side is None:
            output = self._model(self._fresh, **arguments)
        else:
            with self._side.worn():
                output = self._model(self._fresh, **arguments)
        self._fresh = self._fresh[:, :0]
        return self._weights @ output.logits[:, -1].float()
