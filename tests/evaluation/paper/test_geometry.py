from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import pytest
import torch

from assistant.anchors.bank import Factors
from assistant.anchors.gram import cosines, directions, gram, scattered
from assistant.evaluation.paper import angles, geometry, prediction
from tests.evaluation.paper.bench import Speaker, bench, planted

pytestmark = pytest.mark.slow

BASE = np.array([0.4, 0.6])


def factors(seed: int = 0, count: int = 4) -> Factors:
    generator = torch.Generator().manual_seed(seed)
    return Factors(torch.randn(count, 3, 20, generator=generator), torch.randn(count, 30, 3, generator=generator))


def test_inner_products_are_those_of_the_updates_themselves() -> None:
    made = factors()
    updates = [(b @ a).double().flatten() for a, b in zip(made.a, made.b, strict=True)]
    explicit = np.array([[float(x @ y) for y in updates] for x in updates])
    assert gram(made) == pytest.approx(explicit, rel=1e-5)
    d = [(updates[1] - updates[0]) / 2, (updates[3] - updates[2]) / 2]
    through = directions(2) @ gram(made) @ directions(2).T
    assert through[0, 1] == pytest.approx(float(d[0] @ d[1]), rel=1e-5)
    assert cosines(through)[0, 1] == pytest.approx(float(d[0] @ d[1] / d[0].norm() / d[1].norm()), rel=1e-5)


def test_an_update_that_is_nothing_has_no_angle() -> None:
    assert np.array_equal(cosines(np.array([[4.0, 0.0], [0.0, 0.0]])), np.array([[1.0, 0.0], [0.0, 0.0]]))


def test_scattered_updates_keep_norms_spectra_and_what_is_within_a_group() -> None:
    made, generator = factors(), torch.Generator().manual_seed(1)
    apart = scattered(made, generator)
    before, after = gram(made), gram(apart)
    assert np.diag(after) == pytest.approx(np.diag(before))
    assert after[0, 1] == pytest.approx(before[0, 1])
    assert abs(after[0, 2] - before[0, 2]) > 1e-3
    one, other = (torch.linalg.svdvals(each.b[0] @ each.a[0]) for each in (made, apart))
    assert torch.allclose(one, other, atol=1e-4)
    assert torch.equal(made.a, factors().a)


def test_the_null_has_the_spread_of_random_rotations() -> None:
    # E cos² = 1 / (in · out) for two updates that are rotated independently
    found = angles.null({"layer": factors()}, 2, 200, 3)
    assert found["directions"]["layer"] == pytest.approx(1 / np.sqrt(20 * 30), rel=0.25)
    assert found["directions"]["low"] < 0 < found["directions"]["high"]
    assert found["poles"]["largest"] < 0.4


def test_a_cause_that_ranks_is_found_and_another_is_not() -> None:
    rng = np.random.default_rng(0)
    effect = rng.random((5, 5))
    found = prediction.predicts(effect**3, effect, rng.random((5, 5)))
    assert found["rho"]["mean"] == pytest.approx(1.0)
    assert found["p"] <= 0.05
    assert found["partial"] == pytest.approx(1.0)
    assert prediction.predicts(rng.random((5, 5)), effect)["p"] > 0.05
    assert prediction.partial(effect[0], effect[0] * 2, effect[0]) == 0.0


def test_entanglement_is_that_of_a_planted_speaker(tmp_path: Path) -> None:
    jacobian = np.array([[1.0, 0.5], [0.0, 1.0]])  # sentiment moves formality by half as much, not the other way round
    lab, source = bench(tmp_path, Speaker(planted(jacobian, BASE)))
    found = geometry.run(lab, source, {})
    rows = {(row["moved"], row["read"]): row for row in found["entanglement"]}
    assert rows["formality", "sentiment"]["entanglement"]["mean"] == pytest.approx(0.0, abs=1e-3)
    assert 0.4 < rows["sentiment", "formality"]["entanglement"]["mean"] < 0.6
    assert rows["sentiment", "formality"]["texts"] == 0.0
    assert np.diag(np.array(found["anchors"])) == pytest.approx(1.0, abs=1e-3)
    shown = geometry.table(found)
    assert "| sentiment | formality |" in shown
    assert "mechanism claim" in shown
    assert geometry.plots(found, tmp_path)[0].stat().st_size > 1000
    speaker = Speaker(planted(jacobian, BASE))
    again, source = bench(tmp_path, speaker)
    assert geometry.run(again, source, {}) == found
    assert speaker.spoken == 0


def test_the_verdict_follows_the_numbers(tmp_path: Path) -> None:
    lab, source = bench(tmp_path, Speaker(planted(np.eye(2), BASE)))
    found = geometry.run(lab, source, {})
    ranks = {"rho": {"mean": 0.8, "low": 0.5, "high": 0.9}, "p": 0.01, "pairs": 20, "partial": 0.7}
    not_ = {"rho": {"mean": 0.1, "low": -0.3, "high": 0.5}, "p": 0.6, "pairs": 20, "partial": 0.0}
    yes, no = copy.deepcopy(found), copy.deepcopy(found)
    yes["predicts"] |= {"cosine": ranks, "texts": not_}
    no["predicts"] |= {"cosine": not_, "texts": ranks}
    assert "claim is supported" in " ".join(geometry.verdict(yes))
    assert "the texts, not the angles" in " ".join(geometry.verdict(no))
    no["leak"] = {"mean": 0.3, "low": 0.2, "high": 0.4}
    for pair in no["pairs"]:
        pair["directions"]["whole"] = {"mean": 0.01, "low": 0.0, "high": 0.02}
    assert "orthogonality is not enough" in " ".join(geometry.verdict(no))
