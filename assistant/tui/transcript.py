"""The transcript: what was said, who said it, and notices between."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from textual.content import Content
from textual.widgets import Static

from assistant.chat.display import printable
from assistant.store import Message
from assistant.tui.entries import AnyEntry, Entry, PairEntry, PersonEntry, ReplyEntry
from assistant.tui.pair import Pair
from assistant.tui.reply import Reply
from assistant.tui.window import Window


class Notice(Static):
    """A line from the program itself: the outcome of a command, or an error."""

    def __init__(self, text: str, level: str = "info") -> None:
        super().__init__(Content(printable(text)), markup=False, classes=level)


class Transcript(Window):
    """The entries of the conversation; follows its end unless the person scrolled away from it."""

    async def show(
        self,
        messages: list[Message],
        thumbs: dict[int, int],
        forks: dict[int, str],
        focus: int | None = None,
        pairs: Mapping[int, tuple[Message, Message]] | None = None,
    ) -> None:
        """Replace everything by these messages.

        Args:
            messages: what is shown, oldest first.
            thumbs: those that replies have, by id.
            forks: places among siblings, by id.
            focus: id of the message that is to be on the screen; the latest when None.
            pairs: comparisons that replies take part in, by id.
        """

        def entry(message: Message) -> AnyEntry:
            fork = forks.get(message.id, "")
            if message.role == "user":
                return PersonEntry(message, fork)
            if pairs is None or message.id not in pairs:
                return ReplyEntry(message, thumbs.get(message.id, 0), fork=fork)
            return PairEntry(
                tuple(
                    ReplyEntry(each, thumbs.get(each.id, 0), aside=each.id != message.id, place=place)
                    for place, each in enumerate(pairs[message.id], 1)
                )
            )

        async with self._one:
            self._entries = [entry(each) for each in messages]
            index = self._index(focus) if focus is not None else None
            if index is None:
                await self._to_end()
            else:
                await self._to(index)

    async def cut(self, message_id: int) -> None:
        """Take a message away, and all that follows it."""
        async with self._one:
            index = self._index(message_id)
            if index is None:
                return
            del self._entries[index:]
            if index <= self._first:
                await self._to_end()
            elif index < self._last:
                self._last = index
                await self.remove_children(list(self.children)[index - self._first :])

    def _index(self, message_id: int) -> int | None:
        return next((index for index, entry in enumerate(self._entries) if message_id in entry.ids), None)

    async def say(self, text: str, level: str = "info") -> None:
        """Add a notice."""
        await self.add(Entry(partial(Notice, text, level)))

    async def add(self, entry: AnyEntry) -> None:
        """Add an entry at the end; a greeting gives way to it."""
        async with self._one:
            if self._entries and self.query(".greeting"):
                self._entries, self._first, self._last = [], 0, 0
                await self.remove_children()
            at_end = self._last == len(self._entries)
            self._entries.append(entry)
            if at_end:
                self._last += 1
                await self.mount(entry.make())
        self.call_after_refresh(self._look)

    async def pair(self, message_id: int) -> Pair | None:
        """Turn the entry of a reply into a pair that awaits its second; None when it is not in view."""
        async with self._one:
            for index in range(self._first, self._last):
                entry = self._entries[index]
                if isinstance(entry, ReplyEntry) and entry.message.id == message_id:
                    entry.place = 1
                    made = PairEntry((entry,))
                    widget, old = Pair(made), self.children[index - self._first]
                    self._entries[index] = made
                    await self.mount(widget, after=old)
                    await old.remove()
                    return widget
        return None

    def entry(self, message_id: int) -> ReplyEntry | None:
        """Return the entry of a reply, in view or not."""
        found = (each for entry in reversed(self._entries) for each in entry.replies if each.message.id == message_id)
        return next(found, None)

    def reply(self, message_id: int) -> Reply | None:
        """Return the widget of a reply, if it has one."""
        return next((each for each in self.query(Reply) if each.message_id == message_id), None)

    def judge(self, message_id: int, thumb: int) -> None:
        """Show a thumb on a reply: +1, −1, or 0 for none."""
        if entry := self.entry(message_id):
            entry.thumb = thumb
            self._draw(message_id)

    def set_aside(self, message_id: int, aside: bool) -> None:
        """Show whether the conversation goes on from another reply than this."""
        if entry := self.entry(message_id):
            entry.aside = aside
            self._draw(message_id)

    def _draw(self, message_id: int) -> None:
        if reply := self.reply(message_id):
            reply.draw()
