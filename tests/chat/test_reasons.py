"""Reasons for a thumbs-down: those that people type, and those that are offered."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from assistant.chat import reasons
from assistant.errors import BadInput
from tests.preference.people import ATTRIBUTES


@pytest.mark.parametrize(
    ("words", "attribute", "direction"),
    [
        ("too formal", "formality", -1),
        ("Too  Casual!", "formality", 1),
        ("not formal enough", "formality", 1),
        ("not so formal", "formality", 1),
        ("more casual", "formality", -1),
        ("more humorous", "humor", 1),
        ("less serious.", "humor", 1),
        ("less humorous", "humor", -1),
    ],
)
def test_reasons_are_read(words: str, attribute: str, direction: int) -> None:
    assert reasons.read(words, ATTRIBUTES) == reasons.Why(attribute, direction, words.lower())


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("meh", "'meh' is no reason that can be learned from: such as too simple or not humorous enough"),
        ("too formall", "no attribute is called formall: did you mean formal?"),
        ("too xyz", "no attribute is called xyz: such as too simple or not humorous enough"),
    ],
)
def test_words_that_are_no_reason_are_refused_with_a_hint(words: str, says: str) -> None:
    with pytest.raises(BadInput) as caught:
        reasons.read(words, ATTRIBUTES)
    assert str(caught.value) == says


def believed(ideal: list[float], spread: list[float], importance: list[float]) -> Any:
    """Return what a learner believes of a person."""
    return SimpleNamespace(
        attributes=ATTRIBUTES,
        ideal=lambda: (np.array(ideal), np.array(spread)),
        importance=lambda: np.array(importance),
    )


@pytest.mark.parametrize(
    ("ideal", "spread", "score", "words", "direction"),
    [
        (0.8, 0.1, 0.3, "too casual", 1),
        (0.2, 0.1, 0.7, "too formal", -1),
        (0.9, 0.1, 0.6, "too casual", 1),  # formal, and not formal enough for them
        (0.1, 0.1, 0.4, "too formal", -1),
        (0.6, 0.6, 0.7, "too formal", -1),  # what they want is hardly known: what the reply is was too much
        (0.8, 0.6, 0.7, "too formal", -1),
        (0.2, 0.6, 0.3, "too casual", 1),
    ],
)
def test_what_may_have_been_wrong_is_offered(
    ideal: float, spread: float, score: float, words: str, direction: int
) -> None:
    learner = believed([0.5, ideal, 0.5], [0.1, spread, 0.1], [0.2, 0.6, 0.2])
    first = reasons.likely(learner, {"simplicity": 0.5, "formality": score, "humor": 0.5})[0]
    assert first == reasons.Why("formality", direction, words)


def test_what_matters_most_to_a_person_is_offered_first() -> None:
    scores = {"simplicity": 0.3, "formality": 0.9, "humor": 0.7}
    for importance, order in (
        ([0.2, 0.2, 0.6], ["too humorous", "too formal", "too complex"]),
        ([0.6, 0.2, 0.2], ["too complex", "too formal", "too humorous"]),
    ):
        offered = reasons.likely(believed([0.5, 0.5, 0.4], [0.1] * 3, importance), scores)
        assert [why.words for why in offered] == order
