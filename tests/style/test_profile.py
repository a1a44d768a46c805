from __future__ import annotations

import json
import math
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.style import (
    Compose,
    Profile,
    ProfileError,
    coefficients,
    parse_assignments,
)

NAMES = ("simplicity", "formality", "humor")
NEUTRAL = Profile.neutral(NAMES)
finite = st.floats(allow_nan=False, allow_infinity=False)


@st.composite
def profiles(draw: st.DrawFn) -> Profile:
    raw = draw(st.lists(st.floats(0, 1), min_size=3, max_size=3).filter(lambda each: sum(each) > 1e-6))
    lam = [value / math.fsum(raw) for value in raw]
    alpha = draw(st.lists(finite, min_size=3, max_size=3))
    return Profile(
        dict(zip(NAMES, alpha, strict=True)),
        dict(zip(NAMES, lam, strict=True)),
        draw(st.floats(0, 1e6)),
        draw(st.sampled_from(list(Compose))),
    )


def test_neutral_is_the_middle_of_everything() -> None:
    assert dict(NEUTRAL.alpha) == dict.fromkeys(NAMES, 0.5)
    assert sum(NEUTRAL.lambda_.values()) == pytest.approx(1)
    assert (NEUTRAL.strength, NEUTRAL.compose) == (1, Compose.CENTRED)


def test_a_profile_cannot_be_changed_in_place() -> None:
    with pytest.raises(FrozenInstanceError):
        NEUTRAL.strength = 2  # type: ignore[misc]
    with pytest.raises(TypeError):
        NEUTRAL.alpha["humor"] = 1  # type: ignore[index]


@given(profiles())
def test_a_profile_survives_json(profile: Profile) -> None:
    again = Profile.from_dict(json.loads(json.dumps(profile.as_dict())))
    assert again == profile
    assert hash(again) == hash(profile)


@given(profiles(), st.sampled_from(NAMES), st.floats(0, 1))
def test_setting_a_weight_stays_on_the_simplex(profile: Profile, name: str, value: float) -> None:
    moved = profile.with_lambda({name: value})
    assert moved.lambda_[name] == value
    assert sum(moved.lambda_.values()) == pytest.approx(1)
    assert min(moved.lambda_.values()) >= 0


def test_the_others_share_the_rest_in_proportion() -> None:
    profile = NEUTRAL.with_lambda({"simplicity": 0.2, "formality": 0.6, "humor": 0.2})
    moved = profile.with_lambda({"humor": 0.6})
    assert dict(moved.lambda_) == pytest.approx({"simplicity": 0.1, "formality": 0.3, "humor": 0.6})
    alone = NEUTRAL.with_lambda({"humor": 1})
    assert dict(alone.with_lambda({"humor": 0.5}).lambda_) == pytest.approx(
        {"simplicity": 0.25, "formality": 0.25, "humor": 0.5}
    )
    with pytest.raises(ProfileError, match=r"^the lambdas add up to 0\.9 and no attribute is left for the rest of 1$"):
        NEUTRAL.with_lambda({"simplicity": 0.3, "formality": 0.3, "humor": 0.3})


def test_minus_zero_is_zero() -> None:
    profile = replace(NEUTRAL.with_alpha({"humor": -0.0}), strength=-0.0)
    assert (str(profile.alpha["humor"]), str(profile.strength)) == ("0.0", "0.0")


def test_alpha_alone_takes_all_the_weight_evenly() -> None:
    moved = NEUTRAL.with_options(alpha={"humor": 1.0, "formality": 0.0})
    assert dict(moved.lambda_) == {"simplicity": 0, "formality": 0.5, "humor": 0.5}
    kept = NEUTRAL.with_options(alpha={"humor": 1.0}, lambda_={"humor": 0.4})
    assert dict(kept.lambda_) == pytest.approx({"simplicity": 0.3, "formality": 0.3, "humor": 0.4})


def test_a_bank_with_other_attributes() -> None:
    profile = Profile({"humor": 0.9, "old": 0.1}, {"humor": 0.25, "old": 0.75})
    aligned = profile.aligned(NAMES)
    assert aligned.attributes == NAMES
    assert dict(aligned.lambda_) == pytest.approx({"simplicity": 1 / 3, "formality": 1 / 3, "humor": 1 / 3})
    assert (aligned.alpha["humor"], aligned.alpha["formality"]) == (0.9, 0.5)
    with pytest.raises(ProfileError, match="lacks"):
        profile.with_lambda({"old": 1}).aligned(NAMES)


