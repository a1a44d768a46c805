from __future__ import annotations

import json

import pytest

from assistant.preference import (
    Command,
    Complaint,
    Event,
    Lock,
    Pick,
    PreferenceError,
    Reason,
    Retraction,
    Sample,
    Silence,
    Thumb,
    Weak,
    event_from_dict,
)
from assistant.style import Compose, Profile
from tests.preference.people import FORMAL, NAMES

MOVED = Profile.neutral(NAMES).with_options({"humor": 0.1 + 0.2}, {"humor": 0.7}, 0.9, Compose.FULL)
PLAIN = Profile.neutral(NAMES)
EVENTS: list[Event] = [
    Thumb(id=1, up=False, scores=FORMAL, profile=MOVED),
    Silence(id=2, scores=FORMAL, profile=MOVED),
    Reason(id=3, attribute="humor", direction=-1, scores=FORMAL, profile=MOVED),
    Pick(id=4, chosen=FORMAL, other={**FORMAL, "humor": 1 / 3}, chosen_profile=PLAIN, other_profile=MOVED),
    Command(id=5, before=PLAIN, after=MOVED, attribute="humor"),
    Command(id=6, before=MOVED, after=PLAIN),
    Sample(id=7, scores=FORMAL),
    Weak(id=8, sign="retry", scores=FORMAL, profile=PLAIN),
    Lock(id=9, attribute="humor", locked=False),
    Retraction(id=10, of=3),
    Complaint(id=11, attribute="formality", direction=1, scores=FORMAL, profile=MOVED),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.kind)
def test_an_event_survives_json(event: Event) -> None:
    assert event_from_dict(json.loads(json.dumps(event.as_dict()))) == event


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"version": 2}, "newer program"),
        ({"kind": "hug"}, "not a piece of evidence"),
        ({"profile": {"alpha": {}}}, "damaged"),
        ({"mood": 1}, "damaged"),
    ],
)
def test_what_cannot_be_read_is_refused(change: dict[str, object], says: str) -> None:
    with pytest.raises(PreferenceError, match=says):
        event_from_dict({**EVENTS[0].as_dict(), **change})


def test_a_missing_value_is_refused() -> None:
    plain = EVENTS[0].as_dict()
    del plain["up"]
    with pytest.raises(PreferenceError, match="damaged"):
        event_from_dict(plain)
