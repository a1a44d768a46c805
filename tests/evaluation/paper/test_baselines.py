"""Which strengths are chosen, what is compared, and the page; the whole experiment on a tiny model."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from assistant.anchors.texts import read_texts
from assistant.engine.engine import Engine
from assistant.evaluation.paper import baselines
from assistant.evaluation.paper.cells import Cells
from assistant.evaluation.paper.contenders.choosing import Tried, best, strength_for
from assistant.evaluation.paper.contenders.paths import Path as Way
from assistant.evaluation.paper.contenders.trigrams import Trigrams
from assistant.evaluation.paper.experiments import Source
from assistant.evaluation.paper.lab import Lab, Plan
from tests import tiny

pytestmark = pytest.mark.slow

TEXTS = ["the cat sat on the mat", "the dog sat on the cat", "a dog and a cat", "the mat and the dog"]


def test_the_best_strength_is_the_highest_score_within_the_bound() -> None:
    grid = [Tried(0.5, 0.6, 8.0), Tried(1.0, 0.8, 15.0), Tried(2.0, 0.95, 21.0)]
    assert best(grid, 10.0, high=True) == 1.0
    assert best(grid, 10.5, high=True) == 2.0
    assert best(grid, 10.0, high=False) == 0.5
    assert best(grid, 1.0, high=True) == 0.5  # none is allowed: the least perplexity
    assert best([], 10.0, high=True) is None
    assert best([Tried(1.0, 0.9, 9.0), Tried(2.0, 0.9, 8.0)], 10.0, high=True) == 2.0


def test_the_strength_for_a_score_lies_between_those_that_were_tried() -> None:
    grid = [Tried(s, score, 1.0) for s, score in ((-1.0, 0.1), (0.0, 0.4), (1.0, 0.8), (2.0, 0.6))]
    assert strength_for(0.6, grid) == pytest.approx(0.5)  # the crossing nearest to 0
    assert strength_for(0.25, grid) == pytest.approx(-0.5)
    assert strength_for(0.9, grid) == 1.0
    assert strength_for(0.0, grid) == -1.0


def cell(score: float, nats: float, kl: float) -> dict[str, Any]:
    return {
        "replies": ["the cat sat", "a dog and a mat"],
        "scores": {"formality": [score - 0.1, score + 0.1]},
        "nats": [nats, nats],
        "tokens": [1, 1],
        "kl": [[kl, 1], [kl, 1]],
    }


def test_at_a_matched_score_the_other_measures_lie_between_their_neighbours() -> None:
    cells = [cell(0.5, 1.0, 0.0), {"broken": "far"}, cell(0.7, 2.0, 0.4), cell(0.9, 4.0, 1.0)]
    way = Way(cells, "formality", True, 2, Trigrams(TEXTS))
    found = way.at("score", 0.8)
    assert found["perplexity"]["mean"] == pytest.approx(math.exp(3.0), abs=1e-3)
    assert found["kl"]["mean"] == pytest.approx(0.7)
    assert way.at("kl", 0.2)["score"]["mean"] == pytest.approx(0.6)
    assert way.reached("score", 0.9)
    assert not way.reached("score", 0.95)
    assert not way.reached("score", 0.4)  # the way begins beyond it


def test_trigram_probabilities_add_up_and_order_counts() -> None:
    judge = Trigrams(TEXTS)
    words = ["the", "cat", "sat", "on", "mat", "dog", "and", "a", "</s>", "<unk>"]
    for context in (["<s>", "<s>"], ["the", "cat"], ["mat", "mat"]):
        rest = judge._even  # what no word of the texts has
        total = sum(judge.probability(context, word) for word in words)
        assert total == pytest.approx(1.0, abs=2 * rest)
    assert judge.nats("the dog sat on the mat")[0] < judge.nats("mat the on sat dog the")[0]
    assert judge.nats("") == (0.0, 0)


def half(replies: Sequence[str]) -> list[dict[str, float]]:
    return [{name: (hash(name) + sum(map(ord, reply))) % 101 / 100 for name in tiny.NAMES} for reply in replies]


def test_the_experiment_resumes_and_its_page_comes_from_json_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = tiny.base()
    bank = tiny.write_bank(tmp_path / "bank", made.model)
    splits = ["heldout"] * 2 + ["validation"] * 2 + ["anchors"] * 2
    texts = read_texts(tiny.write_data(tmp_path / "data", tiny.ATTRIBUTES, splits))
    for method in set(baselines.METHODS) - {"centred", "paper", "dexperts", "prompting"}:
        monkeypatch.delitem(baselines.METHODS, method)
    monkeypatch.setattr(baselines, "DEVELOPMENT", {False: 2, True: 2})
    monkeypatch.setattr(baselines, "general_text", lambda count, wikitext: (TEXTS, "tests"))
    engine: Any = Engine(made, tmp_path / "bank")
    plan = Plan(prompts=2, max_tokens=3)
    results = {}
    for turn in ("fresh", "resumed"):
        cells = Cells(tmp_path / "run", plan.as_dict())
        known = len(cells)
        lab = Lab(engine, tiny.NAMES, texts.split("heldout"), half, plan, cells)
        source = Source(made, bank, tmp_path / "bank", texts, tmp_path / "run")
        results[turn] = json.loads(json.dumps(baselines.run(lab, source, {})))
        assert turn == "fresh" or len(cells) == known > 50
    assert results["fresh"] == results["resumed"]
    assert set(results["fresh"]["overall"]) == set(baselines.METHODS)
    page = baselines.table(results["fresh"])
    assert "| DExperts |" in page
    assert "sentiment, high end" in page
    (picture,) = baselines.plots(results["fresh"], tmp_path)
    assert picture.stat().st_size > 1000
    row = results["fresh"]["attributes"]["formality"]["centred"]["rows"]
    assert [each["strength"] for each in row] == [-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0]
    assert results["fresh"]["base"]["kl"]["mean"] == pytest.approx(0.0, abs=1e-4)
