"""How far long work is, and how long it will take."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.progress import Eta, Milestones, Progress, left_words, words


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def work(eta: Eta, clock: Clock, start: float, steps: int, seconds: float, total: float = 1000) -> None:
    """Report `start`, and then a unit of work each so many seconds."""
    eta.add(Progress(start, total))
    for number in range(steps):
        clock.now += seconds
        eta.add(Progress(start + number + 1, total))


def test_nothing_is_said_before_something_is_known(clock: Clock) -> None:
    eta = Eta(clock=clock)
    assert eta.left() is None
    eta.add(Progress(3, 10))
    clock.now += 5
    assert eta.left() is None
    eta.add(Progress(3, 10))
    assert (eta.left(), left_words(eta.left())) == (None, "")


def test_an_even_pace_is_carried_on_and_what_was_done_before_does_not_count(clock: Clock) -> None:
    eta = Eta(clock=clock)
    work(eta, clock, start=900, steps=20, seconds=2)
    assert eta.left() == pytest.approx(80 * 2)


def test_a_change_of_pace_is_followed_within_the_window(clock: Clock) -> None:
    eta = Eta(window=30, clock=clock)
    work(eta, clock, start=0, steps=100, seconds=1)
    work(eta, clock, start=100, steps=10, seconds=4)
    assert eta.left() == pytest.approx(890 * 4, rel=0.1)


def test_a_pause_makes_it_longer_while_it_lasts_and_is_forgotten_later(clock: Clock) -> None:
    eta = Eta(window=30, clock=clock)
    work(eta, clock, start=0, steps=30, seconds=1)
    before = eta.left()
    clock.now += 300
    paused = eta.left()
    assert before is not None
    assert paused is not None
    assert paused > 10 * before
    work(eta, clock, start=31, steps=60, seconds=1)
    assert eta.left() == pytest.approx(909, rel=0.05)


def test_work_that_begins_anew_is_measured_anew(clock: Clock) -> None:
    eta = Eta(clock=clock)
    work(eta, clock, start=500, steps=10, seconds=1)
    work(eta, clock, start=0, steps=2, seconds=10)
    assert eta.left() == pytest.approx(998 * 10)


def test_less_work_than_was_thought_is_not_taken_for_speed(clock: Clock) -> None:
    eta = Eta(clock=clock)
    work(eta, clock, start=0, steps=10, seconds=1, total=300)
    clock.now += 1
    eta.add(Progress(11, 111))  # an attribute was learned early: its other steps are not needed
    assert eta.left() == pytest.approx(100)


@given(
    st.lists(st.tuples(st.floats(0, 50), st.floats(0, 1000)), max_size=60),
    st.floats(0, 1000),
)
def test_whatever_is_reported_the_time_is_a_time_or_none(reports: list[tuple[float, float]], total: float) -> None:
    clock = Clock()
    eta = Eta(window=30, clock=clock)
    for seconds, done in reports:
        clock.now += seconds
        eta.add(Progress(done, total))
        left = eta.left()
        assert left is None or (left >= 0 and not math.isnan(left))
        assert not left_words(left).startswith("about 0")


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, ""),
        (math.inf, ""),
        (0, "a few seconds left"),
        (8, "about 10 s left"),
        (20.1, "about 25 s left"),
        (54.9, "about 55 s left"),
        (55, "about 1 min left"),
        (170, "about 3 min left"),
        (5369, "about 89 min left"),
        (5400, "about 1 h 30 min left"),
        (3 * 3600, "about 3 h left"),
        (86_399, "about 24 h left"),
        (86_400, "about 1 day left"),
        (3 * 86_400, "about 3 days left"),
    ],
)
def test_times_are_said_as_people_say_them(seconds: float | None, said: str) -> None:
    assert left_words(seconds) == said


def test_the_percentage_is_whole_only_at_the_end() -> None:
    assert [Progress(done, 3).percent for done in (0, 1, 2.999, 3, 4)] == ["0%", "33%", "99%", "100%", "100%"]
    assert Progress(0, 0).percent == ""
    assert words(Progress(1, 2), 61) == "50%, about 1 min left"
    assert words(Progress(1, 2), None) == "50%"
    assert words(Progress(0, 0), None) == ""


def test_few_reports_are_milestones(clock: Clock) -> None:
    milestones = Milestones(parts=4, seconds=60, clock=clock)
    assert [done for done in range(101) if milestones.passed(Progress(done, 100))] == [25, 50, 75]
    slow = Milestones(parts=4, seconds=60, clock=clock)
    told = []
    for done in range(20):
        clock.now += 7
        if slow.passed(Progress(done, 100)):
            told.append(done)
    assert told == [8, 17]
