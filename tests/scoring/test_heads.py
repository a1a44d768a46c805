from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from assistant import locations
from assistant.scoring.embedder import SIZE, ScorerError
from assistant.scoring.fitting import Labelled, fit, quality
from assistant.scoring.heads import Heads, inputs, load_heads
from assistant.scoring.surface import NAMES, features

WIDTH = SIZE + len(NAMES)


def labelled(attribute: str, prompts: int = 40) -> list[Labelled]:
    return [Labelled(f"{attribute} {pole} {i}", attribute, pole, f"p{i}") for pole in (0, 1) for i in range(prompts)]


def world(seed: int) -> tuple[np.ndarray, list[Labelled]]:
    """Inputs where feature 0 says "warm", feature 1 "loud", and loud texts happen to be a bit warm as well."""
    rng = np.random.default_rng(seed)
    labels = labelled("warmth") + labelled("loudness")
    matrix = rng.normal(size=(len(labels), WIDTH))
    for row, label in enumerate(labels):
        sign = 2 * label.pole - 1
        matrix[row, 0 if label.attribute == "warmth" else 1] += 4.0 * sign
        if label.attribute == "loudness":
            matrix[row, 2] += 4.0 * sign
        else:
            matrix[row, 2] += 1.0 * sign
    matrix[:, 20:] = 7.0
    return matrix, labels


def test_heads_learn_their_poles_and_little_else(monkeypatch: pytest.MonkeyPatch) -> None:
    matrix, labels = world(0)
    unseen, again = world(1)
    heads = fit(["warmth", "loudness"], matrix, labels)
    found = quality(heads, unseen, again)
    assert np.isfinite(heads.score(unseen)).all()
    monkeypatch.setattr("assistant.scoring.fitting.NEUTRAL_WEIGHT", 1e-6)
    careless = quality(fit(["warmth", "loudness"], matrix, labels), unseen, again)
    for name, row in found.items():
        assert row["auc"] > 0.97
        assert row["low"] < 0.2 < 0.8 < row["high"]
        assert row["leak"] < careless[name]["leak"]


def test_heads_survive_a_file(tmp_path: Path) -> None:
    matrix, labels = world(0)
    heads = fit(["warmth", "loudness"], matrix, labels)
    heads.save(tmp_path / "heads.json")
    again = load_heads(tmp_path / "heads.json")
    assert again.attributes == heads.attributes
    np.testing.assert_allclose(again.score(matrix), heads.score(matrix), atol=1e-3)


def test_joined_heads_score_as_they_did_apart(tmp_path: Path) -> None:
    matrix, labels = world(0)
    other = 3 + 5 * world(2)[0]
    old, new = fit(["warmth", "loudness"], matrix, labels), fit(["loudness"], other, labels)
    joined = old.joined(new)
    assert joined.attributes == ("warmth", "loudness")
    for inputs_ in (matrix, other):
        np.testing.assert_allclose(joined.score(inputs_)[:, 0], old.score(inputs_)[:, 0])
        np.testing.assert_allclose(joined.score(inputs_)[:, 1], new.score(inputs_)[:, 0], atol=1e-9)
    joined.save(tmp_path / "heads.json")
    again = load_heads(tmp_path / "heads.json")
    np.testing.assert_allclose(again.score(other), joined.score(other), atol=1e-2)


def test_a_head_learns_from_a_few_pairs_among_many_neutral_texts() -> None:
    matrix, labels = world(0)
    few = [
        i
        for i, label in enumerate(labels)
        if label.attribute == "warmth" or label.prompt in {"p1", "p2", "p3", "p7", "p9"}
    ]
    heads = fit(["loudness"], matrix[few], [labels[i] for i in few])
    found = quality(heads, *world(1))["loudness"]
    assert found["auc"] > 0.9
    assert found["leak"] == 0


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"format": 1}'])
def test_damaged_heads_are_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "heads.json"
    path.write_text(content)
    with pytest.raises(ScorerError, match="cannot be read"):
        load_heads(path)


def test_shipped_heads_fit_the_features() -> None:
    heads = load_heads(locations.scorers())
    assert isinstance(heads, Heads)
    assert heads.attributes == ("simplicity", "formality", "politeness", "sentiment", "humor")
    assert all(np.isfinite(getattr(heads, field.name)).all() for field in dataclasses.fields(heads)[1:])


def test_features_see_the_form_of_a_text() -> None:
    casual = dict(zip(NAMES, features("Yeah, it's fine! I'm sure you'll love it."), strict=True))
    formal = dict(
        zip(NAMES, features("The committee considered the proposal, which it subsequently rejected."), strict=True)
    )
    assert casual["contractions"] > 30 > formal["contractions"] == 0
    assert formal["letters_per_word"] > casual["letters_per_word"]
    assert casual["exclamations"] > 0
    assert formal["relatives"] > 0
    assert np.isfinite(features("")).all()
    assert inputs(np.zeros((2, SIZE)), ["a", "b"]).shape == (2, WIDTH)
