"""Calling the program in processes of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from assistant.anchors.card import Card
from tests import fake

ROOT = Path(__file__).parents[2]


class Program:
    """The program with a home of its own; its chat answers by a script."""

    def __init__(self, home: Path, folder: Path) -> None:
        bank = folder / "bank"
        bank.mkdir(exist_ok=True)
        Card("tiny", fake.ATTRIBUTES, 4, ("q",), "0" * 64).write(bank)
        self.home = home
        self.database = home / "assistant.db"
        self.environment = {
            **os.environ,
            "ASSISTANT_HOME": str(home),
            "ASSISTANT_CACHE": str(home / "cache"),
            "ASSISTANT_BANK": str(bank),
            "PYTHONPATH": str(ROOT),
        }

    def __call__(
        self, *arguments: str, lines: str = "", before: Callable[[], None] | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run it to its end."""
        return subprocess.run(
            self.command(*arguments),
            input=lines,
            capture_output=True,
            text=True,
            check=False,
            timeout=200,
            env={**self.environment, **environment},
            preexec_fn=before,
        )

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Run it beside the test, which writes its lines."""
        return subprocess.Popen(
            self.command(*arguments),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**self.environment, **environment},
        )

    @staticmethod
    def command(*arguments: str) -> list[str]:
        return [sys.executable, "-m", "tests.reliability.scripted_program", *arguments]


def refused(done: subprocess.CompletedProcess[str], code: int = 1) -> str:
    """Return the one line with which a call failed."""
    assert done.returncode == code, done
    assert done.stderr.startswith("error: "), done
    assert done.stderr.count("\n") == 1, done
    return done.stderr.removeprefix("error: ").rstrip("\n")
