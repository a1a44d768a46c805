"""What the experiments share: replies to held-out prompts under a profile, and their measures."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any, Protocol

from assistant.anchors.texts import Prompt
from assistant.chat.host import Messages
from assistant.engine.sampling import Sampling
from assistant.evaluation.measures import MEASURES, distinct, repetition
from assistant.style import DEFAULT_COMPOSE, DEFAULT_STRENGTH, Compose, Profile

BATCH = 48
LOOPS = 0.3
"""A reply is counted as looping when so many of its 4-grams came before."""
Score = Callable[[Sequence[str]], Sequence[Mapping[str, float]]]


class Speaker(Protocol):
    """What an experiment needs of an engine."""

    name: str

    def compose(self, profile: Profile) -> bool:
        """Compose the profile into the weights."""

    def batch(self, conversations: Sequence[Messages], settings: Sequence[Sampling]) -> list[tuple[str, int]]:
        """Return text and number of tokens of one reply per conversation."""

    def losses(self, conversations: Sequence[Messages], replies: Sequence[str]) -> list[tuple[float, int]]:
        """Return (negative log-likelihood in nats, tokens) of given replies."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What is run."""

    alphas: tuple[float, ...] = (0.0, 0.25, 0.5, 0.75, 1.0)
    prompts: int = 24
    """Held-out prompts, the first so many."""
    replies: int = 2
    """Seeds per prompt."""
    max_tokens: int = 60
    seed: int = 1
    compose: Compose = DEFAULT_COMPOSE
    strength: float = DEFAULT_STRENGTH

    def describe(self) -> dict[str, Any]:
        """Return what every experiment's results say of its setting."""
        return {
            "compose": str(self.compose),
            "strength": self.strength,
            "replies_per_prompt": self.replies,
            "max_tokens": self.max_tokens,
            "seed": self.seed,
        }


def replies_to(engine: Speaker, prompts: Sequence[Prompt], setting: Setting) -> Iterator[str]:
    """Yield the replies, prompt by prompt within each seed."""
    for repeat in range(setting.replies):
        for start in range(0, len(prompts), BATCH):
            chunk = prompts[start : start + BATCH]
            settings = [
                Sampling(max_tokens=setting.max_tokens, seed=setting.seed + 1000 * repeat + start + row)
                for row in range(len(chunk))
            ]
            yield from (text for text, _ in engine.batch([prompt.messages() for prompt in chunk], settings))


def base_profile(attributes: Sequence[str]) -> Profile:
    """Return the profile whose composition is the base model to the bit."""
    return Profile.neutral(attributes).with_options(compose=Compose.CENTRED)


def base_replies(engine: Speaker, attributes: Sequence[str], prompts: Sequence[Prompt], setting: Setting) -> list[str]:
    """Return the base model's own replies in the same setting."""
    engine.compose(base_profile(attributes))
    return list(replies_to(engine, prompts, setting))


def perplexity(engine: Speaker, prompts: Sequence[Prompt], replies: Sequence[str]) -> float:
    """Return exp of the mean negative log-likelihood per token under the weights now composed.

    Args:
        engine: speaks, with the judging weights composed.
        prompts: what the replies answer, over and over, seed by seed.
        replies: texts; empty ones do not count.
    """
    pairs = [(prompts[row % len(prompts)].messages(), text) for row, text in enumerate(replies) if text.strip()]
    losses = engine.losses([messages for messages, _ in pairs], [text for _, text in pairs])
    return math.exp(math.fsum(loss for loss, _ in losses) / max(1, sum(tokens for _, tokens in losses)))


def summary(replies: Sequence[str], prompts: int, scores: Sequence[Mapping[str, float]]) -> dict[str, Any]:
    """Return each measure's and score's mean with its interval, and the diversity and loops of the replies together.

    Args:
        replies: seed by seed, in the order of the prompts within each.
        prompts: number of prompts, over which the interval is drawn.
        scores: of each reply, by attribute.
    """
    found: dict[str, Any] = {
        name: _mean([measure(reply) for reply in replies], prompts) for name, measure in MEASURES.items()
    }
    found["scores"] = {name: _mean([each[name] for each in scores], prompts) for name in scores[0]}
    found["distinct_2"] = round(distinct(list(replies), 2), 4)
    found["loops"] = sum(repetition(reply) > LOOPS for reply in replies)
    return found


def _mean(values: Sequence[float], prompts: int) -> dict[str, float]:
    low, high = bootstrap([fmean(values[row::prompts]) for row in range(prompts)])
    return {"mean": round(fmean(values), 4), "low": round(low, 4), "high": round(high, 4)}


def bootstrap(values: Sequence[float], draws: int = 1000, seed: int = 0) -> tuple[float, float]:
    """Return the 95% percentile bootstrap interval of the mean."""
    rng = random.Random(seed)
    means = sorted(fmean(rng.choices(values, k=len(values))) for _ in range(draws))
    return means[round(0.025 * (draws - 1))], means[round(0.975 * (draws - 1))]
