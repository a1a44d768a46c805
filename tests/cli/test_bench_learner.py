from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Assistant

FEW = ("--users", "1", "--ratings", "8", "--scenario", "base", "--algorithm", "never_changes", "--algorithm", "optimum")


def test_the_bench_writes_its_results_and_prints_them(assistant: Assistant, tmp_path: Path) -> None:
    out = tmp_path / "bench"
    done = assistant("bench", "learner", *FEW, "--out", str(out), "--json")
    assert done.code == 0
    printed = json.loads(done.out)
    assert printed["base"]["optimum"]["regret"] == [0.0, 0.0]
    assert json.loads((out / "results.json").read_text(encoding="utf-8")) == printed
    assert "| optimum | 0.0" in (out / "page.md").read_text(encoding="utf-8")
    assert "2 of 2" in done.err


def test_an_unknown_algorithm_is_bad_input(assistant: Assistant, tmp_path: Path) -> None:
    done = assistant("bench", "learner", "--algorithm", "our", "--out", str(tmp_path / "bench"))
    assert done.code == 2
    assert "did you mean ours?" in done.err
