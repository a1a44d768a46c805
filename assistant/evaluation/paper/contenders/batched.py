"""Many replies at once from a weighted sum of logits, Σ w z, of parts that differ in weights, prompt or both."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Protocol

import torch

from assistant.engine.cache import Cache
from assistant.engine.forward import Forward, padding, positions
from assistant.engine.prompting import PromptEncoder

Messages = Sequence[Mapping[str, str]]


@dataclass(frozen=True)
class Part:
    """One summand."""

    forward: Forward
    weight: float = 1.0
    system: str | None = None
    """A system prompt that goes before each conversation."""
    worn: Callable[[], AbstractContextManager[None]] = nullcontext
    """What is put on the model during its passes."""


class Chooser(Protocol):
    """Chooses the tokens of one reply; `assistant.engine.sampling.Sampler` is one."""

    def choose(self, logits: torch.Tensor) -> int:
        """Return the next token for logits of shape (vocabulary,)."""


class Forced:
    """Says given tokens, and keeps what the logits make of each place."""

    def __init__(self, tokens: Sequence[int], judge: Callable[[int, torch.Tensor], Any]) -> None:
        """Take the tokens, and what is asked at each place with its number and its log-probabilities."""
        self.tokens, self._judge = list(tokens), judge
        self.found: list[Any] = []

    def choose(self, logits: torch.Tensor) -> int:
        """Return the next of the tokens."""
        place = len(self.found)
        self.found.append(self._judge(place, logits.float().log_softmax(-1)))
        return self.tokens[place]


@dataclass(frozen=True)
class Row:
    """One reply of a batch."""

    messages: Messages
    chooser: Chooser
    limit: int
    """Tokens, at the most."""


class _Running:
    """A part with the keys and values of all rows, padded on the left."""

    def __init__(self, part: Part, prompts: Sequence[Sequence[int]], pad: int) -> None:
        self._part = part
        once = list(dict.fromkeys(map(tuple, prompts)))  # what several rows answer is read once
        self._rows = [once.index(tuple(ids)) for ids in prompts]
        self._prompts, self._pad = once, pad
        self._mask = padding(once)
        self._last = positions(self._mask)[:, -1:]
        self._cache: Any = None

    def feed(self, column: Sequence[int] | None) -> torch.Tensor:
        """Append a token to each row, none at first; return w z for the next, shape (rows, vocabulary)."""
        forward = self._part.forward
        with self._part.worn():
            if column is None:
                self._cache, logits = forward.read(self._prompts, self._pad)
            else:
                fresh = torch.tensor([[token] for token in column])
                self._mask = torch.cat([self._mask, self._mask.new_ones(len(column), 1)], 1)
                self._last = self._last + 1
                logits = forward.rows(self._cache, fresh, self._mask, self._last)
        found = self._part.weight * logits.float().cpu()
        if column is None and len(self._rows) > len(found):
            found, self._mask, self._last = (each[self._rows] for each in (found, self._mask, self._last))
            if isinstance(self._cache, Cache):
                self._cache.select(self._rows)
            else:
                self._cache.batch_select_indices(torch.tensor(self._rows, device=logits.device))
        return found


@torch.inference_mode()
def decode(
    parts: Sequence[Part], rows: Sequence[Row], encoder: PromptEncoder, stops: frozenset[int], pad: int
) -> list[list[int]]:
    """Return the tokens of each row's reply, without the one that ends it.

    Args:
        parts: the summands.
        rows: what is answered; a row that says given tokens is not ended by a stop among them.
        encoder: of the conversations.
        stops: tokens that end a reply.
        pad: any valid token id; what it stands for is masked out.

    Raises:
        ModelError: logits are not finite.
    """
    summands = []
    for part in parts:
        before = [{"role": "system", "content": part.system}] if part.system is not None else []
        prompts = [encoder.encode([*before, *row.messages]) for row in rows]
        summands.append(_Running(part, prompts, pad))
    replies: list[list[int]] = [[] for _ in rows]
    running = {number for number, row in enumerate(rows) if row.limit > 0}
    column: list[int] | None = None
    while running:
        logits = summands[0].feed(column)
        for summand in summands[1:]:
            logits = logits + summand.feed(column)
        column = [pad] * len(rows)
        for number in sorted(running):
            token = column[number] = rows[number].chooser.choose(logits[number])
            if token in stops and not isinstance(rows[number].chooser, Forced):
                running.discard(number)
                continue
            replies[number].append(token)
            if len(replies[number]) >= rows[number].limit:
                running.discard(number)
    return replies
