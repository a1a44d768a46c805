from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import BadInput
from assistant.evaluation.paper import claims, publishing


def number(value: float) -> dict[str, float]:
    return {"mean": value, "low": value - 0.05, "high": value + 0.05}


def mixtures(error: float) -> dict[str, Any]:
    mae = {"interpolation": number(error), "reseeded": number(0.1), "redrawn": number(0.1)}
    return {"texts": 4, "epochs": 1, "names": ["formality"], "attributes": {}, "mae": {"own": mae, "all": mae}}


def pairs(area: float) -> dict[str, Any]:
    row = {"moved": "formality", "fixed": "sentiment", "lambda": 0.5, "area": number(area), "ratio": number(0)}
    ends = [number(0.2), number(0.7)]
    return {
        "compose": "paper",
        "alphas": [0, 1],
        "lambdas": [0.5],
        "names": ["formality", "sentiment"],
        "pairs": [{**row, "own": ends, "other": ends}],
    }


def record(experiment: str, results: dict[str, Any]) -> dict[str, Any]:
    setting = {"full": False, "model": "tiny", "arithmetic": "fp32", "prompts": 2, "split": "heldout", "replies": 1}
    return {
        "experiment": experiment,
        "title": f"About {experiment}",
        "command": f"assistant evaluate {experiment}",
        "date": "2026-11-25",
        "machine": "a machine",
        "threads": 1,
        "seconds": 600,
        "processor": 300,
        "setting": {**setting, "max_tokens": 5, "seed": 1},
        "results": results,
    }


def test_a_verdict_follows_the_numbers() -> None:
    assert [each.verdict for each in claims.mixtures(mixtures(0.1))] == ["agrees"]
    assert [each.verdict for each in claims.mixtures(mixtures(0.4))] == ["differs"]
    assert [each.verdict for each in claims.pairs(pairs(0.3))] == ["agrees"]
    assert [each.verdict for each in claims.pairs(pairs(0.9))] == ["differs"]


def test_the_report_is_made_from_the_runs_files_alone(tmp_path: Path) -> None:
    for name, results in (("pairs", pairs(0.3)), ("unknown", {})):
        (tmp_path / "runs" / name).mkdir(parents=True)
        (tmp_path / "runs" / name / "results.json").write_text(json.dumps(record(name, results)))
    path = publishing.report(publishing.read(tmp_path / "runs"), tmp_path / "docs")
    text = path.read_text()
    assert "assistant evaluate pairs" in text
    assert "10 min" in text
    assert "| formality | sentiment | 0.5 |" in text
    assert (tmp_path / "docs" / "paper" / "pairs.svg").is_file()
    html = path.with_suffix(".html").read_text()
    assert "<table>" in html
    assert '<img src="paper/pairs.svg"' in html


def test_a_folder_without_runs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="holds no results"):
        publishing.read(tmp_path)


def test_numbers_that_json_lacks_are_null(tmp_path: Path) -> None:
    full = record("pairs", {**pairs(0.3), "odd": [float("inf"), 1.0]})
    publishing.write(full, tmp_path)
    assert json.loads((tmp_path / "results.json").read_text())["results"]["odd"] == [None, 1.0]
    assert "About pairs" in (tmp_path / "page.md").read_text()
