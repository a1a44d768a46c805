"""Our own engine behind the rivals' interface."""

from __future__ import annotations

from collections.abc import Iterator

from assistant.engine.engine import Engine
from assistant.engine.sampling import Sampling
from assistant.evaluation.rivals.decoder import Messages
from assistant.style import Profile


class Ours:
    """The engine with the profile composed into its weights."""

    def __init__(self, engine: Engine) -> None:
        """Take an engine; it is composed as profiles ask."""
        self.engine = engine

    def stream(self, messages: Messages, profile: Profile, settings: Sampling, stops: frozenset[int]) -> Iterator[int]:
        """Yield the tokens of one reply; see `Decoder.stream`. The model's own stop tokens end it as well."""
        self.engine.compose(profile)
        self.engine.fold()
        for token in self.engine.tokens(self.engine.encode(messages), settings):
            if token in stops:
                return
            yield token
