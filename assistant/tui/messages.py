"""What other threads tell the app: they post messages, and never touch a widget."""

from __future__ import annotations

from textual.message import Message

from assistant.chat.host import HostState


class HostChanged(Message):
    """The model's host is in another state."""

    def __init__(self, state: HostState) -> None:
        self.state = state
        super().__init__()
