"""The transcript: what was said, who said it, and notices between. Only what is near the screen has widgets."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from assistant.chat.display import printable
from assistant.store import Message
from assistant.tui.entries import AnyEntry, Entry, PairEntry, PersonEntry, ReplyEntry
from assistant.tui.pair import Pair
from assistant.tui.reply import Reply

PAGE = 12
"""Entries that get their widgets at once, when the person scrolls to them or there is room."""
WINDOW = 4 * PAGE
"""Entries that have widgets at the most; the furthest from the screen lose theirs."""


class Notice(Static):
    """A line from the program itself: the outcome of a command, or an error."""

    def __init__(self, text: str, level: str = "info") -> None:
        super().__init__(Content(printable(text)), markup=False, classes=level)


class Transcript(VerticalScroll, can_focus=False):
    """The entries of the conversation; follows its end unless the person scrolled away from it.

    The children are the widgets of `_entries[_first:_last]`, in order. While a reply is written its widget stays, and
    with it the end of the transcript.
    """

    def __init__(self) -> None:
        super().__init__()
        self._entries: list[AnyEntry] = []
        self._first = self._last = 0
        self._growing = False

    def on_mount(self) -> None:
        """Stay at the end as messages come."""
        self.anchor()

    # Entries

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

        self._entries = [entry(each) for each in messages]
        index = self._index(focus) if focus is not None else None
        if index is None:
            await self._to_end()
        else:
            await self._to(index)

    async def cut(self, message_id: int) -> None:
        """Take a message away, and all that follows it."""
        index = self._index(message_id)
        if index is None:
            return
        del self._entries[index:]
        if index <= self._first:
            await self._to_end()
        elif index < self._last:
            await self.remove_children(list(self.children)[index - self._first :])
            self._last = index

    def _index(self, message_id: int) -> int | None:
        return next((index for index, entry in enumerate(self._entries) if message_id in entry.ids), None)

    async def say(self, text: str, level: str = "info") -> None:
        """Add a notice."""
        await self.add(Entry(partial(Notice, text, level)))

    async def add(self, entry: AnyEntry) -> None:
        """Add an entry at the end; a greeting gives way to it."""
        if self._entries and self.query(".greeting"):
            self._entries, self._first, self._last = [], 0, 0
            await self.remove_children()
        at_end = self._last == len(self._entries)
        self._entries.append(entry)
        if not at_end:
            return
        self._last += 1
        await self.mount(entry.make())
        if self._last - self._first > WINDOW + PAGE and self.max_scroll_y - self.scroll_y < 1:
            await self._drop_first(PAGE)

    async def pair(self, message_id: int) -> Pair | None:
        """Turn the entry of a reply into a pair that awaits its second; None when it is not in view."""
        for index in range(self._first, self._last):
            entry = self._entries[index]
            if isinstance(entry, ReplyEntry) and entry.message.id == message_id:
                entry.place = 1
                made = PairEntry((entry,))
                widget, old = Pair(made), self.children[index - self._first]
                await self.mount(widget, after=old)
                await old.remove()
                self._entries[index] = made
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

    # Scrolling

    async def follow(self) -> None:
        """Go to the end and stay there."""
        if self._last < len(self._entries):
            await self._to_end()
        self.anchor()

    def watch_scroll_y(self, old: float, new: float) -> None:
        """Give widgets to what the person comes near to."""
        super().watch_scroll_y(old, new)
        if self._growing:
            return
        if new <= 0 < old and self._first > 0:
            self._growing = True
            self.call_later(self._grow_upwards)
        elif new >= self.max_scroll_y and new > old:
            if self._last < len(self._entries):
                self._growing = True
                self.call_later(self._grow_downwards)
            elif not self.is_anchored:
                self.call_later(self.anchor)  # not here: the animation that scrolls is not to be stopped within itself

    async def _to_end(self) -> None:
        """Give widgets to the last entries alone."""
        self._last = len(self._entries)
        self._first = max(0, self._last - PAGE)
        await self.remove_children()
        await self.mount_all(self._made(self._first, self._last))
        self.anchor()
        self.call_after_refresh(self._fill)

    async def _to(self, index: int) -> None:
        """Give widgets to the entries around one, and have that one on the screen."""
        self._growing = True
        self.anchor(False)
        self._first, self._last = max(0, index - PAGE // 2), min(len(self._entries), index + PAGE)
        await self.remove_children()
        await self.mount_all(self._made(self._first, self._last))
        self.call_after_refresh(self._arrive, self.children[index - self._first])

    def _arrive(self, widget: Widget) -> None:
        if widget.is_attached:
            self.scroll_to_widget(widget, animate=False, top=True, immediate=True)
        self._growing = False

    async def _grow_upwards(self) -> None:
        """Draw some earlier entries above, keeping in place what is on the screen."""
        begin = max(0, self._first - PAGE)
        if begin == self._first or not self.children:
            self._growing = False
            return
        seen = self.children[0]
        with self.app.batch_update():
            await self.mount_all(self._made(begin, self._first), before=seen)
            self._first = begin
            extra = self._last - self._first - WINDOW
            if extra > 0 and not any(reply.running for entry in self._entries[-2:] for reply in entry.replies):
                self.anchor(False)
                await self.remove_children(list(self.children)[-extra:])
                self._last -= extra
        self.call_after_refresh(self._grown, seen, self.scroll_y <= 0)

    def _grown(self, seen: Widget, keep: bool) -> None:
        if keep and self.max_scroll_y > 0 and seen.is_attached:
            self.scroll_to_widget(seen, animate=False, top=True, immediate=True)
        self._growing = False
        self.call_after_refresh(self._fill)

    async def _grow_downwards(self) -> None:
        """Draw some later entries below, keeping in place what is on the screen."""
        end = min(len(self._entries), self._last + PAGE)
        self.anchor(False)
        with self.app.batch_update():
            await self.mount_all(self._made(self._last, end))
            self._last = end
            await self._drop_first(self._last - self._first - WINDOW)
        self._growing = False

    async def _drop_first(self, count: int) -> None:
        """Take the widgets of the first entries away, keeping in place what is on the screen."""
        if count <= 0 or any(
            reply.running for entry in self._entries[: self._first + count] for reply in entry.replies
        ):
            return
        gone = list(self.children)[:count]
        kept = self.children[count]
        height = kept.virtual_region.y - gone[0].virtual_region.y
        self._first += count
        await self.remove_children(gone)
        if not self.is_anchored:
            self.scroll_to(y=self.scroll_y - height, animate=False, immediate=True)

    async def _fill(self) -> None:
        """Draw earlier entries as long as all that is drawn fits on the screen."""
        if self._first > 0 and self.max_scroll_y <= 0 and not self._growing:
            self._growing = True
            await self._grow_upwards()

    def _made(self, first: int, last: int) -> list[Widget]:
        return [entry.make() for entry in self._entries[first:last]]
