"""The transcript: what was said, who said it, and notices between."""

from __future__ import annotations

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from assistant.chat.display import printable
from assistant.store import Message
from assistant.tui.folding import shortened
from assistant.tui.reply import Reply

PAGE = 12
"""Messages that are drawn at once; older ones come when the person scrolls up to them, or when there is room."""


class PersonMessage(Static):
    """Something the person said; shown as typed, never parsed."""

    def __init__(self, text: str) -> None:
        super().__init__(Content(printable(shortened(text))), markup=False)


class Notice(Static):
    """A line from the program itself: the outcome of a command, or an error."""

    def __init__(self, text: str, level: str = "info") -> None:
        super().__init__(Content(printable(text)), markup=False, classes=level)


class Transcript(VerticalScroll, can_focus=False):
    """The messages of the conversation; follows its end unless the person scrolled away from it."""

    def __init__(self) -> None:
        super().__init__()
        self._older: list[Message] = []
        self._thumbs: dict[int, int] = {}

    def on_mount(self) -> None:
        """Stay at the end as messages come."""
        self.anchor()

    async def show(self, messages: list[Message], thumbs: dict[int, int]) -> None:
        """Replace everything by these messages, the latest of them first on the screen."""
        self._older, self._thumbs = messages[:-PAGE], thumbs
        await self.remove_children()
        await self.mount_all(self._drawn(messages[-PAGE:]))
        self.anchor()
        self.call_after_refresh(self._fill)

    async def add(self, *widgets: PersonMessage | Reply | Static) -> None:
        """Add widgets at the end; a greeting gives way to them."""
        await self.query(".greeting").remove()
        await self.mount_all(widgets)

    def follow(self) -> None:
        """Go to the end and stay there."""
        self.anchor()

    def reply(self, message_id: int) -> Reply | None:
        """Return the widget of a reply, if it is on the screen."""
        return next((each for each in self.query(Reply) if each.message_id == message_id), None)

    def watch_scroll_y(self, old: float, new: float) -> None:
        """Draw older messages when the person arrives at the top."""
        super().watch_scroll_y(old, new)
        if new <= 0 < old and self._older:
            self.call_later(self._grow_upwards)

    async def _grow_upwards(self) -> None:
        """Draw some older messages above, keeping in place what is on the screen."""
        page, self._older = self._older[-PAGE:], self._older[:-PAGE]
        if not page or not self.children:
            return
        first = self.children[0]
        await self.mount_all(self._drawn(page), before=first)
        if self.scroll_y <= 0 < self.max_scroll_y:
            self.call_after_refresh(self.scroll_to_widget, first, animate=False, top=True)
        self.call_after_refresh(self._fill)

    async def _fill(self) -> None:
        """Draw older messages as long as all that is drawn fits on the screen."""
        if self._older and self.max_scroll_y <= 0:
            await self._grow_upwards()

    def _drawn(self, messages: list[Message]) -> list[PersonMessage | Reply]:
        return [
            PersonMessage(each.content) if each.role == "user" else Reply(each, self._thumbs.get(each.id, 0))
            for each in messages
        ]
