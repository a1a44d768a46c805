"""Tokens per second of a decoder, without the time for the prompt."""

from __future__ import annotations

from assistant.engine.sampling import Sampling
from assistant.errors import AssistantError
from assistant.evaluation.rivals.decoder import Decoder
from assistant.evaluation.rivals.generate import Generate
from assistant.evaluation.rivals.llama_cpp import LlamaCpp
from assistant.evaluation.speed.profiles import STORY
from assistant.evaluation.speed.timing import now
from assistant.style import Profile

_ATTEMPTS = 20


def rate(decoder: Decoder, profile: Profile, tokens: int, seed: int = 1) -> float:
    """Return tokens per second after the first token.

    Decoders that yield as they go are timed from their first token to their last; `generate` and
    llama.cpp by what `tokens` tokens take longer than one.

    Args:
        decoder: what to time.
        profile: its voice.
        tokens: to be timed, at least 2. A reply that ends before is followed by another.
        seed: of the sampling.

    Raises:
        AssistantError: replies keep ending at once.
    """
    if isinstance(decoder, LlamaCpp | Generate):
        began = now()
        _consume(decoder, profile, 1, seed)
        middle = now()
        _consume(decoder, profile, tokens, seed)
        ended = now()
        return (tokens - 1) / ((ended - middle) - (middle - began))
    counted, passed = 0, 0.0
    for attempt in range(_ATTEMPTS):
        settings = Sampling(max_tokens=tokens - counted, seed=seed + attempt)
        stamps = [now() for _ in decoder.stream(STORY, profile, settings, frozenset())]
        if len(stamps) > 1:
            counted += len(stamps) - 1
            passed += stamps[-1] - stamps[0]
        if counted >= tokens - 2:
            return counted / passed
    raise AssistantError("the model's replies end at once: there is nothing to time")


def _consume(decoder: Decoder, profile: Profile, tokens: int, seed: int) -> None:
    for _ in decoder.stream(STORY, profile, Sampling(max_tokens=tokens, seed=seed), frozenset()):
        pass
