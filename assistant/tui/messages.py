"""What other threads tell the app: they post messages, and never touch a widget."""

from __future__ import annotations

from textual.message import Message

from assistant.chat.host import HostState
from assistant.chat.outcome import Outcome


class HostChanged(Message):
    """The model's host is in another state."""

    def __init__(self, state: HostState) -> None:
        self.state = state
        super().__init__()


class Learned(Message):
    """Something has been learned from, or could not be."""

    def __init__(self, outcome: Outcome, quietly: bool = False) -> None:
        self.outcome = outcome
        self.quietly = quietly
        """Whether it is told only where it went wrong."""
        super().__init__()
