"""How fast the program starts, measured from outside: a process in a pseudo-terminal, read as a person would see it."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from statistics import median
from typing import Any

from assistant.errors import AssistantError
from assistant.evaluation.report import machine

PATIENCE = 300.0
"""Seconds after which a start has failed; the first one may have to convert the model."""
PAINTED = b"Say something"
READY = "● ready".encode()


def run(repeats: int, report: Callable[[int, int], None] = lambda done, total: None) -> dict[str, Any]:
    """Measure `--help`, the first paint and readiness, after one start that is not counted.

    Args:
        repeats: counted starts.
        report: called with the finished and all starts.

    Returns:
        Medians in seconds, the peak memory of a ready chat in MB, the single runs, and the machine.

    Raises:
        AssistantError: the chat does not become ready.
    """
    runs = []
    for number in range(-1, repeats):
        helped = _help()
        painted, ready, peak = _start()
        if number >= 0:
            runs.append({"help_s": helped, "paint_s": painted, "ready_s": ready, "peak_mb": peak})
            report(number + 1, repeats)
    return {
        **{key: round(median(each[key] for each in runs), 3) for key in runs[0]},
        "runs": runs,
        "machine": machine(),
    }


def _help() -> float:
    began = time.monotonic()
    subprocess.run([sys.executable, "-m", "assistant", "--help"], check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - began


def _start() -> tuple[float, float, float]:
    """Open the chat with an empty home; return seconds to paint and to be ready, and its peak memory in MB."""
    ours, theirs = pty.openpty()
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "ASSISTANT_HOME": home, "TERM": "xterm-256color", "COLUMNS": "110", "LINES": "32"}
        began = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "assistant", "--user", "bench"],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=environment,
        )
        os.close(theirs)
        try:
            painted, seen = _wait(ours, PAINTED, b""), time.monotonic()
            _wait(ours, READY, painted)
            return seen - began, time.monotonic() - began, _peak(process.pid)
        finally:
            process.kill()
            process.wait()
            os.close(ours)


def _wait(terminal: int, words: bytes, screen: bytes) -> bytes:
    """Read the terminal until the words appear; return all that was drawn."""
    deadline = time.monotonic() + PATIENCE
    while words not in _plain(screen):
        if time.monotonic() > deadline:
            raise AssistantError(f"the chat did not show {words.decode()!r} within {PATIENCE:.0f} s")
        try:
            screen += os.read(terminal, 65536)
        except OSError as error:
            raise AssistantError("the chat ended before it was ready: see what `assistant doctor` says") from error
    return screen


def _plain(screen: bytes) -> bytes:
    """Return what was drawn without escape sequences."""
    return re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", screen)


def _peak(pid: int) -> float:
    """Return a process's peak resident memory in MB; 0 where /proc does not tell."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii") as file:
            lines = dict(line.split(":", 1) for line in file)
        return int(lines["VmHWM"].split()[0]) / 1024
    except (OSError, KeyError):
        return 0.0
