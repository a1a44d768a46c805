from __future__ import annotations

import pytest

from assistant.preference import (
    Command,
    Complaint,
    Event,
    Lock,
    Pick,
    Reason,
    Retraction,
    Sample,
    Silence,
    Thumb,
    Weak,
    explain,
)
from assistant.style import Profile
from tests.preference.people import ATTRIBUTES, FORMAL, NAMES

WAS = Profile.neutral(NAMES)
NOW = WAS.with_alpha({"formality": 0.3, "humor": 0.504})


MOVED = "formality 0.50 → 0.30"


@pytest.mark.parametrize(
    ("event", "says"),
    [
        (
            Thumb(id=1, up=False, scores=FORMAL, profile=WAS),
            f"Thumbs down on a reply that sounded formal (0.80): {MOVED}",
        ),
        (
            Thumb(id=1, up=True, scores=FORMAL, profile=WAS),
            f"Thumbs up, and more of what may please is tried: {MOVED}",
        ),
        (
            Thumb(id=1, up=False, scores={**FORMAL, "formality": 0.2}, profile=WAS),
            f"Thumbs down, and something else is tried: {MOVED}",
        ),
        (
            Silence(id=1, scores={**FORMAL, "formality": 0.5}, profile=WAS),
            f"No verdict on a reply that sounded neither casual nor formal (0.50): {MOVED}",
        ),
        (
            Silence(id=1, scores=FORMAL, profile=WAS),
            f"No verdict on a reply that sounded formal (0.80): {MOVED}",
        ),
        (
            Weak(id=1, sign="retry", scores=FORMAL, profile=WAS),
            f"Retried a reply that sounded formal (0.80): {MOVED}",
        ),
        (
            Reason(id=1, attribute="formality", direction=-1, scores=FORMAL, profile=WAS),
            f"Too formal, should be more casual (formality was 0.80): {MOVED}",
        ),
        (
            Complaint(id=1, attribute="humor", direction=1, scores=FORMAL, profile=WAS),
            f"Too serious, should be more humorous (humor was 0.30): {MOVED}",
        ),
        (
            Pick(id=1, chosen=FORMAL, other={**FORMAL, "humor": 0.9}, chosen_profile=WAS, other_profile=WAS),
            f"Picked the more serious reply (0.30 against 0.90): {MOVED}",
        ),
        (
            Pick(id=1, chosen={**FORMAL, "humor": 0.9}, other=FORMAL, chosen_profile=WAS, other_profile=WAS),
            f"Picked the more humorous reply (0.90 against 0.30): {MOVED}",
        ),
        (Command(id=1, before=WAS, after=NOW, attribute="formality"), f"You set formality: {MOVED}"),
        (Command(id=1, before=WAS, after=NOW), f"You set the profile: {MOVED}"),
        (Sample(id=1, scores=FORMAL), f"A text that you like, which sounded formal (0.80): {MOVED}"),
        (Lock(id=1, attribute="humor"), f"Humor is locked: {MOVED}"),
        (Lock(id=1, attribute="humor", locked=False), f"Humor is free to move: {MOVED}"),
        (Retraction(id=1, of=2), f"Taken back: {MOVED}"),
    ],
)
def test_evidence_in_words(event: Event, says: str) -> None:
    assert explain.line(event, WAS, NOW, ATTRIBUTES) == says


def test_effects_in_words() -> None:
    assert explain.effect(WAS, WAS) == "nothing moves"
    assert explain.effect(WAS, NOW) == MOVED
    assert explain.effect(WAS, WAS.with_lambda({"humor": 0.6})) == "humor counts for more"
    assert explain.effect(WAS, NOW.with_options(strength=0.8)) == f"{MOVED}, strength 1.00 → 0.80"


def test_the_largest_moves_are_told_and_the_others_counted() -> None:
    was = Profile.neutral(tuple("abcde"))
    three = {"a": 0.4, "b": 0.8, "d": 0.7}
    told = "b 0.50 → 0.80, d 0.50 → 0.70, a 0.50 → 0.40"
    assert explain.effect(was, was.with_alpha(three)) == told
    assert explain.effect(was, was.with_alpha({**three, "c": 0.55})) == f"{told}, 1 more a little"
    assert explain.effect(was, was.with_alpha({**three, "c": 0.55, "e": 0.49})) == f"{told}, 2 more a little"
