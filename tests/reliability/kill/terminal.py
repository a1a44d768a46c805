"""A terminal with a program in it: what the program drew is what a person could read."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

import pyte

from tests.reliability.kill.forking import Forked, Forker, hear

COLUMNS, LINES = 100, 50
ENVIRONMENT = {"TERM": "xterm-256color", "TEXTUAL_ANIMATIONS": "none"}
DEADLINE = 180.0
"""Seconds to wait for anything; a machine that is busy with other things makes a start slow."""
_ASKED, _KNOWN = b"\x1b[?2026$p", b"\x1b[?2026;2$y"
"""Whether the terminal shows frames as a whole, and that it does."""
_FRAME, _FRAME_ENDS = b"\x1b[?2026h", b"\x1b[?2026l"
_UNKNOWN = re.compile(rb"\x1b\[[<>=][0-9;]*[a-zA-Z]|\x1b\[\?[0-9;]*\$p|\x1b[PX^_].*?\x1b\\", re.DOTALL)
"""Sequences that draw nothing and that pyte would write out as text."""


def _sit_down() -> None:
    """Make the terminal the one that controls this process's session, and hear what it signals."""
    deadline = time.monotonic() + DEADLINE
    while True:
        try:
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        except PermissionError:  # the killed session before has not let go of it yet
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            break
    hear()


class TooLong(AssertionError):
    """What was waited for did not come."""


class Terminal:
    """One pseudo-terminal that outlives the programs in it, as a window outlives what is killed in it."""

    def __init__(self, columns: int = COLUMNS, lines: int = LINES) -> None:
        self._ours, self._theirs = pty.openpty()
        fcntl.ioctl(self._theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self._modes = termios.tcgetattr(self._theirs)
        self._screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self._screen)
        self._lock = threading.Lock()
        self._pending = b""
        self._lines: list[str] | None = None
        self._heard = 0.0
        self._closing = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.process: subprocess.Popen[bytes] | Forked | None = None

    def start(self, command: Sequence[str], environment: Mapping[str, str], forker: Forker | None = None) -> None:
        """Start a program in the terminal, leader of a session of its own.

        Args:
            command: what to run; with a forker, the program's arguments alone.
            environment: what it finds in its environment.
            forker: has the program imported already.
        """
        with self._lock:
            termios.tcsetattr(self._theirs, termios.TCSANOW, self._modes)  # as a shell does after a program was killed
            termios.tcflush(self._theirs, termios.TCIFLUSH)  # keys that the killed program had not read yet
            self._screen.reset()
            self._lines, self._pending = None, b""
        theirs, environment = self._theirs, {**environment, **ENVIRONMENT}
        if forker is not None:
            self.process = forker.start(os.ttyname(theirs), command, environment)
            return
        self.process = subprocess.Popen(
            command,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=environment,
            start_new_session=True,
            preexec_fn=_sit_down,
        )

    def type(self, text: str) -> None:
        """Press keys."""
        os.write(self._ours, text.encode())

    @property
    def screen(self) -> list[str]:
        """What stands on the screen, line by line."""
        with self._lock:
            if self._lines is None:
                # not by pyte's own `display`, which stumbles over half of a wide character
                rows = (self._screen.buffer[number] for number in range(self._screen.lines))
                columns = range(self._screen.columns)
                self._lines = ["".join(row[number].data for number in columns).rstrip() for row in rows]
            return self._lines

    def until(self, condition: Callable[[list[str]], bool], seconds: float = DEADLINE) -> None:
        """Wait until the screen is as wanted.

        Raises:
            TooLong: it never was, or the program ended before.
        """
        deadline = time.monotonic() + seconds
        while not condition(self.screen):
            ended = self.process is None or self.process.poll() is not None
            if ended:
                self.settle()
                if condition(self.screen):
                    return
            if ended or time.monotonic() > deadline:
                words = "the program ended" if ended else "waited too long"
                raise TooLong(f"{words}; on screen:\n" + "\n".join(line for line in self.screen if line))
            time.sleep(0.05)

    def shows(self, text: str, seconds: float = DEADLINE) -> None:
        """Wait until a text stands on the screen."""
        self.until(lambda lines: any(text in line for line in lines), seconds)

    def kill(self) -> list[str]:
        """Kill the program and all that it started; return the screen as it left it."""
        assert self.process is not None
        with suppress(ProcessLookupError):  # it had ended by itself
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.settle()
        return self.screen

    def settle(self) -> None:
        """Wait until all that was written to the terminal is on the screen."""
        while time.monotonic() - self._heard < 0.05 or self._waiting():
            time.sleep(0.01)

    def close(self) -> None:
        """Kill the program and take the terminal away."""
        if self.process is not None:
            self.kill()
        self._closing.set()
        os.close(self._theirs)
        self._reader.join()
        os.close(self._ours)

    def _waiting(self) -> bool:
        """Return whether there is output that has not been read."""
        return struct.unpack("i", fcntl.ioctl(self._ours, termios.FIONREAD, b"\0" * 4))[0] > 0

    def _read(self) -> None:
        while not self._closing.is_set():
            try:
                chunk = os.read(self._ours, 65536)
            except OSError:
                return
            with self._lock:
                self._heard = time.monotonic()
                self._pending += chunk
                # a sequence that is cut in two waits for its other half
                cut = self._pending.rfind(b"\x1b")
                whole = len(self._pending) if cut < 0 or len(self._pending) - cut > 40 else cut
                # and a frame that is cut in two as well, as in terminals that know synchronized output
                begun = self._pending.rfind(_FRAME)
                if begun > self._pending.rfind(_FRAME_ENDS):
                    whole = min(whole, begun)
                drawn, self._pending = self._pending[:whole], self._pending[whole:]
                if _ASKED in drawn:
                    os.write(self._ours, _KNOWN)
                self._stream.feed(_UNKNOWN.sub(b"", drawn))
                self._lines = None
