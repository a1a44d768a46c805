from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from assistant.errors import AssistantError, BadInput
from assistant.evaluation import learner_bench, learner_page
from assistant.evaluation.learner_field import ALGORITHMS, SEARCHES
from assistant.preference.simulation import REACH, SCENARIOS

PACKAGED = {"cmaes", "tpe", "ngopt"}
FAST = ("optimum", "never_changes", "only_obeys")


def test_the_results_have_the_promised_form(tmp_path: Path) -> None:
    seen: list[tuple[int, int, str]] = []
    results = learner_bench.run(
        2, 8, ("base", "reasons"), FAST, lambda done, total, cell, left: seen.append((done, total, cell)), seed=7
    )
    assert list(results) == ["base", "reasons"]
    assert set(results["base"]) == set(FAST)
    cell = results["base"]["never_changes"]
    assert len(cell["regret"]) == 2
    assert len(cell["up"]) == 4
    assert len(cell["curve"]) == len(cell["lost"]) == 8
    assert sum(cell["lost"]) == pytest.approx(cell["regret"][0], abs=0.01)
    assert results["base"]["optimum"]["regret"] == [0.0, 0.0]
    assert seen[-1] == (6, 6, "reasons, only_obeys")


def test_a_run_that_was_stopped_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tmp_path / "cells.json"
    first = learner_bench.run(1, 8, ("base",), FAST[:2], kept=kept, seed=3)
    met: list[str] = []
    real = learner_bench.episode
    monkeypatch.setattr(learner_bench, "episode", lambda name, *rest: met.append(name) or real(name, *rest))
    again = learner_bench.run(1, 8, ("base",), FAST, kept=kept, seed=3)
    assert met == ["only_obeys"]
    assert again["base"]["optimum"] == first["base"]["optimum"]
    with pytest.raises(BadInput, match="other numbers"):
        learner_bench.run(2, 8, ("base",), FAST, kept=kept, seed=3)
    kept.write_text("[]", encoding="utf-8")
    with pytest.raises(AssistantError, match="does not hold"):
        learner_bench.run(1, 8, ("base",), FAST, kept=kept, seed=3)


def test_a_missing_package_is_null_and_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for package in ("cmaes", "optuna", "nevergrad"):
        monkeypatch.setitem(sys.modules, package, None)
    kept = tmp_path / "cells.json"
    results = learner_bench.run(1, 8, ("base",), ("never_changes", "cmaes", "tpe", "ngopt"), kept=kept)
    assert [name for name, cell in results["base"].items() if cell is None] == ["cmaes", "tpe", "ngopt"]
    assert learner_page.missing(results) == ["cmaes", "tpe", "ngopt"]
    assert "Not run" in learner_page.page("assistant bench learner", results)
    assert "| cmaes |" in learner_page.overview(results)


@pytest.mark.parametrize(
    ("asked", "says"),
    [({"algorithms": ("our",)}, "ours"), ({"scenarios": ("bases",)}, "base"), ({"users": 0}, "1 user")],
)
def test_a_wrong_name_or_number_is_refused(asked: dict[str, object], says: str) -> None:
    with pytest.raises(BadInput, match=says):
        learner_bench.run(**{"users": 1, **asked})  # type: ignore[arg-type]


@pytest.mark.parametrize("name", [name for name in ALGORITHMS if name not in PACKAGED])
def test_every_algorithm_meets_a_person_and_stays_within_reach(name: str) -> None:
    ratings = 25 if name in SEARCHES else 8
    run = learner_bench.episode(name, SCENARIOS["reasons"], 11, ratings)
    assert run.approval.shape == (ratings,)
    assert ((run.approval > 0) & (run.approval < 1)).all()
    assert (run.approval > run.best + 0.02).sum() == 0
    if name not in ("optimum", "never_changes", "only_obeys"):
        assert run.approval.std() > 0.01


def test_a_search_climbs_through_noisy_verdicts() -> None:
    make, settings = SEARCHES["spsa"]
    search, chance = make(np.random.default_rng(1), **settings), np.random.default_rng(2)
    goal = np.array([0.8, -0.7, 0.7, 0.8, -0.8])
    away = []
    for _ in range(400):
        tried = search.ask()
        assert np.abs(tried).max() <= REACH
        away.append(float(np.linalg.norm(tried - goal)))
        search.tell(tried, float(chance.random() < np.exp(-0.5 * away[-1])))
    assert np.mean(away[-40:]) < 0.7 * np.mean(away[:10])


def test_people_are_the_same_in_several_processes() -> None:
    alone = learner_bench.run(2, 8, ("base",), ("never_changes",), seed=5)
    assert learner_bench.run(2, 8, ("base",), ("never_changes",), seed=5, jobs=2) == alone


def test_the_page_tells_the_share_of_the_lower_bound() -> None:
    cell = {"regret": [10.0, 1.0], "up": [0.1, 0.2, 0.3, 0.4], "curve": [0.3] * 4, "lost": [2.5] * 4}
    results = {"base": {"never_changes": cell, "ours": {**cell, "regret": [4.0, 0.5]}}}
    page = learner_page.page("assistant bench learner --users 2", json.loads(json.dumps(results)), ["a.png"])
    assert "| ours | 4.0 ± 0.5 | 0.40 | 0.10 | 0.20 | 0.30 | 0.40 |" in page
    assert page.index("| ours | 4.0") < page.index("| never_changes | 10.0")
    assert "![a.png](a.png)" in page
