from __future__ import annotations

import math

import pytest

from assistant.evaluation import response, sampling, targets
from tests.evaluation.test_voices import PROMPTS, Speaker, score

NAMES = ("formality", "sentiment")


def test_spread_is_the_variance_in_logits() -> None:
    found = response.spread([{"a": 0.5, "b": 1.0}, {"a": 1 / (1 + math.exp(-2)), "b": 1.0}])
    assert found == {"a": pytest.approx(2), "b": 0}


def test_the_card_keeps_where_profiles_were_and_what_was_measured_there() -> None:
    setting = sampling.Setting(prompts=3, replies=1, strength=0.8)
    results = targets.run(Speaker(), list(NAMES), PROMPTS, setting, 20, score)
    card = response.response(results)
    asked = results["rows"][0]["asked"]
    assert card["points"][0]["c"]["sentiment"] == pytest.approx(0.8 * (2 * asked["sentiment"] - 1), abs=1e-4)
    assert card["points"][0]["scores"] == results["rows"][0]["measured"]
    assert len(card["points"]) == 20
    assert card["noise"]["formality"] == 0
    assert card["measured"]["strength"] == 0.8
