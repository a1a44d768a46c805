from __future__ import annotations

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("shell", "environment"),
    [
        ("bash", {"COMP_WORDS": "assistant ser", "COMP_CWORD": "1"}),
        ("zsh", {"_TYPER_COMPLETE_ARGS": "assistant ser"}),
        ("fish", {"_TYPER_COMPLETE_ARGS": "assistant ser", "_TYPER_COMPLETE_FISH_ACTION": "get-args"}),
    ],
)
def test_shells_complete_commands_without_torch(shell: str, environment: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "assistant"],
        env={**os.environ, **environment, "_ASSISTANT_COMPLETE": f"complete_{shell}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr[-300:]
    assert "serve-web" in done.stdout
    for heavy in ("torch", "textual", "aiohttp", "sqlmodel"):
        assert f"| {heavy}\n" not in done.stderr
        assert f" {heavy}\n" not in done.stderr
