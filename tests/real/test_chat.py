from __future__ import annotations

import contextlib
import os
import pty
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from assistant.store import Store


class Terminal:
    """The real program in a pseudo-terminal; what it draws is read and kept."""

    def __init__(self, *arguments: str) -> None:
        self._ours, theirs = pty.openpty()
        environment = {
            **os.environ,
            "TERM": "xterm-256color",
            "COLUMNS": "110",
            "LINES": "32",
            "TEXTUAL_ANIMATIONS": "none",
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "assistant", *arguments], stdin=theirs, stdout=theirs, stderr=theirs, env=environment
        )
        os.close(theirs)
        self.screen = b""
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        with contextlib.suppress(OSError):  # the other end closes when the program leaves
            while chunk := os.read(self._ours, 65536):
                self.screen += chunk

    def type(self, text: str) -> None:
        os.write(self._ours, text.encode())


def until(condition: Callable[[], bool], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)


def test_a_kill_during_a_reply_loses_nothing_and_the_voice_is_kept(home: Path) -> None:
    terminal = Terminal("--user", "ann")
    until(lambda: b"Hello ann" in terminal.screen)
    terminal.type("/more casual\r")
    terminal.type("Tell me a long story about a lighthouse.\r")
    path = home / "assistant.db"

    def partial() -> str:
        with Store.open(path) as store:
            user = store.users.find("ann")
            latest = store.conversations.latest(user.id) if user else None
            messages = store.conversations.messages(latest.id) if latest else []
            return messages[-1].content if len(messages) == 2 else ""

    until(lambda: len(partial().split()) > 5)
    terminal.process.send_signal(signal.SIGKILL)
    terminal.process.wait()
    kept = partial()
    with Store.open(path) as store:
        assert store.database.check() == []

    again = Terminal("--user", "ann")
    word = kept.split()[0].encode()
    until(lambda: b"lighthouse" in again.screen and word in again.screen and b"interrupted" in again.screen)
    again.type("/quit\r")
    assert again.process.wait(timeout=60) == 0
    with Store.open(path) as store:
        user = store.users.require("ann")
        assert store.profiles.current(user.id).profile.alpha["formality"] == 0.25
        latest = store.conversations.latest(user.id)
        assert latest is not None
        question, reply = store.conversations.messages(latest.id)
        assert question.content == "Tell me a long story about a lighthouse."
        assert (reply.content, reply.status) == (kept, "interrupted")
