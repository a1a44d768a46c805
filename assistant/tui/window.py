"""A long column of entries, of which only those near the screen have widgets."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from textual.containers import VerticalScroll
from textual.geometry import Size
from textual.layout import DockArrangeResult
from textual.scrollbar import ScrollBar
from textual.widget import Widget

from assistant.tui.entries import AnyEntry

PORTION = 2
"""Entries that get their widgets, or lose them, at once: so few that a key typed meanwhile need not wait."""
START = 6
"""Entries that get their widgets before a place is shown at all."""
AHEAD = 2
"""Screens above and below the one seen that are drawn before the person comes there."""
KEEP = 3
"""Screens above and below beyond which entries lose their widgets."""
SOON = 0.1
"""Seconds after which to look again whether a scrolling that is animated has ended."""


class Window(VerticalScroll, can_focus=False):
    """Shows `_entries`; its children are the widgets of `_entries[_first:_last]`, in order.

    What comes or goes above the screen moves nothing on it: each layout puts the entry that was at the top of the
    screen there again, before anything is painted. The widget of an entry that is being written stays.
    """

    def __init__(self) -> None:
        super().__init__()
        self._entries: list[AnyEntry] = []
        self._first = self._last = 0
        self._growing = False
        self._one = asyncio.Lock()
        """Held while children come and go: messages of the app and the work ahead must not mix."""
        self._arranged: DockArrangeResult | None = None
        self._tops: dict[Widget, int] = {}
        """Row of each child, as of the last layout."""
        self._held: tuple[Widget, int] | None = None
        """The child at the top of the screen, and the row of it that is there."""

    def on_mount(self) -> None:
        """Stay at the end as entries come."""
        self.anchor()

    async def follow(self) -> None:
        """Go to the end and stay there."""
        async with self._one:
            if self._last < len(self._entries):
                await self._to_end()
            self.anchor()

    # Staying in place

    def arrange(self, size: Size, optimal: bool = False) -> DockArrangeResult:
        """Lay out the children, and scroll such that what was at the top of the screen is there again."""
        result = super().arrange(size, optimal)
        if result is not self._arranged and not optimal:
            self._arranged = result
            self._tops = {each.widget: each.region.y for each in result.placements}
            if self._held is not None and self._held[0] in self._tops:
                self._stand(self._tops[self._held[0]] + self._held[1])
        return result

    def _stand(self, row: int) -> None:
        """Be scrolled to a row from now on, within a layout: what watches the scrolling is not to hear of it."""
        if row != round(self.scroll_y):
            self.set_reactive(Widget.scroll_y, float(row))
            self.set_reactive(Widget.scroll_target_y, float(row))
            self.vertical_scrollbar.set_reactive(ScrollBar.position, float(row))

    def watch_scroll_y(self, old: float, new: float) -> None:
        """Note what is at the top of the screen, and give widgets to what the person comes near to."""
        super().watch_scroll_y(old, new)
        top = round(new)
        above = [(row, child) for child, row in self._tops.items() if row <= top]
        self._held = (above[-1][1], top - above[-1][0]) if above else None
        self._look()
        if new >= self.max_scroll_y and new > old and self._last == len(self._entries) and not self.is_anchored:
            self.call_later(self.anchor)  # not here: the animation that scrolls is not to be stopped within itself

    # Growing

    def _look(self) -> None:
        """Begin the next portion of what is to be done, if anything is."""
        if self.app.animator.is_being_animated(self, "scroll_y"):  # it knows rows as they were when it began
            self.set_timer(SOON, self._look)
        elif not self._growing and self._wish() is not None:
            self._growing = True
            self.call_later(self._grow)

    def _wish(self) -> Callable[[], Awaitable[None]] | None:
        """Return what is to be done next; None when nothing is, or a layout that will tell is still to come."""
        children, room = self.children, self.outer_size.height
        if not room or any(child not in self._tops for child in children):
            return None
        top = round(self.scroll_y)
        if self._first > 0 and top < AHEAD * room:
            return self._earlier
        if self._last < len(self._entries) and self.max_scroll_y - top < AHEAD * room:
            return self._later
        if len(children) > PORTION:
            last = self._last - PORTION
            if top - self._tops[children[PORTION]] > KEEP * room and self._idle(self._first, self._first + PORTION):
                return self._drop_first
            if self._tops[children[-PORTION]] - top > (KEEP + 1) * room and self._idle(last, self._last):
                return self._drop_last
        return None

    def _idle(self, first: int, last: int) -> bool:
        return not any(reply.running for entry in self._entries[first:last] for reply in entry.replies)

    async def _grow(self) -> None:
        async with self._one:
            wish = self._wish()
            if wish is not None:
                await wish()
        self.call_after_refresh(self._grown)

    def _grown(self) -> None:
        self._growing = False
        self._look()

    async def _earlier(self) -> None:
        begin = max(0, self._first - PORTION)
        made = self._made(begin, self._first)
        self._first = begin
        await self.mount_all(made, before=0)

    async def _later(self) -> None:
        self.anchor(False)
        made = self._made(self._last, self._last + PORTION)
        self._last += len(made)
        await self.mount_all(made)

    async def _drop_first(self) -> None:
        self._first += PORTION
        await self.remove_children(list(self.children)[:PORTION])

    async def _drop_last(self) -> None:
        self.anchor(False)
        self._last -= PORTION
        await self.remove_children(list(self.children)[-PORTION:])

    # Going elsewhere

    async def _to_end(self) -> None:
        """Give widgets to the last entries alone."""
        await self._only(max(0, len(self._entries) - START), len(self._entries))
        self._held = None
        self.anchor()

    async def _to(self, index: int) -> None:
        """Give widgets to some entries from one on, and have that one at the top of the screen."""
        self.anchor(False)
        await self._only(index, min(len(self._entries), index + START))
        self.scroll_to(y=0, animate=False, immediate=True)
        self._held = (self.children[0], 0)

    async def _only(self, first: int, last: int) -> None:
        self._first, self._last = first, last
        await self.remove_children()
        await self.mount_all(self._made(first, last))
        self.call_after_refresh(self._look)

    def _made(self, first: int, last: int) -> list[Widget]:
        return [entry.make() for entry in self._entries[first:last]]
