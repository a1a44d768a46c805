"""Another process of this program that does long work and prints, line by line as JSON, how far it is."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import selectors
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from assistant.errors import AssistantError, Stopped

_ROOT = str(Path(__file__).resolve().parents[1])
_START = f"""import runpy, sys
if {_ROOT!r} not in sys.path: sys.path.insert(0, {_ROOT!r})
module = sys.argv.pop(1)
sys.argv[0] = module
runpy.run_module(module, run_name="__main__", alter_sys=True)"""
_ASKED_EVERY = 0.1
"""Seconds between two questions whether to give up."""
_PATIENCE = 5.0
"""Seconds that a process has to end in when it is asked to."""
_log = logging.getLogger(__name__)


class ChildFailed(AssistantError):
    """The process ended badly; the message is the last line that it said."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status
        """Its exit status; negative for the signal that ended it."""


def command(module: str, *arguments: str) -> list[str]:
    """Return what runs a module of this very program, whatever lies in the working directory."""
    return [sys.executable, "-P", "-c", _START, module, *arguments]


def reports(
    arguments: Sequence[str],
    cancelled: Callable[[], bool] = lambda: False,
    environment: Mapping[str, str] | None = None,
    keep: Sequence[int] = (),
    niceness: int = 0,
) -> Iterator[dict[str, Any]]:
    """Run a process and yield the JSON objects that it prints; it ends when the iterator is left.

    It has a session of its own, so that Ctrl+C in the terminal is ours to answer. When this process is killed, its
    next report finds nobody and ends it.

    Args:
        arguments: what to run, see `command`.
        cancelled: asked several times a second whether to end it.
        environment: variables besides our own.
        keep: file descriptors that it inherits, such as that of a lock.
        niceness: how much it stands back for others.

    Raises:
        Stopped: it was cancelled.
        ChildFailed: it ended with another status than 0.
    """
    with tempfile.TemporaryFile() as errors:
        try:
            process = subprocess.Popen(
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                env={**os.environ, **(environment or {})},
                pass_fds=keep,
                start_new_session=True,
            )
        except OSError as error:
            raise ChildFailed(f"no other process can be started ({error.strerror})", 1) from error
        assert process.stdout is not None
        if niceness:
            with contextlib.suppress(OSError):  # it has ended already
                os.setpriority(os.PRIO_PROCESS, process.pid, niceness)
        try:
            yield from _objects(process.stdout, cancelled)
            status = process.wait()
        finally:
            end(process)
            process.stdout.close()
        if status:
            raise _failed(errors, status)


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask a process to end, and make it."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _objects(source: IO[bytes], cancelled: Callable[[], bool]) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects of a pipe, one per line, until it ends."""
    rest = b""
    with selectors.DefaultSelector() as selector:
        selector.register(source, selectors.EVENT_READ)
        while True:
            if cancelled():
                raise Stopped("stopped")
            if not selector.select(_ASKED_EVERY):
                continue
            chunk = os.read(source.fileno(), 65_536)
            if not chunk:
                return
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                try:
                    found = json.loads(line)
                except ValueError:
                    _log.debug("not a report: %r", line[:200])  # a library that prints
                    continue
                if isinstance(found, dict):
                    yield found


def _failed(errors: IO[bytes], status: int) -> ChildFailed:
    """Return what went wrong, by the last line that the process said."""
    errors.seek(0)
    said = errors.read().decode("utf-8", "replace").strip()
    if said:
        _log.warning("a process ended with status %d:\n%s", status, said)
    last = said.splitlines()[-1].strip() if said else ""
    if status < 0:
        last = f"it was ended by signal {-status}; was there too little memory?"
    return ChildFailed(last.removeprefix("error: ") or f"it ended with status {status}", status)
