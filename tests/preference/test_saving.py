from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from assistant.preference import Learner, Lock, PreferenceError, Thumb, restored, saving, state
from assistant.style import Attribute
from tests.preference.people import ATTRIBUTES, lived, scores

LEARNER, _ = lived(Learner.start(ATTRIBUTES), 12)


def stored() -> dict[str, Any]:
    return dict(json.loads(json.dumps(state(LEARNER))))


def test_a_restored_learner_goes_on_the_same_to_the_bit() -> None:
    again = restored(stored(), ATTRIBUTES)
    said = scores(np.random.default_rng(1))
    event = Thumb(id=500, up=False, scores=said, profile=LEARNER.profile)
    assert state(again.observe(event)[0]) == state(LEARNER.observe(event)[0])
    assert again.observe(event)[1] == LEARNER.observe(event)[1]


def test_locks_and_the_limits_of_the_bank_hold_after_it_is_restored() -> None:
    safe = {"humor": (-0.5, 0.8)}
    locked, _ = Learner.start(ATTRIBUTES, safe=safe).observe(Lock(id=1, attribute="humor"))
    judged, _ = locked.observe(Thumb(id=2, up=False, scores=dict.fromkeys(locked.names, 0.7), profile=locked.profile))
    again = restored(state(judged), ATTRIBUTES, safe=safe)
    assert state(again) == state(judged)
    assert again.locks == {"humor"}
    assert again.last is not None
    for learner in (again, again.last.before):
        assert (learner.reach.low.tolist(), learner.reach.high.tolist()) == ([-1.4, -1.4, -0.5], [1.4, 1.4, 0.8])


def test_the_state_is_small() -> None:
    assert len(json.dumps(state(LEARNER))) < 200_000


def test_an_older_state_is_brought_up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    old = stored()
    old["dials"] = old.pop("habits")
    monkeypatch.setattr(saving, "VERSION", 2)
    monkeypatch.setattr(saving, "_UPGRADES", {1: lambda plain: {**plain, "version": 2, "habits": plain["dials"]}})
    old["last"] = None
    assert restored(old, ATTRIBUTES).profile == LEARNER.profile


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"version": 99}, "newer program"),
        ({"version": None}, "rebuilt"),
        ({"attributes": ["formality"]}, "another bank"),
        ({"belief": {"x": {}}}, "damaged"),
        ({"profile": {}}, "damaged"),
        ({"facts": None}, "damaged"),
    ],
)
def test_what_cannot_be_read_is_refused(change: dict[str, object], says: str) -> None:
    with pytest.raises(PreferenceError, match=says):
        restored({**stored(), **change}, ATTRIBUTES)


def test_a_state_is_of_one_bank() -> None:
    with pytest.raises(PreferenceError, match="another bank"):
        restored(stored(), [Attribute("formality", "casual", "formal")])
