"""Starting the scripted program quickly: in a process of its own, forked from one that has imported it already.

    python -m tests.reliability.kill.forking

reads a request per line (a terminal, arguments, environment), forks the program into that terminal, answers with its
process id and, once it has ended, with its status.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


class Forked:
    """A program that a `Forker` has started, with what the harness needs of a `Popen`."""

    def __init__(self, pid: int, forker: Forker) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._forker = forker

    def poll(self) -> int | None:
        """Return how it ended, None while it runs."""
        if self.returncode is None and self._forker.answered():
            self.wait()
        return self.returncode

    def wait(self) -> int:
        """Wait until it has ended, and return how."""
        if self.returncode is None:
            self.returncode = self._forker.answer()
        return self.returncode


class Forker:
    """A process that has the program's modules, and forks one program at a time."""

    def __init__(self, root: Path, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            cwd=root,
            env={**environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )

    def start(self, terminal: str, arguments: Sequence[str], environment: Mapping[str, str]) -> Forked:
        """Fork the program into a terminal."""
        assert self._process.stdin is not None
        request = {"terminal": terminal, "arguments": [*arguments], "environment": {**environment}}
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        self._process.stdin.flush()
        return Forked(self.answer(), self)

    def answered(self) -> bool:
        """Return whether there is an answer to be read."""
        return bool(select.select([self._process.stdout], [], [], 0)[0])

    def answer(self) -> int:
        """Return the next answer."""
        assert self._process.stdout is not None
        return int(os.read(self._process.stdout.fileno(), 32))

    def close(self) -> None:
        """End it; what it started must have ended."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def _serve() -> None:
    import assistant.chat.session
    import assistant.cli.chat
    import assistant.settings
    import assistant.tui.app  # noqa: F401 - what the program imports when it is asked to do something
    from tests.reliability.kill import program

    for line in sys.stdin.buffer:
        request = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _become(request, program.main)
        os.write(1, b"%d\n" % pid)
        os.write(1, b"%d\n" % os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


def hear() -> None:
    """Heed the terminal's signals as a program in a window does, also when the harness runs in the background."""
    for number in (signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _become(request: dict[str, Any], main: Any) -> None:
    """Be the program in its terminal, leader of a session, and leave as it does."""
    status = 1
    try:
        os.setsid()
        hear()
        terminal = os.open(request["terminal"], os.O_RDWR)  # the first one that a leader opens controls its session
        for number in range(3):
            os.dup2(terminal, number)
        os.close(terminal)
        sys.stdin = sys.__stdin__ = os.fdopen(0, closefd=False)  # type: ignore[misc]
        sys.stdout = sys.__stdout__ = os.fdopen(1, "w", closefd=False)  # type: ignore[misc]
        sys.stderr = sys.__stderr__ = os.fdopen(2, "w", closefd=False)  # type: ignore[misc]
        os.environ.clear()
        os.environ.update(request["environment"])
        sys.argv = ["assistant", *request["arguments"]]
        main()
        status = 0
    except SystemExit as error:
        status = int(error.code or 0)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    _serve()
