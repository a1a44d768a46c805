"""A home for the program: its folders, its commands, and a terminal to sit at."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

from assistant.cli.app import run
from tests.reliability.kill.forking import Forker
from tests.reliability.kill.terminal import DEADLINE, ENVIRONMENT, Terminal

ROOT = Path(__file__).resolve().parents[3]
USER = "ann"


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


class Place:
    """One home, in which the program is killed again and again."""

    def __init__(self, folder: Path, cache: Path, scripted: bool = True, **environment: str) -> None:
        """Prepare.

        Args:
            folder: for everything of this place.
            cache: of the converted model.
            scripted: whether a script answers instead of the model; then processes are forked from one that has
                imported the program.
            environment: what the program finds in its environment besides.
        """
        self.folder = folder
        self.home = folder / "home"
        folder.mkdir(parents=True, exist_ok=True)
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("ASSISTANT_")},
            "OMP_NUM_THREADS": "1",
            "PYTHONPATH": str(ROOT),
            "HF_HUB_OFFLINE": "1",
            "ASSISTANT_HOME": str(self.home),
            "ASSISTANT_CACHE": str(cache),
            "ASSISTANT_USER": USER,
            **environment,
        }
        self.terminal = Terminal()
        self._forker = Forker(ROOT, {**self.environment, **ENVIRONMENT}) if scripted else None

    @property
    def database(self) -> Path:
        """The database file."""
        return self.home / "assistant.db"

    def command(self, *arguments: str) -> list[str]:
        """Return the command that runs the program with its model."""
        return [sys.executable, "-m", "assistant", *arguments]

    def start(self, *arguments: str, **environment: str) -> None:
        """Start the program in the terminal."""
        environment = {**self.environment, **environment}
        if self._forker is None:
            self.terminal.start(self.command(*arguments), environment)
        else:
            self.terminal.start(arguments, environment, self._forker)

    def complete(self, *arguments: str) -> tuple[int, list[str]]:
        """Run the program in the terminal to its end; return its status and the screen."""
        self.start(*arguments)
        assert self.terminal.process is not None
        status = self.terminal.process.wait()
        self.terminal.settle()
        return status, self.terminal.screen

    @property
    def running(self) -> bool:
        """Whether a program runs in the terminal."""
        return self.terminal.process is not None and self.terminal.process.poll() is None

    def call(self, *arguments: str) -> Ended:
        """Run the program with its model to its end, outside of the terminal."""
        done = subprocess.run(
            self.command(*arguments),
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=2 * DEADLINE,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    def inside(self, *arguments: str) -> Ended:
        """Run a command of the program in this process, which spares the imports."""
        out, err = io.StringIO(), io.StringIO()
        with patch.dict(os.environ, self.environment), redirect_stdout(out), redirect_stderr(err):
            code = run(arguments)
        return Ended(code, out.getvalue(), err.getvalue())

    def empty(self) -> None:
        """Remove the home."""
        shutil.rmtree(self.home, ignore_errors=True)

    @contextmanager
    def as_left(self) -> Iterator[Path]:
        """Give a copy of the database as the kill left it, its log included."""
        copy = self.folder / "as-left"
        shutil.rmtree(copy, ignore_errors=True)
        copy.mkdir()
        for each in self.home.glob("assistant.db*"):
            if each.suffix != ".bak" and each.is_file():
                shutil.copyfile(each, copy / each.name)
        yield copy / self.database.name
        shutil.rmtree(copy)

    def close(self) -> None:
        """Kill what runs in the terminal."""
        self.terminal.close()
        if self._forker is not None:
            self._forker.close()
