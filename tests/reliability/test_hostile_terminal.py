"""What reaches a terminal: no text, whoever wrote it, steers it."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from pathlib import Path

from tests.reliability.hostile import NASTY, OWN, SEEN

ROOT = Path(__file__).parents[2]


def drawn(*arguments: str, rows: int = 40, columns: int = 120, seconds: float = 240) -> tuple[int, bytes]:
    """Run a module of ours in a terminal of its own; return its exit status and all that it sent there."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color", "PYTHONPATH": str(ROOT)}
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "NO_COLOR"):
        environment.pop(name, None)
    command = [sys.executable, "-m", *arguments]
    process = subprocess.Popen(command, stdin=its, stdout=its, stderr=its, env=environment, start_new_session=True)
    os.close(its)
    sent = bytearray()
    try:
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # the program has left its terminal
                break
            if not piece:
                break
            sent += piece
        return process.wait(timeout=seconds), bytes(sent)
    finally:
        process.kill()
        os.close(ours)


def test_nothing_drawn_steers_the_terminal(tmp_path: Path) -> None:
    code, sent = drawn("tests.reliability.drawing", str(tmp_path))
    assert code == 0, sent[-2000:].decode(errors="replace")
    assert sent.count(SEEN.encode()) > 50
    assert b"\x1b]52;c;" in sent  # a copy of all that, encoded
    rest = OWN.sub(b"", sent)
    found = NASTY.search(rest)
    assert found is None, rest[max(0, found.start() - 80) : found.end() + 80]
