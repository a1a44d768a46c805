from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.anchors.card import BankError, Card, read_card
from assistant.style import Attribute, Compose, Profile, SafeRange

NAMES = ("formality", "sentiment", "humor")
MIDDLE = "its safe range must be finite and hold the middle"


def values(unit: str, limit: float = 1.5) -> dict[str, Any]:
    factors = np.random.default_rng(3).normal(size=(6, 4))
    return {
        "unit": unit,
        "limit": limit,
        "attributes": {name: {"low": -1.25 - i / 4, "high": 1.5 + i / 4} for i, name in enumerate(NAMES)},
        "gram": (factors @ factors.T / 4).tolist(),
    }


numbers = st.floats(-20, 20)
units = st.sampled_from(["alpha", "c", "displacement"])


@st.composite
def profiles(draw: st.DrawFn) -> Profile:
    raw = draw(st.lists(st.integers(0, 5), min_size=3, max_size=3).filter(any))
    return Profile(
        dict(zip(NAMES, draw(st.lists(numbers, min_size=3, max_size=3)), strict=True)),
        {name: share / sum(raw) for name, share in zip(NAMES, raw, strict=True)},
        draw(st.floats(0, 4)),
        draw(st.sampled_from(list(Compose))),
    )


@given(profiles(), units)
def test_what_is_pulled_back_is_inside_and_nothing_is_pulled_further(profile: Profile, unit: str) -> None:
    safe = SafeRange.from_dict(values(unit), NAMES)
    pulled = safe.pulled_back(profile)
    assert not safe.beyond(pulled)
    if safe.beyond(profile):
        assert safe.reach(pulled) == pytest.approx(1)
        for name in NAMES:
            assert abs(pulled.alpha[name] - 0.5) <= abs(profile.alpha[name] - 0.5) + 1e-9
    else:
        assert pulled == profile


@given(profiles(), units, st.sampled_from(NAMES))
def test_a_safe_alpha_is_where_the_profile_meets_the_edge(profile: Profile, unit: str, name: str) -> None:
    safe = SafeRange.from_dict(values(unit), NAMES)
    low, high = safe.safe_alpha(profile, name)
    assert low <= high
    if math.isinf(low) or high - low < 1e-6 or max(-low, high) > 1e6:
        return
    others = safe.reach(profile.with_alpha({name: (low + high) / 2}))
    if others > 1:  # another attribute is beyond its own limit
        return
    for end, outward in ((low, low - (high - low)), (high, high + (high - low))):
        assert safe.reach(profile.with_alpha({name: end})) <= 1 + 1e-6
        assert safe.reach(profile.with_alpha({name: outward})) > 1


def test_strength_moves_limits_of_c_and_not_those_of_alpha() -> None:
    profile = Profile.neutral(NAMES).with_options(strength=2.0)
    assert SafeRange.from_dict(values("c"), NAMES).safe_alpha(profile, "formality") == (0.1875, 0.875)
    assert SafeRange.from_dict(values("alpha"), NAMES).safe_alpha(profile, "formality") == (-0.125, 1.25)


def test_an_attribute_that_is_not_heard_may_be_anywhere() -> None:
    profile = Profile.neutral(NAMES).with_lambda({"humor": 0.0})
    for unit in ("c", "displacement"):
        assert SafeRange.from_dict(values(unit), NAMES).safe_alpha(profile, "humor") == (-math.inf, math.inf)


def test_the_displacement_counts_how_long_the_directions_are_and_how_much_they_agree() -> None:
    anchors = np.array(
        [[0.0, 0.0, -2.0], [0.0, 0.0, 2.0], [0.5, 0.0, 0.0], [0.5, 1.2, 1.6]]
    )  # d: (0, 0, 2), (0, .6, .8)
    both = {name: {"low": -1.0, "high": 1.0} for name in NAMES[:2]}
    told = {"unit": "displacement", "limit": 0.5, "attributes": both, "gram": (anchors @ anchors.T).tolist()}
    safe = SafeRange.from_dict(told, NAMES[:2])
    profile = Profile.neutral(NAMES[:2])
    assert safe.reach(profile.with_alpha({"formality": 1.0})) == pytest.approx(4.0)
    assert safe.reach(profile.with_alpha({"sentiment": 1.0})) == pytest.approx(2.0)
    assert safe.reach(profile.with_alpha({"formality": 1.0, "sentiment": 1.0})) == pytest.approx(
        math.hypot(0.6, 2.8) * 2
    )
    assert safe.safe_alpha(profile, "formality") == pytest.approx((0.375, 0.625))
    assert safe.safe_alpha(profile, "sentiment") == pytest.approx((0.25, 0.75))


@pytest.mark.parametrize("alpha", [1e60, 1e200, -1e300])
def test_a_voice_however_far_out_comes_back_to_the_edge(alpha: float) -> None:
    for unit in ("alpha", "c", "displacement"):
        safe = SafeRange.from_dict(values(unit), NAMES)
        profile = Profile.neutral(NAMES).with_alpha({"formality": alpha, "humor": 0.7})
        assert safe.beyond(profile)
        assert safe.reach(safe.pulled_back(profile)) == pytest.approx(1)


def test_only_a_limit_of_the_displacement_needs_products_of_the_anchors() -> None:
    for unit in ("alpha", "c", "displacement"):
        told = {key: value for key, value in values(unit).items() if key != "gram"}
        if unit == "displacement":
            with pytest.raises(ValueError, match="its safe range is not usable"):
                SafeRange.from_dict(told, NAMES)
        else:
            assert SafeRange.from_dict(told, NAMES).names == NAMES


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"limit": 0.0}, MIDDLE),
        ({"limit": math.inf}, MIDDLE),
        ({"attributes": {name: {"low": 0.0, "high": 1.0} for name in NAMES}}, MIDDLE),
        ({"attributes": {name: {"low": -1.0, "high": 0.0} for name in NAMES}}, MIDDLE),
        ({"gram": np.full((6, 6), np.nan).tolist()}, MIDDLE),
        ({"gram": np.eye(5).tolist()}, "its safe range is not usable"),
        ({"gram": [["x"] * 6] * 6}, "its safe range is not usable"),
        ({"unit": "miles"}, "its safe range is not usable"),
    ],
)
def test_a_range_that_is_none_is_refused(change: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=f"^{says}"):
        SafeRange.from_dict({**values("displacement"), **change}, NAMES)


def test_the_card_keeps_it_and_old_cards_have_none(tmp_path: Path) -> None:
    attributes = tuple(Attribute(name, f"un{name}", name) for name in NAMES)
    card = Card("tiny", attributes, 1, (), "0", safe=values("displacement"))
    card.write(tmp_path)
    assert read_card(tmp_path) == card
    assert read_card(tmp_path).safe_range is not None
    old = (tmp_path / "card.json").read_text().replace('"safe"', '"older"').replace('"seal"', '"none"')
    (tmp_path / "card.json").write_text(old)
    assert read_card(tmp_path).safe_range is None
    Card("tiny", attributes, 1, (), "0", safe={**values("c"), "limit": -1}).write(tmp_path)
    with pytest.raises(BankError, match="safe range"):
        read_card(tmp_path)
