"""The transcript: what was said, who said it, and notices between."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Markdown, Static
from textual.widgets.markdown import MarkdownStream

from assistant.chat.display import printable
from assistant.store import Message

ENDINGS = {
    "stopped": "stopped",
    "interrupted": "interrupted: the program was closed while this was being written",
    "failed": "failed",
    "streaming": "being written in another window",
}
WAITING = "…"


class PersonMessage(Static):
    """Something the person said; shown as typed, never parsed."""

    def __init__(self, text: str) -> None:
        super().__init__(Content(printable(text)), markup=False)


class Notice(Static):
    """A line from the program itself: the outcome of a command, or an error."""

    def __init__(self, text: str, level: str = "info") -> None:
        super().__init__(Content(printable(text)), markup=False, classes=level)


class Reply(Vertical):
    """A reply: Markdown that can grow, and a line below it with its thumb and how it ended."""

    def __init__(self, message: Message) -> None:
        super().__init__()
        self.message_id = message.id
        self._text = printable(message.content)
        self._ending = ENDINGS.get(message.status, "")
        self._thumb = 0
        self._stream: MarkdownStream | None = None

    def compose(self) -> ComposeResult:
        """Lay out the text and the line below it."""
        yield Markdown(self._text, open_links=False)
        yield Static("", markup=False, classes="below")

    def on_mount(self) -> None:
        """Show how the reply ended, if that needs saying."""
        self._refresh_below()

    def wait(self) -> None:
        """Show that the reply has not begun."""
        self._below(WAITING)

    async def grow(self, text: str) -> None:
        """Add text at the end."""
        if self._stream is None:
            self._stream = Markdown.get_stream(self.query_one(Markdown))
            self._below("")
        self._text += printable(text)
        await self._stream.write(printable(text))

    async def end(self, message: Message) -> None:
        """Show the final text, parsed as a whole, and how it ended."""
        if self._stream is not None:
            await self._stream.stop()
            self._stream = None
        self._text = printable(message.content)
        await self.query_one(Markdown).update(self._text)
        self._ending = ENDINGS.get(message.status, "")
        self._refresh_below()

    def judge(self, value: int) -> None:
        """Show a thumb: +1, −1, or 0 for none."""
        self._thumb = value
        self._refresh_below()

    def _refresh_below(self) -> None:
        thumb = {1: "👍", -1: "👎"}.get(self._thumb, "")
        self._below("  ".join(part for part in (thumb, self._ending) if part))

    def _below(self, text: str) -> None:
        below = self.query_one(".below", Static)
        below.update(Content(text))
        below.display = bool(text)


class Transcript(VerticalScroll, can_focus=True):
    """The messages of the conversation; follows its end unless the person scrolled away from it."""

    def on_mount(self) -> None:
        """Stay at the end as messages come."""
        self.anchor()

    async def show(self, messages: list[Message], thumbs: dict[int, int], person: str) -> None:
        """Replace everything by these messages, or by a greeting when there are none."""
        await self.remove_children()
        if not messages:
            await self.mount(Notice(f"Hello {person}. Say something, or type / for the commands.", "greeting"))
            return
        widgets: list[PersonMessage | Reply] = []
        for message in messages:
            if message.role == "user":
                widgets.append(PersonMessage(message.content))
            else:
                widgets.append(Reply(message))
        await self.mount_all(widgets)
        for reply in self.query(Reply):
            reply.judge(thumbs.get(reply.message_id, 0))

    async def add(self, widget: PersonMessage | Reply | Notice) -> None:
        """Add one message at the end; a greeting gives way to it."""
        await self.query(".greeting").remove()
        await self.mount(widget)

    def reply(self, message_id: int) -> Reply | None:
        """Return the widget of a reply, if it is on the screen."""
        return next((each for each in self.query(Reply) if each.message_id == message_id), None)
