"""What evidence says of possible persons, and what silence says of their habits."""

from __future__ import annotations

import numpy as np
import pytest

from assistant.preference import Learner, Silence, Thumb
from assistant.preference.facts import STRAY, Facts, Persons
from assistant.preference.habits import Habits
from tests.preference.people import ATTRIBUTES, FORMAL


def test_a_reason_is_likeliest_from_those_for_whom_its_attribute_is_most_of_what_is_wrong() -> None:
    reply = np.array([0.5, 0.9, 0.5], np.float32)
    ideal = np.array([[0.5, 0.5, 0.9], [0.5, 0.5, 0.6], [0.5, 0.1, 0.5]], np.float32)
    persons = Persons(ideal, np.full((3, 3), 1 / 3, np.float32), np.full(3, 0.2, np.float32))
    too_formal = Facts.none(3).added(directions=(1, reply, (1.0, -1.0), 1.0))
    found = np.exp(too_formal.likelihood(persons, np.zeros(3, np.int32), 1, 1.0))
    shares = np.array([0.5, 0.8, 1.0])
    assert found == pytest.approx(0.98 * ((1 - STRAY) * shares + STRAY / 3), rel=1e-3)


def test_silences_are_understood_by_the_habits_of_now() -> None:
    facts = Facts.none(3)
    assert facts.with_silence((0.9, 0.2)) is facts
    facts = facts.added(verdicts=(1, np.zeros(3, np.float32), (0.0, 1.0, 0.0), 1.0))
    assert facts.with_silence((0.9, 0.2)) is facts
    facts = facts.added(verdicts=(2, np.zeros(3, np.float32), (0.5, 0.5, 1.0), 1.0))
    found = facts.with_silence((0.9, 0.2)).verdicts.values
    assert found == pytest.approx(np.array([[0.0, 1.0, 0.0], [0.9, 0.2, 1.0]]))


def test_a_silence_counts_for_content_and_endured_by_how_likely_each_was() -> None:
    assert Habits().passed_over(0.8).as_dict() == pytest.approx(
        {"praised": 1.0, "content": 1.8, "blamed": 1.0, "endured": 1.2, "told": 0.0}
    )
    critic = Habits(praised=1.0, content=3.0, blamed=3.0, endured=1.0)
    share = 0.5 * 0.75 / (0.5 * 0.75 + 0.5 * 0.25)
    assert critic.passed_over(0.5).content == pytest.approx(3.0 + share)
    assert critic.passed_over(0.5).endured == pytest.approx(2.0 - share)


def test_a_thumb_changes_what_an_earlier_silence_meant() -> None:
    new = Learner.start(ATTRIBUTES)
    quiet, _ = new.observe(Silence(id=1, scores=FORMAL, profile=new.profile))
    other = {**FORMAL, "humor": 0.9}
    learner, _ = quiet.observe(Thumb(id=2, up=False, scores=other, profile=new.profile))
    assert learner.facts.verdicts.values[0, :2] == pytest.approx(learner.habits.silent)
