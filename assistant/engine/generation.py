"""Decoding: plain generators that yield tokens. To stop a reply, stop iterating."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import Any

import torch

from assistant.engine.forward import Forward, padding, positions
from assistant.engine.sampling import Sampler, Sampling

_CHUNK = 64
"""Tokens read between two looks at whether to go on."""


class KeyValues:
    """Keys and values of a token sequence, good only for the weights that made them."""

    def __init__(self, forward: Forward) -> None:
        self._forward = forward
        self._key: object = None
        self._ids: list[int] = []
        self._cache: Any = None

    @property
    def length(self) -> int:
        """Tokens held."""
        return len(self._ids)

    def claim(self, key: object, ids: Sequence[int]) -> int:
        """Keep what was computed with weights `key` of the leading tokens of `ids`; return how many these are.

        At least the last token of `ids` is left to be computed, since its logits are needed.
        """
        if self._cache is None or key != self._key:
            self._cache, self._ids, self._key = self._forward.cache(), [], key
        shared = 0
        for ours, theirs in zip(self._ids, ids[:-1], strict=False):
            if ours != theirs:
                break
            shared += 1
        if shared < len(self._ids):
            self._cache = self._forward.crop(self._cache, shared)
        self._ids = list(ids[:shared])
        return shared

    def extend(self, ids: Sequence[int]) -> torch.Tensor:
        """Compute the keys and values of more tokens; return the logits after the last, shape (vocabulary,)."""
        try:
            logits = self._forward.extend(self._cache, ids)
        except BaseException:
            self.drop()
            raise
        self._ids += ids
        return logits

    def drop(self) -> None:
        """Forget everything."""
        self._key, self._ids, self._cache = None, [], None


def stream(
    memory: KeyValues, key: object, ids: Sequence[int], settings: Sampling, stops: frozenset[int]
) -> Generator[int]:
    """Yield the tokens of one reply, without the stop token.

    Args:
        memory: keys and values of an earlier call, reused as far as key and tokens agree.
        key: identifies the weights.
        ids: the prompt's tokens.
        settings: how to choose; settings.max_tokens bounds the reply.
        stops: tokens that end it.
    """
    sampler = Sampler(settings)
    pending = list(ids[memory.claim(key, ids) :])
    for _ in range(settings.max_tokens):
        token = sampler.choose(memory.extend(pending))
        if token in stops:
            return
        yield token
        pending = [token]


def prefill(memory: KeyValues, key: object, ids: Sequence[int], cancelled: Callable[[], bool]) -> bool:
    """Compute the keys and values of `ids` as far as they are not known; return whether nothing is left to do.

    Args:
        memory: where they are kept.
        key: identifies the weights.
        ids: tokens of a conversation.
        cancelled: asked before every few tokens; what was computed by then stays and is of use.
    """
    known = memory.claim(key, ids)
    for start in range(known, len(ids), _CHUNK):
        if cancelled():
            return False
        memory.extend(list(ids[start : start + _CHUNK]))
    return True


def batch(
    forward: Forward, prompts: Sequence[Sequence[int]], settings: Sequence[Sampling], stops: frozenset[int], pad: int
) -> list[list[int]]:
    """Return the tokens of one reply per prompt, decoded together with padding on the left.

    Args:
        forward: computes the logits.
        prompts: token ids, of any lengths.
        settings: one per prompt.
        stops: tokens that end a reply.
        pad: any valid token id; what it stands for is masked out.
    """
    samplers = [Sampler(each) for each in settings]
    mask = padding(prompts)
    last = positions(mask)[:, -1:]
    cache, logits = forward.read(prompts, pad)
    replies: list[list[int]] = [[] for _ in prompts]
    running = set(range(len(prompts)))
    while True:
        logits, column = logits.float().cpu(), [pad] * len(prompts)
        for row in sorted(running):
            token = samplers[row].choose(logits[row])
            column[row] = token
            if token in stops:
                running.discard(row)
                continue
            replies[row].append(token)
            if len(replies[row]) >= settings[row].max_tokens:
                running.discard(row)
        if not running:
            return replies
        mask, last = torch.cat([mask, mask.new_ones(len(prompts), 1)], dim=1), last + 1
        logits = forward.rows(cache, torch.tensor(column).unsqueeze(1), mask, last)
