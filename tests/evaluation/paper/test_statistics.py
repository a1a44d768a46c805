from __future__ import annotations

import math

import numpy as np
import pytest

from assistant.evaluation.paper import pairs, simplex
from assistant.evaluation.paper import statistics as stats


def test_the_interval_of_a_mean_is_that_of_its_standard_error() -> None:
    values = np.random.default_rng(0).normal(0.5, 0.1, 100)
    found = stats.bootstrap(lambda rows: float(values[rows].mean()), 100)
    assert found["mean"] == pytest.approx(values.mean(), abs=1e-4)
    assert found["high"] - found["low"] == pytest.approx(2 * 1.96 * values.std() / 10, rel=0.15)


def test_noise_does_not_push_a_magnitude_above_its_own_interval() -> None:
    values = np.random.default_rng(0).normal(0, 1, (8, 12))

    def mae(rows: stats.Rows) -> float:
        return float(np.abs(values[:, rows].mean(1)).mean())

    plain, corrected = stats.bootstrap(mae, 12), stats.bootstrap(mae, 12, magnitude=True)
    assert plain["mean"] < plain["low"] + 0.1
    assert corrected["low"] < corrected["mean"] < corrected["high"] < plain["high"]
    assert corrected["low"] >= 0


def test_seeds_of_a_prompt_are_no_independent_rows() -> None:
    cell = {"scores": {"formality": [0.0, 1.0] * 50}}
    assert stats.score(cell, "formality", 2)["high"] == 1
    assert stats.score(cell, "formality", 100)["high"] < 0.65


def test_perplexity_weighs_replies_by_their_tokens() -> None:
    cell = {"nats": [1.0, 30.0], "tokens": [1, 10]}
    assert stats.perplexity(cell, 2)["mean"] == pytest.approx(math.exp(31 / 11), abs=1e-3)


def test_diversity_does_not_count_a_prompt_twice() -> None:
    cell = {"replies": [f"{a}x {a}y {a}z" for a in "abcdefghij"]}
    found = stats.diversity(cell, 1, 10)
    assert found == {"mean": 1, "low": 1, "high": 1}


def test_loops_are_counted() -> None:
    assert stats.loops({"replies": ["a b c d " * 10, "one two three four five"]}) == 1


ALPHAS = (0.0, 0.5, 1.0)


def test_the_area_is_the_share_of_the_moved_change() -> None:
    own = np.array([[0.0], [0.5], [1.0]])
    rows = np.array([0])
    assert pairs.area(own, np.array([[0.3], [0.3], [0.3]]), ALPHAS, rows) == 0
    assert pairs.area(own, own, ALPHAS, rows) == pytest.approx(0.5)  # a full follower
    assert pairs.ratio(own, own, rows) == 1
    assert pairs.ratio(own, 1 - own / 2, rows) == -0.5


def test_the_simplex_has_its_corners_and_adds_up() -> None:
    points = simplex.simplex()
    assert len(points) == 21
    assert {(1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)} <= set(points)
    assert all(math.isclose(sum(point), 1) for point in points)
