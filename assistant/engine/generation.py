"""Decoding: plain generators that yield tokens. To stop a reply, stop iterating."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch

from assistant.engine.sampling import Sampler, Sampling


class KeyValues:
    """Keys and values of a token sequence, good only for the weights that made them."""

    def __init__(self) -> None:
        self._key: object = None
        self._ids: list[int] = []
        self._cache: Any = None

    def claim(self, key: object, ids: Sequence[int], config: Any) -> tuple[Any, int]:
        """Return a cache for weights `key` and the number of leading tokens of `ids` that it holds already.

        At least the last token of `ids` is left to be computed, since its logits are needed.
        """
        from transformers import DynamicCache

        if self._cache is None or key != self._key:
            self._cache, self._ids, self._key = DynamicCache(config=config), [], key
        shared = 0
        for ours, theirs in zip(self._ids, ids[:-1], strict=False):
            if ours != theirs:
                break
            shared += 1
        if shared < len(self._ids):
            if shared == 0:
                self._cache = DynamicCache(config=config)
            else:
                self._cache.crop(shared - len(self._ids))
        self._ids = list(ids[:shared])
        return self._cache, shared

    def extend(self, ids: Sequence[int]) -> None:
        """Record tokens whose keys and values were added."""
        self._ids += ids

    def drop(self) -> None:
        """Forget everything."""
        self._key, self._ids, self._cache = None, [], None


@torch.inference_mode()
def stream(
    model: Any, ids: Sequence[int], settings: Sampling, stops: frozenset[int], memory: KeyValues, key: object
) -> Iterator[int]:
    """Yield the tokens of one reply, without the stop token.

    Args:
        model: a causal LM whose weights are those of `key`.
        ids: the prompt's tokens.
        settings: how to choose; settings.max_tokens bounds the reply.
        stops: tokens that end it.
        memory: keys and values of an earlier call, reused as far as key and tokens agree.
        key: identifies the weights.
    """
    sampler = Sampler(settings)
    cache, known = memory.claim(key, ids, model.config)
    pending = list(ids[known:])
    try:
        for _ in range(settings.max_tokens):
            inputs = torch.tensor([pending], device=model.device)
            logits = model(inputs, cache=cache, use_cache=True, logits_to_keep=1).logits[0, -1]
            memory.extend(pending)
            token = sampler.choose(logits)
            if token in stops:
                return
            yield token
            pending = [token]
    except BaseException as error:
        if not isinstance(error, GeneratorExit):
            memory.drop()
        raise


@torch.inference_mode()
def batch(
    model: Any, prompts: Sequence[Sequence[int]], settings: Sequence[Sampling], stops: frozenset[int], pad: int
) -> list[list[int]]:
    """Return the tokens of one reply per prompt, decoded together with padding on the left.

    Args:
        model: a causal LM.
        prompts: token ids, of any lengths.
        settings: one per prompt.
        stops: tokens that end a reply.
        pad: any valid token id; what it stands for is masked out.
    """
    from transformers import DynamicCache

    samplers = [Sampler(each) for each in settings]
    longest = max(map(len, prompts))
    inputs = torch.tensor([[pad] * (longest - len(ids)) + list(ids) for ids in prompts], device=model.device)
    mask = torch.tensor([[0] * (longest - len(ids)) + [1] * len(ids) for ids in prompts], device=model.device)
    positions = (mask.cumsum(1) - 1).clamp(min=0)
    cache = DynamicCache(config=model.config)
    replies: list[list[int]] = [[] for _ in prompts]
    running = set(range(len(prompts)))
    while running:
        logits = (
            model(inputs, attention_mask=mask, position_ids=positions, cache=cache, use_cache=True, logits_to_keep=1)
            .logits[:, -1]
            .float()
            .cpu()
        )
        column = [pad] * len(prompts)
        for row in sorted(running):
            token = samplers[row].choose(logits[row])
            column[row] = token
            if token in stops:
                running.discard(row)
                continue
            replies[row].append(token)
            if len(replies[row]) >= settings[row].max_tokens:
                running.discard(row)
        inputs = torch.tensor(column, device=model.device).unsqueeze(1)
        mask = torch.cat([mask, mask.new_ones(len(prompts), 1)], dim=1)
        positions = positions[:, -1:] + 1
    return replies
