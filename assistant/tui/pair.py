"""Two replies to one message: side by side where there is room, else one below the other."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import ItemGrid

from assistant.tui.entries import PairEntry, ReplyEntry
from assistant.tui.reply import Reply

ROOMY = 32
"""Columns that each of two replies needs to stand beside the other."""


class Pair(ItemGrid):
    """The replies of a comparison; the second comes when the first has been written.

    Where they stand is decided by the layout each time it is made, and not on Resize: Textual sends none to a widget
    that its map of the screen learned of between two layouts.
    """

    def __init__(self, entry: PairEntry) -> None:
        super().__init__(min_column_width=ROOMY, stretch_height=False)
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
