from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from assistant.preference.controls import Controls, lowdin
from assistant.preference.errors import PreferenceError

NAMES = ("formality", "sentiment", "humor")
small = arrays(np.float64, (3, 3), elements=st.floats(-0.4, 0.4))
places = arrays(np.float64, (3,), elements=st.floats(-0.5, 0.5))


def controls(jacobian: np.ndarray, ridge: float = 0.0) -> Controls:
    return Controls.of(NAMES, jacobian, np.array([0.5, 0.4, 0.3]), ridge=ridge)


@given(small, places)
def test_asking_for_the_scores_of_a_place_gives_the_place(cross: np.ndarray, c: np.ndarray) -> None:
    made = controls(1.5 * np.eye(3) + cross * (1 - np.eye(3)))
    assert made.c(made.scores(c)) == pytest.approx(c, abs=1e-6)


@given(small, arrays(np.float64, (4, 3), elements=st.floats(0, 1)))
def test_c_stays_within_its_limits_and_the_ridge_shortens_it(cross: np.ndarray, asked: np.ndarray) -> None:
    matrix = 1.5 * np.eye(3) + cross
    free, damped = controls(matrix), controls(matrix, 0.5)
    assert np.all((free.c(asked) >= free.low) & (free.c(asked) <= free.high))
    assert np.all((free.slider(asked) >= free.low) & (free.slider(asked) <= free.high))
    assert free.c(asked).shape == asked.shape
    lengths = [np.linalg.norm(each._unclipped(asked), axis=-1) for each in (free, damped)]
    assert np.all(lengths[1] <= lengths[0] + 1e-9)


@given(small)
def test_within_its_reach_one_attribute_moves_alone(cross: np.ndarray) -> None:
    made = controls(1.5 * np.eye(3) + cross * (1 - np.eye(3)))
    for at, name in enumerate(NAMES):
        for end in made.reach(name):
            asked = made.base.copy()
            asked[at] = end
            if 0.02 < end < 0.98:
                assert made.scores(made.c(asked)) == pytest.approx(asked, abs=1e-6)


def test_the_slider_alone_ignores_what_else_moves() -> None:
    made = controls(np.array([[1.0, 0.0, 0.0], [0.5, 1.0, 0.0], [0.0, 0.0, 0.0]]))
    asked = made.scores(np.array([1.0, 0.0, 0.0]))
    assert made.slider(np.array([asked[0], 0.4, 0.9])) == pytest.approx([1.0, 0.0, 0.0])


def test_a_card_gives_them_back_and_a_damaged_one_is_refused() -> None:
    made = controls(np.arange(9.0).reshape(3, 3), 0.02)
    back = Controls.from_card(NAMES, made.as_dict(), {"humor": (-1.0, 2.0)})
    assert np.array_equal(back.jacobian, made.jacobian)
    assert back.high.tolist() == [1.4, 1.4, 2.0]
    assert back.ridge == 0.02
    for damaged in ({}, {**made.as_dict(), "base": {"formality": 2}}, {**made.as_dict(), "jacobian": []}):
        with pytest.raises(PreferenceError):
            Controls.from_card(NAMES, damaged)
    with pytest.raises(PreferenceError):
        controls(np.full((3, 3), np.nan))
    with pytest.raises(PreferenceError):
        controls(np.eye(2))


@given(arrays(np.float64, (7, 3), elements=st.floats(-0.3, 0.3)))
def test_lowdin_directions_are_orthogonal_of_equal_norm_and_span_the_same(shake: np.ndarray) -> None:
    d = np.eye(7, 3) * np.array([1.0, 2.0, 3.0]) + shake
    turned = d @ lowdin(d.T @ d)
    square = turned.T @ turned
    assert square == pytest.approx(np.eye(3) * square[0, 0], abs=1e-6 * square[0, 0])
    assert square[0, 0] == pytest.approx(np.prod(np.linalg.norm(d, axis=0)) ** (2 / 3))
    assert np.linalg.matrix_rank(np.hstack([d, turned]), tol=1e-6) == 3


def test_orthogonal_directions_stay_and_dependent_ones_are_refused() -> None:
    assert lowdin(np.eye(3) * 4.0) == pytest.approx(np.eye(3))
    with pytest.raises(PreferenceError, match="dependent"):
        lowdin(np.ones((2, 2)))
