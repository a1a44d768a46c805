"""Reasons for a thumbs-down in words: "too formal", "not funny enough", "more polite"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assistant.errors import BadInput
from assistant.preference import Learner
from assistant.style import Attribute, nearest

_FORM = re.compile(r"(?:(too)|(not)|(more)|(less))\s+(?:so\s+)?(\w+)(?:\s+enough)?[.!]?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Why:
    """What was wrong: an attribute, and which way the reply should have gone."""

    attribute: str
    direction: int
    """+1: more of the high pole; −1: less."""
    words: str
    """Such as "too formal"."""


def adjectives(attributes: Iterable[Attribute]) -> dict[str, Attribute]:
    """Return every adjective that names a pole, with its attribute."""
    return {word: each for each in attributes for word in (each.low, each.high, *each.low_words, *each.high_words)}


def read(text: str, attributes: Sequence[Attribute]) -> Why:
    """Return what a person's words mean.

    Raises:
        BadInput: they mean nothing here; the message gives an example.
    """
    found = _FORM.fullmatch(text.strip())
    example = f"such as too {attributes[0].high} or not {attributes[-1].high} enough"
    if found is None:
        raise BadInput(f"{text!r} is no reason that can be learned from: {example}")
    known = adjectives(attributes)
    word = found[5].lower()
    if word not in known:
        guess = nearest(word, known)
        raise BadInput(f"no attribute is called {word}: " + (f"did you mean {guess}?" if guess else example))
    attribute = known[word]
    wanted = attribute.direction(word) * (-1 if found[1] or found[4] else 1)
    return Why(attribute.name, wanted, text.strip().lower())


def likely(learner: Learner, scores: dict[str, float]) -> list[Why]:
    """Return a reason per attribute, the one that a person most likely has against such a reply first."""
    mean, spread = learner.ideal()
    importance = learner.importance()
    ranked = []
    for index, attribute in enumerate(learner.attributes):
        score = scores[attribute.name]
        gap = mean[index] - score
        sure = abs(gap) > 0.5 * spread[index]
        direction = (1 if gap > 0 else -1) if sure else (-1 if score > 0.5 else 1)
        pole = attribute.low if direction > 0 else attribute.high
        ranked.append((-importance[index] * abs(gap), Why(attribute.name, direction, f"too {pole}")))
    return [why for _, why in sorted(ranked, key=lambda pair: pair[0])]
