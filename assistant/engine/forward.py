"""What decoding needs of a model, and the implementation by transformers for every model and device."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import torch


class Forward(Protocol):
    """Computes logits, token by token or many at once; `assistant.engine.llama.LlamaForward` is the fast one."""

    def cache(self, rows: int = 1) -> Any:
        """Return an empty cache of keys and values for `rows` sequences."""

    def crop(self, cache: Any, length: int) -> Any:
        """Return a cache that holds the first `length` tokens alone; the one given is not used again."""

    def extend(self, cache: Any, ids: Sequence[int]) -> torch.Tensor:
        """Add tokens to a cache of one row; return the logits after the last, shape (vocabulary,)."""

    def read(self, prompts: Sequence[Sequence[int]], pad: int) -> tuple[Any, torch.Tensor]:
        """Return a cache of the prompts, padded on the left to the longest, and the logits after each.

        Args:
            prompts: token ids, of any lengths; none is empty.
            pad: any valid token id; what it stands for is to be masked out.

        Returns:
            The cache, and logits of shape (prompts, vocabulary).
        """

    def rows(self, cache: Any, ids: torch.Tensor, mask: torch.Tensor, positions: torch.Tensor) -> torch.Tensor:
        """Add tokens of shape (rows, tokens) to a cache; return the logits after each row's last, (rows, vocabulary).

        The mask, of shape (rows, tokens held and new), is 0 where a token is padding; positions count without padding.
        """


def padding(prompts: Sequence[Sequence[int]]) -> torch.Tensor:
    """Return the mask of prompts that are padded on the left to the longest: shape (prompts, tokens), 0 for padding."""
    longest = max(map(len, prompts))
    return torch.tensor([[0] * (longest - len(ids)) + [1] * len(ids) for ids in prompts])


def positions(mask: torch.Tensor) -> torch.Tensor:
    """Return the positions of tokens under a mask of padding, counted without it; shape (rows, tokens)."""
    return (mask.cumsum(1) - 1).clamp(min=0)


def shared(prompts: Sequence[Sequence[int]]) -> int:
    """Return how many leading tokens all prompts have in common; the last token of each is not counted."""
    first, *_, last = sorted(map(tuple, (*prompts, prompts[0])))  # what the two share, all between them do
    least = min(map(len, prompts)) - 1
    return next((place for place in range(least) if first[place] != last[place]), least)


class TransformersForward:
    """The model's own forward."""

    def __init__(self, model: Any) -> None:
        """Wrap a transformers causal LM."""
        self._model = model

    def cache(self, rows: int = 1) -> Any:
        """Return an empty cache of keys and values."""
        from transformers import DynamicCache

        return DynamicCache(config=self._model.config)

    def crop(self, cache: Any, length: int) -> Any:
        """Return a cache that holds the first `length` tokens alone; the one given is not used again."""
        if length == 0:
            return self.cache()
        surplus = cache.get_seq_length() - length
        if surplus > 0:
            cache.crop(-surplus)
        return cache

    @torch.inference_mode()
    def extend(self, cache: Any, ids: Sequence[int]) -> torch.Tensor:
        """Add tokens to a cache of one row; return the logits after the last, shape (vocabulary,)."""
        inputs = torch.tensor([list(ids)], device=self._model.device)
        logits: torch.Tensor = self._model(inputs, cache=cache, use_cache=True, logits_to_keep=1).logits
        return logits[0, -1]

    def read(self, prompts: Sequence[Sequence[int]], pad: int) -> tuple[Any, torch.Tensor]:
        """Read prompts together; see `Forward.read`."""
        cache, mask = self.cache(len(prompts)), padding(prompts)
        longest = mask.shape[1]
        ids = torch.tensor([[pad] * (longest - len(each)) + list(each) for each in prompts])
        return cache, self.rows(cache, ids, mask, positions(mask))

    @torch.inference_mode()
    def rows(self, cache: Any, ids: torch.Tensor, mask: torch.Tensor, positions: torch.Tensor) -> torch.Tensor:
        """Add tokens to each row; see `Forward.rows`."""
        place = self._model.device
        logits: torch.Tensor = self._model(
            ids.to(place),
            attention_mask=mask.to(place),
            position_ids=positions.to(place),
            cache=cache,
            use_cache=True,
            logits_to_keep=1,
        ).logits
        return logits[:, -1]
