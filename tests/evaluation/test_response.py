from __future__ import annotations

import math

import pytest

from assistant.evaluation import response, sampling, targets
from assistant.preference.response import Response
from tests.evaluation.test_voices import PROMPTS, Speaker, score

NAMES = ("formality", "sentiment")


def test_spread_is_the_variance_in_logits() -> None:
    found = response.spread([{"a": 0.5, "b": 1.0}, {"a": 1 / (1 + math.exp(-2)), "b": 1.0}])
    assert found == {"a": pytest.approx(2), "b": 0}


def test_what_was_measured_makes_the_learners_response() -> None:
    setting = sampling.Setting(prompts=3, replies=1, strength=0.8)
    results = targets.run(Speaker(), list(NAMES), PROMPTS, setting, 20, score)
    card = response.response(results)
    asked = results["rows"][0]["asked"]
    assert card["points"][0]["c"]["sentiment"] == pytest.approx(0.8 * (2 * asked["sentiment"] - 1), abs=1e-4)
    assert card["points"][0]["scores"]["formality"] == 0.5
    card["noise"] = dict.fromkeys(NAMES, 0.3)
    model = Response.from_card(NAMES, card)
    assert model.mean[1, 1] > 2  # sentiment answers to its own slider, formality to none
    assert abs(model.mean[0, 0]) < 0.2