@given(profiles(), st.sampled_from(["full", "centred"]))
def test_a_new_attribute_is_heard_and_leaves_the_old_directions_as_long(profile: Profile, compose: str) -> None:
    near = {name: max(-2.0, min(3.0, value)) for name, value in profile.alpha.items()}
    profile = replace(profile, alpha=near, strength=min(profile.strength, 2.0), compose=Compose(compose))
    wider = profile.aligned((*NAMES, "verbosity"))
    assert (wider.alpha["verbosity"], wider.lambda_["verbosity"]) == (0.5, pytest.approx(0.25))
    assert sum(wider.lambda_.values()) == pytest.approx(1)
    before, after = coefficients(profile, NAMES), coefficients(wider, wider.attributes)
    assert after[1:6:2] - after[0:6:2] == pytest.approx(before[1::2] - before[::2], abs=1e-9)
    assert after[7] == pytest.approx(after[6])
    back = wider.aligned(NAMES)
    assert dict(back.lambda_) == pytest.approx(dict(profile.lambda_), abs=1e-9)
    assert back.alpha == profile.alpha


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ([], "must be an object"),
        ({}, "'alpha' of a profile"),
        ({"alpha": {"a": "x"}, "lambda": {"a": 1}}, "must map attribute names to numbers"),
        ({"alpha": {"a": True}, "lambda": {"a": 1}}, "must map attribute names to numbers"),
        ({"alpha": {}, "lambda": {}}, "at least one attribute"),
        ({"alpha": {"a": 1}, "lambda": {"b": 1}}, "an alpha and a lambda for each"),
        ({"alpha": {"a": math.nan}, "lambda": {"a": 1}}, "finite"),
        ({"alpha": {"a": 10**400}, "lambda": {"a": 1}}, "finite"),
        ({"alpha": {"a": 1}, "lambda": {"a": 0}}, "add up to 1"),
        ({"alpha": {"a": 1, "b": 1}, "lambda": {"a": 2, "b": -1}}, "negative"),
        ({"alpha": {"a": 1}, "lambda": {"a": 1}, "strength": -1}, "negative"),
        ({"alpha": {"a": 1}, "lambda": {"a": 1}, "strength": "1"}, "must be a number"),
        ({"alpha": {"a": 1}, "lambda": {"a": 1}, "strength": math.nan}, "strength must be a finite number"),
        (
            {"alpha": {"a": 1}, "lambda": {"a": 1}, "compose": "loud"},
            "compose must be one of paper, full, centred, not 'loud'",
        ),
    ],
)
def test_what_is_no_profile_is_refused(values: object, says: str) -> None:
    with pytest.raises(ProfileError) as caught:
        Profile.from_dict(values)
    assert says in str(caught.value)


@pytest.mark.parametrize("text", ["formality", "formality=", "formality=x", "=1", "formality=nan", "formality=1e999"])
def test_assignments_that_cannot_be_read(text: str) -> None:
    with pytest.raises(ProfileError, match=r"--alpha"):
        NEUTRAL.with_alpha(parse_assignments([text], "--alpha"))


def test_assignments() -> None:
    assert parse_assignments(["Formality=0.8", " humor = -1 "], "--alpha") == {"formality": 0.8, "humor": -1}
    with pytest.raises(ProfileError, match="twice"):
        parse_assignments(["humor=1", "HUMOR=2"], "--alpha")
    with pytest.raises(ProfileError, match="did you mean formality"):
        NEUTRAL.with_alpha({"formalty": 1})


def test_coefficients_follow_the_order_of_the_bank() -> None:
    profile = NEUTRAL.with_options(alpha={"humor": 1.0}, compose=Compose.FULL)
    np.testing.assert_array_equal(coefficients(profile, NAMES), [0, 0, 0, 0, 0, 1])
    np.testing.assert_array_equal(coefficients(profile, ("humor", "formality")), [0, 1, 0, 0])
    silent = replace(NEUTRAL, compose=Compose.CENTRED)
    np.testing.assert_array_equal(np.signbit(coefficients(silent, NAMES)), [False] * 6)
