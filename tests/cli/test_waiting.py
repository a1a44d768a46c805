"""The bar of a command that waits: seen by a person, and by nobody else."""

from __future__ import annotations

import io
import re
import sys

import pytest

from assistant.chat.host import HostState, Phase
from assistant.cli.waiting import Waiting
from assistant.progress import Progress


class Stream(io.StringIO):
    def __init__(self, terminal: bool) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


@pytest.mark.parametrize("terminal", [True, False])
def test_a_bar_is_drawn_for_a_person_alone(monkeypatch: pytest.MonkeyPatch, terminal: bool) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    stream = Stream(terminal)
    monkeypatch.setattr(sys, "stderr", stream)
    with Waiting() as waiting:
        waiting.host(HostState(Phase.LOADING, "preparing the model for its first use"))
        assert stream.getvalue() == ""
        for done in (10, 43):
            waiting.host(HostState(Phase.LOADING, "preparing the model for its first use", Progress(done, 100)))
        waiting.host(HostState(Phase.LOADING, "loading the model"))
        drawn = stream.getvalue()
        waiting.host(HostState(Phase.READY))
    assert stream.getvalue() == drawn
    assert ("preparing the model for its first use" in drawn) == terminal
    assert (re.search(r"43% [\w ]+ left", drawn) is not None) == terminal
    assert drawn.endswith("\x1b[2K") == terminal  # the line is empty again
