"""Profiles, their changes and what was left out, in words."""

from __future__ import annotations

import pytest

from assistant.chat import wording
from assistant.engine.room import Room
from assistant.style import Compose, Profile
from tests.fake import ATTRIBUTES

NEUTRAL = Profile.neutral(("formality", "sentiment"))


@pytest.mark.parametrize(
    ("after", "says"),
    [
        (NEUTRAL, "nothing changed"),
        (NEUTRAL.with_alpha({"formality": 0.504}), "nothing changed"),
        (NEUTRAL.with_alpha({"formality": 0.75}), "formality 0.50 → 0.75"),
        (NEUTRAL.with_lambda({"formality": 0.7}), "weights formality 0.50 → 0.70, sentiment 0.50 → 0.30"),
        (
            NEUTRAL.with_options({"formality": 0.0}, {"formality": 0.5}, 0.8, Compose.PAPER),
            "formality 0.50 → 0.00; strength 1 → 0.8; composition centred → paper",
        ),
        (
            NEUTRAL.aligned(("formality", "sentiment", "humor")),
            "humor new → 0.50; weights formality 0.50 → 0.33, sentiment 0.50 → 0.33, humor 0.00 → 0.33",
        ),
    ],
)
def test_changes_in_words(after: Profile, says: str) -> None:
    assert wording.changes(NEUTRAL, after) == says


@pytest.mark.parametrize(
    ("room", "says"),
    [
        (Room(900, 800, dropped=1), "The oldest turn was left out of this reply: the model's context holds 900 tokens"),
        (
            Room(900, 800, dropped=3),
            "The 3 oldest turns were left out of this reply: the model's context holds 900 tokens",
        ),
        (
            Room(900, 800, dropped=3, cut=70),
            "The message is longer than the model's context of 900 tokens: its first 70 tokens, "
            "and all that came before it, were left out of this reply",
        ),
    ],
)
def test_what_was_left_out_in_words(room: Room, says: str) -> None:
    assert wording.left_out(room) == says


@pytest.mark.parametrize(
    ("alpha", "says"),
    [
        (-0.1, "beyond casual"),
        (0.0, "casual"),
        (0.1, "casual"),
        (0.3, "rather casual"),
        (0.46, "between casual and formal"),
        (0.5, "between casual and formal"),
        (0.7, "rather formal"),
        (0.9, "formal"),
        (1.0, "formal"),
        (1.1, "beyond formal"),
    ],
)
def test_where_an_attribute_is_in_words(alpha: float, says: str) -> None:
    assert wording.position(ATTRIBUTES[0], alpha) == says


def test_a_profile_is_told_in_a_line_per_attribute_and_one_for_the_rest() -> None:
    profile = NEUTRAL.with_options({"formality": 1.25}, {"formality": 0.7}, 0.8, Compose.FULL)
    assert wording.describe(profile, ATTRIBUTES).splitlines() == [
        "formality  α  1.25  λ 0.70  beyond formal",
        "sentiment  α  0.50  λ 0.30  between negative and positive",
        "strength 0.8, composition full",
    ]
