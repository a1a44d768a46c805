"""From the call of the real program to its first usable screen, in a pseudo-terminal."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

PATIENCE = 120.0
PAINTED = b"Say something"
"""Stands in the field once one can type."""


def seconds(*arguments: str) -> tuple[float, float]:
    """Return how many seconds of the processor and of the clock pass until one can type."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "assistant", *arguments],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm-256color"},
    )
    os.close(theirs)
    seen = b""
    try:
        while PAINTED not in re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", seen):
            if time.monotonic() - began > PATIENCE:
                raise TimeoutError(f"no screen within {PATIENCE:.0f} s")
            seen += os.read(ours, 65536)
        fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
        ticks = int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK"), time.monotonic() - began
    finally:
        process.kill()
        process.wait()
        os.close(ours)
