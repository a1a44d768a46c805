"""Fitting a profile to how a text sounds."""

from dataclasses import replace

import numpy as np
import pytest

from assistant.preference import Response
from assistant.preference.fitting import fit
from assistant.preference.reach import Reach
from assistant.style import Compose, Profile

NAMES = ("formality", "sentiment", "humor")
MODEL, REACH = Response.prior(NAMES), Reach.of(NAMES)
NEUTRAL = Profile.neutral(NAMES)


def test_the_fitted_profile_is_expected_to_score_like_the_text() -> None:
    wanted = np.array([0.2, 0.75, 0.5])
    found = fit(MODEL, wanted, NEUTRAL.with_lambda({"formality": 0.9}), REACH)
    assert MODEL.of(found) == pytest.approx(wanted, abs=0.02)
    assert list(found.lambda_.values()) == pytest.approx([1 / 3] * 3)


def test_what_cannot_be_reached_is_approached_within_the_safe_range() -> None:
    found = fit(MODEL, np.array([0.0, 1.0, 0.5]), NEUTRAL, REACH)
    assert found.alpha["formality"] == pytest.approx(-0.2, abs=0.01)
    assert found.alpha["sentiment"] == pytest.approx(1.2, abs=0.01)


def test_strength_and_composition_stay_the_persons_own() -> None:
    wanted = np.array([0.4, 0.5, 0.5])
    assert fit(MODEL, wanted, replace(NEUTRAL, compose=Compose.PAPER), REACH).compose is Compose.PAPER
    assert fit(MODEL, wanted, replace(NEUTRAL, strength=0.0), REACH).strength == 1.0
