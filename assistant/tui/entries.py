"""What the transcript holds, apart from widgets: an entry makes its widget when it comes into view."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from textual.widget import Widget

from assistant.store import Message


@dataclass
class Entry:
    """Something in the transcript that does not change, such as a notice."""

    make: Callable[[], Widget]

    @property
    def replies(self) -> tuple[ReplyEntry, ...]:
        """The replies that it shows."""
        return ()

    @property
    def ids(self) -> tuple[int, ...]:
        """The stored messages that it shows."""
        return ()


@dataclass
class PersonEntry:
    """A message of the person."""

    message: Message
    fork: str = ""
    """Its place among its wordings, such as "2/3"; empty when there is but one."""

    def make(self) -> Widget:
        """Return its widget."""
        from assistant.tui.person import PersonMessage

        return PersonMessage(self)

    @property
    def replies(self) -> tuple[ReplyEntry, ...]:
        """None."""
        return ()

    @property
    def ids(self) -> tuple[int, ...]:
        """The message."""
        return (self.message.id,)


@dataclass
class ReplyEntry:
    """A reply as it stands now; its widget draws this, wherever it is scrolled to."""

    message: Message
    thumb: int = 0
    """+1, −1, or 0 for none."""
    aside: bool = False
    """Whether the conversation goes on from another reply to the same message."""
    running: bool = False
    """Whether it is being written: then its widget must stay."""
    place: int = 0
    """1 or 2 in a comparison, else 0."""
    fork: str = ""
    """Its place among the replies to the same message, such as "2/3"; empty when there is but one."""

    def make(self) -> Widget:
        """Return its widget."""
        from assistant.tui.reply import Reply

        return Reply(self)

    @property
    def replies(self) -> tuple[ReplyEntry, ...]:
        """The reply."""
        return (self,)

    @property
    def ids(self) -> tuple[int, ...]:
        """The reply's message."""
        return (self.message.id,)


@dataclass
class PairEntry:
    """Two replies to the same message, to be compared."""

    replies: tuple[ReplyEntry, ...]

    def make(self) -> Widget:
        """Return its widget."""
        from assistant.tui.pair import Pair

        return Pair(self)

    @property
    def ids(self) -> tuple[int, ...]:
        """The messages of both."""
        return tuple(each.message.id for each in self.replies)


AnyEntry = Entry | PersonEntry | ReplyEntry | PairEntry
