"""Which strength is taken: the best on the development prompts within a bound on fluency, or the one for a score."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean

from assistant.evaluation.paper.cells import Cell

BOUND = 2.0
"""A strength is allowed while the development replies' perplexity is at most so many times that of the base's own."""


@dataclass(frozen=True)
class Tried:
    """A strength with what it does on the development prompts."""

    strength: float
    score: float
    perplexity: float


def tried(strength: float, cell: Cell, name: str) -> Tried | None:
    """Return what the cell says of a strength for an attribute; None where the model breaks."""
    if "broken" in cell:
        return None
    found = cell["development"]
    perplexity = math.exp(sum(found["nats"]) / max(1, sum(found["tokens"])))
    return Tried(strength, fmean(found["scores"][name]), perplexity)


def best(candidates: Sequence[Tried], base: float, high: bool) -> float | None:
    """Return the strength of the highest score towards the pole among those that are allowed.

    Where none is, it is the one of the least perplexity; where all break, None. Of equal scores the one of less
    perplexity is taken.

    Args:
        candidates: that do not break.
        base: perplexity of the base's own development replies.
        high: whether the high pole is meant.
    """
    if not candidates:
        return None
    allowed = [each for each in candidates if each.perplexity <= BOUND * base]
    if not allowed:
        return min(candidates, key=lambda each: each.perplexity).strength
    sign = 1 if high else -1
    return max(allowed, key=lambda each: (sign * each.score, -each.perplexity)).strength


def strength_for(asked: float, candidates: Sequence[Tried]) -> float:
    """Return the signed strength at which the score is `asked`, linearly between the strengths that were tried.

    Of several crossings it is the one nearest to strength 0; where the score is never reached, the strength whose score
    is nearest, and of several the weakest.

    Args:
        asked: score.
        candidates: at least one.
    """
    ordered = sorted(candidates, key=lambda each: each.strength)
    crossings = []
    for one, other in pairwise(ordered):
        if min(one.score, other.score) <= asked <= max(one.score, other.score) and one.score != other.score:
            share = (asked - one.score) / (other.score - one.score)
            crossings.append(one.strength + share * (other.strength - one.strength))
    if crossings:
        return min(crossings, key=abs)
    return min(ordered, key=lambda each: (abs(each.score - asked), abs(each.strength))).strength
