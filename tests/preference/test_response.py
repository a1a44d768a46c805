from __future__ import annotations

import math

import numpy as np
import pytest

from assistant.preference import PreferenceError, Response
from assistant.preference.response import GAIN, displacement, logistic
from assistant.style import Compose, Profile, coefficients
from tests.preference.people import NAMES

TRUE = np.array([[2.2, 0.4, 0.0, -0.5], [-0.3, 1.1, 0.2, 0.1], [0.0, 0.3, 0.7, -1.0]])


NOISE = np.array([2.0, 0.3, 0.0])
"""Of one reply's logit scores: replies of the first attribute vary a lot."""


def card(count: int = 40) -> dict[str, object]:
    """Return what would be measured, with means over very many replies."""
    rng = np.random.default_rng(5)
    luck = rng.standard_normal((4000, 3))
    points = []
    for c in rng.uniform(-1, 1, (count, 3)):
        found = logistic(TRUE[:, :3] @ c + TRUE[:, 3] + NOISE * luck).mean(axis=0)
        points.append({"c": dict(zip(NAMES, c, strict=True)), "scores": dict(zip(NAMES, found, strict=True))})
    return {"points": points, "noise": dict(zip(NAMES, NOISE, strict=True)), "measured": {"prompts_per_profile": 4000}}


@pytest.mark.parametrize("compose", [Compose.FULL, Compose.CENTRED])
def test_c_is_what_composition_really_moves(compose: Compose) -> None:
    profile = Profile.neutral(NAMES).with_options({"humor": 0.9, "formality": 0.2}, {"humor": 0.5}, 1.3, compose)
    k = coefficients(profile, NAMES)
    assert displacement(profile, NAMES) == pytest.approx(k[1::2] - k[0::2])


def test_without_a_card_each_attribute_answers_to_its_slider() -> None:
    model = Response.from_card(NAMES, None)
    assert model.logits(np.array([0.0, 1.0, 0.0])) == pytest.approx([0.0, GAIN, 0.0])
    assert model.scores(np.array([0.0, 1.0, 0.0])) == pytest.approx([0.5, 1 / (1 + math.exp(-GAIN)), 0.5], abs=0.01)


def test_the_card_is_read_back() -> None:
    model = Response.from_card(NAMES, card())
    assert model.mean == pytest.approx(TRUE, abs=0.25)
    assert model.noise[:2] == pytest.approx([2.0, 0.3])
    assert model.noise[2] > 0  # a card that saw no noise is not believed


def test_means_over_more_replies_are_believed_more_and_a_card_need_not_say_how_many() -> None:
    sides = [card(4), {**card(4), "measured": {"prompts_per_profile": 9}}, {**card(4), "measured": None}]
    sides.append({**card(4), "measured": {"prompts_per_profile": 4}})
    sure = [Response.from_card(NAMES, each).variance(np.array([0.5, 0.5, 0.5]))[0] for each in sides]
    assert sure[0] < sure[1] < sure[2] == sure[3]


@pytest.mark.parametrize(
    "damage", [{"points": [{"c": {}}]}, {"points": 3}, {"noise": {"humor": 1.0}}, {"noise": dict.fromkeys(NAMES, -1.0)}]
)
def test_a_damaged_card_is_refused(damage: dict[str, object]) -> None:
    with pytest.raises(PreferenceError, match="measure it again"):
        Response.from_card(NAMES, {**card(2), **damage})


def test_measured_scores_correct_a_wrong_model() -> None:
    rng = np.random.default_rng(1)
    model = Response.prior(NAMES)
    wrong = np.abs(model.logits(np.array([0.8, -0.5, 0.3])) - (TRUE[:, :3] @ [0.8, -0.5, 0.3] + TRUE[:, 3])).max()
    for _ in range(40):
        c = rng.uniform(-1, 1, 3)
        model = model.observed(c, logistic(TRUE[:, :3] @ c + TRUE[:, 3] + 0.3 * rng.standard_normal(3)))
    left = np.abs(model.logits(np.array([0.8, -0.5, 0.3])) - (TRUE[:, :3] @ [0.8, -0.5, 0.3] + TRUE[:, 3])).max()
    assert left < wrong / 3


def test_expected_scores_are_means_over_replies_that_vary() -> None:
    model, rng = Response.from_card(NAMES, card()), np.random.default_rng(8)
    for c in rng.uniform(-1, 1, (5, 3)):
        drawn = logistic(model.logits(c) + NOISE * rng.standard_normal((20_000, 3))).mean(axis=0)
        assert model.scores(c) == pytest.approx(drawn, abs=0.015)


def test_the_inverse_finds_the_way_to_scores() -> None:
    model = Response.from_card(NAMES, card())
    c = np.array([0.4, -0.6, 0.5])
    assert model.inverse(model.scores(c), ridge=1e-9) == pytest.approx(c, abs=1e-6)


def test_ignorance_widens_what_a_reply_may_score() -> None:
    c, prior = np.array([1.0, 0.0, 0.0]), Response.prior(NAMES)
    measured = Response.from_card(NAMES, card())
    assert (measured.variance(c) - measured.noise**2 < prior.variance(c) - prior.noise**2).all()
    assert (prior.variance(c) > prior.noise**2).all()
    assert prior.variance(np.stack([c, 0 * c]))[1] == pytest.approx(prior.variance(0 * c))
