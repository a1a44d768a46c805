from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

from assistant.anchors.bank import load_bank
from assistant.anchors.gram import cosines, directions, gram, means
from assistant.engine.engine import Engine
from assistant.evaluation.paper import crowd, disentangle, scaling
from assistant.style import Compose
from tests import tiny
from tests.evaluation.paper.bench import Speaker, bench, planted

pytestmark = pytest.mark.slow


def letters(texts: Sequence[str]) -> list[dict[str, float]]:
    return [{"formality": sum(map(ord, text)) % 97 / 97, "sentiment": len(text.split()) % 7 / 7} for text in texts]


def test_synthetic_attributes_have_the_norms_of_the_real_ones_and_other_directions(tmp_path: Path) -> None:
    bank = tiny.write_bank(tmp_path / "bank", tiny.base().model, shared=True)
    assert crowd.write(bank, 5, 1, tmp_path / "five") > 1000
    made = load_bank(tmp_path / "five")
    assert made.card.names == ("formality", "sentiment", "synthetic1", "synthetic2", "synthetic3")
    for name, factor in made.factors.items():
        assert factor.shared
        assert torch.equal(factor.a[:4], bank.factors[name].a)
        products = gram(factor)
        for through in (directions(5), means(5)):
            norms = np.diag(through @ products @ through.T)
            assert norms[2:4] == pytest.approx(norms[:2], rel=1e-6)
            assert norms[4] == pytest.approx(norms[0], rel=1e-6)
            assert abs(cosines(through @ products @ through.T)[0, 2]) < 0.5


def test_more_attributes_are_measured_with_a_real_engine_and_not_again(tmp_path: Path) -> None:
    base = tiny.base()
    made = tiny.write_bank(tmp_path / "bank", base.model, shared=True)
    assert made.card.names == tiny.NAMES
    weights = {name: base.model.get_submodule(name).weight.clone() for name in made.factors}
    lab, source = bench(tmp_path, Engine(base, tmp_path / "bank"), letters, base)
    found = scaling.run(lab, source, {})
    assert [row["attributes"] for row in found["cost"]] == [2, 4, 8, 16]
    assert found["cost"][-1]["disk_mb"] > 4 * found["cost"][0]["disk_mb"]
    assert len(found["rows"]) == 8
    for name, weight in weights.items():
        assert torch.equal(base.model.get_submodule(name).weight, weight)
    shown = scaling.table(found)
    assert "8 times the attributes" in shown
    assert scaling.plots(found, tmp_path)[0].stat().st_size > 1000
    again, source = bench(tmp_path, Speaker(planted(np.eye(2), np.full(2, 0.5))), letters, base)
    assert scaling.run(again, source, {}) == found


def test_the_verdict_follows_the_numbers() -> None:
    def number(mean: float, half: float = 0.1) -> dict[str, float]:
        return {"mean": mean, "low": mean - half, "high": mean + half}

    cost = {"full_ms": number(10), "one_ms": number(10), "memory_mb": 100.0, "disk_mb": 30.0}
    row = {"own": number(0.5), "leak": number(0.2), "ratio": number(0.4), "more": number(0.0), "kept": number(0.9)}
    row |= {"perplexity": number(3), "loops": 0, "count": 8, "broken": 0, "attributes": 40}
    results = {
        "cost": [{"attributes": 5, **cost}, {"attributes": 40, **cost, "full_ms": number(80)}],
        "rows": [{**row, "compose": str(way)} for way in (Compose.CENTRED, Compose.PAPER)],
        "real": 5,
    }
    assert "a full composition 8.0" in scaling.verdict(results)[0]
    assert "does not measurably change" in scaling.verdict(results)[1]
    other = copy.deepcopy(results)
    other["rows"][0]["more"] = number(0.5)
    other["rows"][1]["own"] = number(0.0)
    assert "grows" in scaling.verdict(other)[1]
    assert "lost in the noise" in scaling.verdict(other)[2]
    other["rows"][0] = {"attributes": 40, "compose": "centred", "broken": 10}
    assert "breaks" in scaling.verdict(other)[1]
    assert "the model breaks" in scaling.table(other)


def test_another_bank_is_driven_beside(tmp_path: Path) -> None:
    base = tiny.base()
    tiny.write_bank(tmp_path / "bank", base.model, shared=True)
    tiny.write_bank(tmp_path / "other", base.model, size=0.1)
    lab, source = bench(tmp_path, Engine(base, tmp_path / "bank"), letters, base)
    found = disentangle.run(lab, source, {"other_bank": tmp_path / "other"})
    assert set(found["ways"]) == {"sliders", "inverse", "orthogonal", "other bank"}
    assert "the other bank" in disentangle.table(found)
