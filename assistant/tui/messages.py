"""What the parts of the app tell each other. Threads post these; handlers on the app's own thread own the widgets."""

from __future__ import annotations

from textual.message import Message

from assistant.chat.host import HostState
from assistant.store import Message as Stored


class HostChanged(Message):
    """The model's host is in another state."""

    def __init__(self, state: HostState) -> None:
        self.state = state
        super().__init__()


class ReplyGrew(Message):
    """Text was added to the reply that is being written."""

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__()


class ReplyEnded(Message):
    """The reply is saved in its final form."""

    def __init__(self, reply: Stored, failure: str = "") -> None:
        self.reply = reply
        self.failure = failure
        super().__init__()
