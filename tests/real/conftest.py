"""Tests on the real base model and the shipped bank, as a person would use them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from assistant import locations

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.model)


def run(*arguments: str, stdin: str | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the program in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "assistant", *arguments],
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
        env={**os.environ, **environment},
    )


def ask(*arguments: str) -> list[dict[str, Any]]:
    """Run `ask --json` and return its objects."""
    done = run("ask", "--json", *arguments)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="session")
def prompts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of eight held-out prompts without history."""
    rows = [json.loads(line) for line in (locations.data() / "prompts.jsonl").read_text(encoding="utf-8").splitlines()]
    chosen = [row["prompt"] for row in rows if row["split"] == "heldout" and not row["history"]][:8]
    path = tmp_path_factory.mktemp("prompts") / "prompts.txt"
    path.write_text("\n".join(chosen) + "\n", encoding="utf-8")
    return path
