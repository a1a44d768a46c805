from __future__ import annotations

import time
from pathlib import Path

import pytest

from assistant.errors import BadInput
from assistant.evaluation.paper.cells import FILE, Cells
from assistant.evaluation.paper.progress import Progress, duration


def test_a_cell_is_measured_once_and_survives_the_run(tmp_path: Path) -> None:
    measured: list[int] = []

    def measure() -> dict[str, object]:
        measured.append(1)
        return {"scores": {"formality": [0.5]}}

    first = Cells(tmp_path, {"seed": 1})
    assert first.get("a", measure) == first.get("a", measure)
    again = Cells(tmp_path, {"seed": 1})
    assert "a" in again
    assert again.get("a", measure)["scores"] == {"formality": [0.5]}
    assert measured == [1]


def test_a_line_cut_off_by_a_kill_is_measured_again(tmp_path: Path) -> None:
    cells = Cells(tmp_path, {})
    cells.get("a", lambda: {"value": 1})
    with (tmp_path / FILE).open("a") as file:
        file.write('{"key": "b", "val')
    again = Cells(tmp_path, {})
    assert "b" not in again
    assert again.get("b", lambda: {"value": 2})["value"] == 2
    assert [each in Cells(tmp_path, {}) for each in ("a", "b")] == [True, True]


def test_the_time_of_all_runs_counts(tmp_path: Path) -> None:
    for key in ("a", "b"):
        Cells(tmp_path, {}).get(key, lambda: time.sleep(0.02) or {"value": 1})
    assert 0.04 <= Cells(tmp_path, {}).spent < 5
    assert Cells(tmp_path, {}).worked < 0.04, "sleeping is no work"


def test_another_setting_is_refused(tmp_path: Path) -> None:
    Cells(tmp_path, {"seed": 1})
    with pytest.raises(BadInput, match="other settings"):
        Cells(tmp_path, {"seed": 2})


def test_a_file_that_is_no_run_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("nonsense\n")
    with pytest.raises(BadInput, match="damaged"):
        Cells(tmp_path, {})


def test_what_an_earlier_run_measured_does_not_enter_the_estimate() -> None:
    now, lines = [0.0], []
    progress = Progress(4, lines.append, lambda: now[0])
    progress.step("known", measured=False)
    now[0] = 10
    progress.step("new")
    assert lines == ["2 of 4: new; 20 s left"]


def test_durations_come_in_the_unit_of_a_person() -> None:
    assert [duration(each) for each in (30, 600, 7200)] == ["30 s", "10 min", "2.0 h"]
