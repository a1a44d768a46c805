"""Two replies to one message: side by side where there is room, else one below the other."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.events import Resize

from assistant.tui.entries import PairEntry, ReplyEntry
from assistant.tui.reply import Reply

ROOMY = 64
"""Columns from which on two replies stand side by side."""


class Pair(Horizontal):
    """The replies of a comparison; the second comes when the first has been written."""

    def __init__(self, entry: PairEntry) -> None:
        super().__init__()
        self.entry = entry

    def compose(self) -> ComposeResult:
        """Lay out the replies that there are."""
        for each in self.entry.replies:
            yield Reply(each)

    def alone(self) -> None:
        """Show the first reply as one that is not compared: the second does not come."""
        for each in self.query(Reply):
            each.entry.place = 0
            each.draw()

    async def add(self, second: ReplyEntry) -> Reply:
        """Show the second reply beside the first."""
        self.entry.replies = (*self.entry.replies, second)
        reply = Reply(second)
        await self.mount(reply)
        return reply

    def on_resize(self, event: Resize) -> None:
        """Put the replies below each other where there is little room."""
        self.set_class(event.size.width < ROOMY, "stacked")
