"""What a rival decoder is: tokens of a reply to a conversation, in the voice of a profile."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from assistant.engine.sampling import Sampler, Sampling
from assistant.style import Profile

if TYPE_CHECKING:
    import torch

Messages = Sequence[Mapping[str, str]]


class Decoder(Protocol):
    """A way to decode; to stop a reply, stop iterating."""

    def stream(self, messages: Messages, profile: Profile, settings: Sampling, stops: frozenset[int]) -> Iterator[int]:
        """Yield the tokens of one reply, at most settings.max_tokens, without the stop token.

        Args:
            messages: the conversation, as {"role", "content"}.
            profile: the voice.
            settings: how to choose tokens.
            stops: tokens that end the reply; with none, it has settings.max_tokens tokens.
        """


class Growing(Protocol):
    """Logits of one reply that grows."""

    def feed(self, tokens: Sequence[int]) -> torch.Tensor:
        """Append tokens to the reply; return the logits of the next one, shape (vocabulary,).

        The first call may bring no token: its logits are those of the reply's first.
        """


class SteppedDecoder(ABC):
    """A decoder that gives logits and leaves the choice to our sampler, so that all choose alike."""

    @abstractmethod
    def begin(self, messages: Messages, profile: Profile) -> Growing:
        """Return the logits of a reply to the conversation in the voice of the profile."""

    def stream(self, messages: Messages, profile: Profile, settings: Sampling, stops: frozenset[int]) -> Iterator[int]:
        """Yield the tokens of one reply; see `Decoder.stream`."""
        sampler, growing = Sampler(settings), self.begin(messages, profile)
        fresh: list[int] = []
        for _ in range(settings.max_tokens):
            token = sampler.choose(growing.feed(fresh))
            if token in stops:
                return
            yield token
            fresh = [token]
