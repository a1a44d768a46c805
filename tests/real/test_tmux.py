"""The real program in tmux, as a person sees it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real.test_chat import until

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="needs tmux")


class Tmux:
    """A tmux server of its own with the program in it."""

    def __init__(self, home: Path, width: int, height: int) -> None:
        self._name = f"assistant-{uuid.uuid4().hex[:8]}"
        self._environment = {**os.environ, "ASSISTANT_HOME": str(home), "TMUX": ""}
        program = f"{sys.executable} -m assistant --user ann"
        self("new-session", "-d", "-x", str(width), "-y", str(height), program)

    def __call__(self, *arguments: str) -> str:
        done = subprocess.run(
            ["tmux", "-L", self._name, "-f", "/dev/null", *arguments],
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
        return done.stdout

    @property
    def screen(self) -> str:
        return self("capture-pane", "-p")

    def type(self, text: str) -> None:
        self("send-keys", "-l", text)

    def press(self, *keys: str) -> None:
        self("send-keys", *keys)

    def close(self) -> None:
        self("kill-server")


@pytest.fixture(params=[(60, 20), (110, 32)], ids=["60x20", "110x32"])
def tmux(request: pytest.FixtureRequest, home: Path) -> Iterator[Tmux]:
    terminal = Tmux(home, *request.param)
    yield terminal
    terminal.close()


def test_the_program_in_tmux(tmux: Tmux) -> None:
    until(lambda: "Hello ann" in tmux.screen)
    until(lambda: "● ready" in tmux.screen, 120)
    tmux.type("Say hello to me.")
    until(lambda: "Say hello to me." in tmux.screen)
    tmux.press("Enter")
    until(lambda: "copy" in tmux.screen, 120)
    tmux.press("F10")
    until(lambda: "Esc closes" in tmux.screen)
    tmux.press("Escape")
    until(lambda: "Esc closes" not in tmux.screen)
    tmux.press("C-g")
    until(lambda: "Esc back" in tmux.screen)
    tmux.press("Right", "Right", "Escape")
    until(lambda: "revision 2" in tmux.screen)
    tmux.type("/quit")
    tmux.press("Enter")
    until(lambda: tmux("list-sessions") == "")
