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


@pytest.mark.parametrize(
    ("event", "says"),
    [
        (Thumb(id=1, up=False, scores=FORMAL, profile=WAS), "Thumbs down on a reply that sounded formal (0.80): "),
        (
            Thumb(id=1, up=True, scores=FORMAL, profile=WAS),
            "Thumbs up, and more of what may please is tried: formality",
        ),
        (
            Thumb(id=1, up=False, scores={**FORMAL, "formality": 0.2}, profile=WAS),
            "Thumbs down, and something else is tried: formality 0.50 → 0.30",
        ),
        (Silence(id=1, scores={**FORMAL, "formality": 0.5}, profile=WAS), "neither casual nor formal (0.50)"),
        (Silence(id=1, scores=FORMAL, profile=WAS), "No verdict on a reply that sounded formal"),
        (Weak(id=1, sign="retry", scores=FORMAL, profile=WAS), "Retried a reply that sounded formal"),
        (
            Reason(id=1, attribute="formality", direction=-1, scores=FORMAL, profile=WAS),
            "Too formal, should be more casual (formality was 0.80): formality 0.50 → 0.30",
        ),
        (
            Complaint(id=1, attribute="humor", direction=1, scores=FORMAL, profile=WAS),
            "Too serious, should be more humorous (humor was 0.30)",
        ),
        (
            Pick(id=1, chosen=FORMAL, other={**FORMAL, "humor": 0.9}, chosen_profile=WAS, other_profile=WAS),
            "Picked the more serious reply (0.30 against 0.90)",
        ),
        (Command(id=1, before=WAS, after=NOW, attribute="formality"), "You set formality: formality 0.50 → 0.30"),
        (Command(id=1, before=WAS, after=NOW), "You set the profile"),
        (Sample(id=1, scores=FORMAL), "A text that you like, which sounded formal (0.80)"),
        (Lock(id=1, attribute="humor"), "Humor is locked"),
        (Retraction(id=1, of=2), "Taken back"),
    ],
)
def test_evidence_in_words(event: Event, says: str) -> None:
    assert says in explain.line(event, WAS, NOW, ATTRIBUTES)


def test_effects_in_words() -> None:
    assert explain.effect(WAS, WAS) == "nothing moves"
    assert explain.effect(WAS, NOW) == "formality 0.50 → 0.30"
    assert "humor counts for more" in explain.effect(WAS, WAS.with_lambda({"humor": 0.6}))
    assert "strength 1.00 → 0.80" in explain.effect(WAS, WAS.with_options(strength=0.8))
