from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.preference import PreferenceError
from assistant.preference.reach import LAMBDA_STEP, SAFE_ALPHA, STEP, Reach
from assistant.preference.response import displacement
from assistant.style import Compose, Profile
from tests.preference.people import NAMES

REACH = Reach.of(NAMES, {"humor": (-0.5, 0.8)})
wide = st.lists(st.floats(-4, 4), min_size=3, max_size=3)


@st.composite
def profiles(draw: st.DrawFn) -> Profile:
    raw = draw(st.lists(st.floats(0, 1), min_size=3, max_size=3).filter(lambda each: sum(each) > 1e-3))
    alpha = draw(st.lists(st.floats(-1, 2), min_size=3, max_size=3))
    return Profile(
        dict(zip(NAMES, alpha, strict=True)),
        dict(zip(NAMES, [value / math.fsum(raw) for value in raw], strict=True)),
        draw(st.floats(0, 2)),
        draw(st.sampled_from(list(Compose))),
    )


@given(profiles(), wide, st.lists(st.floats(0, 1), min_size=3, max_size=3), st.sets(st.sampled_from(NAMES)))
def test_a_step_keeps_all_bounds(profile: Profile, c: list[float], importance: list[float], locks: set[str]) -> None:
    with np.errstate(divide="raise", invalid="raise"):
        after = REACH.moved(profile, np.array(c), np.array(importance), frozenset(locks))
    assert math.fsum(after.lambda_.values()) == pytest.approx(1, abs=1e-9)
    assert (after.strength, after.compose) == (profile.strength, profile.compose)
    was, now = displacement(profile, NAMES), displacement(after, NAMES)
    for index, name in enumerate(NAMES):
        assert abs(after.alpha[name] - profile.alpha[name]) <= STEP + 1e-9
        assert abs(after.lambda_[name] - profile.lambda_[name]) <= LAMBDA_STEP + 1e-9
        assert min(SAFE_ALPHA[0], profile.alpha[name]) - 1e-9 <= after.alpha[name]
        assert after.alpha[name] <= max(SAFE_ALPHA[1], profile.alpha[name]) + 1e-9
        assert min(REACH.low[index], was[index]) - 1e-9 <= now[index] <= max(REACH.high[index], was[index]) + 1e-9
        if name in locks:
            assert after.alpha[name] == profile.alpha[name]
            assert now[index] == was[index]


@given(profiles(), wide, wide)
def test_a_second_thought_stays_within_a_step_of_both_profiles(
    before: Profile, first: list[float], second: list[float]
) -> None:
    now = REACH.moved(before, np.array(first), np.array([1.0, 0.1, 0.1]))
    after = REACH.moved(before, np.array(second), np.array([0.1, 1.0, 1.0]), now=now)
    was, c = (displacement(each, NAMES) for each in (before, after))
    for index, name in enumerate(NAMES):
        assert abs(after.alpha[name] - before.alpha[name]) <= STEP + 1e-9
        assert abs(after.alpha[name] - now.alpha[name]) <= STEP + 1e-9
        assert min(REACH.low[index], was[index]) - 1e-8 <= c[index] <= max(REACH.high[index], was[index]) + 1e-8


def test_weights_follow_importance_and_the_voice_does_not_jump() -> None:
    profile = Profile.neutral(NAMES).with_alpha({"humor": 0.7})
    c = displacement(profile, NAMES)
    for _ in range(10):
        profile = REACH.moved(profile, c, np.array([0.1, 0.1, 0.8]))
    assert profile.lambda_["humor"] > profile.lambda_["formality"] + 0.05
    assert displacement(profile, NAMES) == pytest.approx(c, abs=1e-9)


def test_a_voice_at_the_edge_of_one_attribute_still_moves_on_another() -> None:
    profile = Profile.neutral(NAMES).with_alpha({"humor": 0.9, "formality": 0.6})
    edge = Reach.of(NAMES, {"humor": (-0.5, displacement(profile, NAMES)[2])})
    after = edge.moved(profile, np.array([0.0, 0.5, 2.0]), np.ones(3))
    assert after.alpha == pytest.approx({"simplicity": 0.5, "formality": 0.75, "humor": 0.9})


@pytest.mark.parametrize("safe", [(0.1, 1.0), (-1.0, math.inf), (-1.0,)])
def test_a_safe_range_must_be_two_numbers_around_0(safe: tuple[float, ...]) -> None:
    with pytest.raises(PreferenceError, match="humor"):
        Reach.of(NAMES, {"humor": safe})
