"""A reply: Markdown that grows while its turn runs, and a line below it that says how it stands."""

from __future__ import annotations

import logging
import time

from markdown_it import MarkdownIt
from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Markdown, Static
from textual.widgets.markdown import MarkdownStream
from textual.worker import Worker, WorkerState

from assistant.chat.display import printable
from assistant.chat.turn import Turn
from assistant.errors import AssistantError
from assistant.store import Message as Stored
from assistant.tui.pieces import Pieces

FRAME = 0.04
"""Seconds of streamed text that are drawn together; a drawing per token would slow the model down."""
ENDINGS = {
    "stopped": "stopped",
    "interrupted": "interrupted – the program was closed while this was being written",
    "failed": "failed",
    "streaming": "being written in another window",
}
"""What is said below a reply that has not ended by itself."""
SET_ASIDE = "set aside: the conversation goes on from the other reply"
THUMBS = {1: "👍", -1: "👎"}

_log = logging.getLogger(__name__)


def _parser() -> MarkdownIt:
    """Return a parser that shows HTML as it is written; Textual's own would drop it."""
    return MarkdownIt("gfm-like", {"html": False})


class Reply(Vertical):
    """One reply. Its turn runs in a thread that only collects text and posts messages."""

    class Grew(Message, bubble=False):
        """There is text to be drawn; posted from the model's thread."""

    class Ended(Message):
        """The reply is saved in its final form and drawn."""

        def __init__(self, reply: Stored, failure: str, speed: float) -> None:
            self.reply = reply
            """As it is stored."""
            self.failure = failure
            """What went wrong, in one line, or nothing."""
            self.speed = speed
            """Tokens a second from the first to the last, 0 when it cannot be said."""
            super().__init__()

    def __init__(self, message: Stored, thumb: int = 0) -> None:
        super().__init__()
        self.message_id = message.id
        self._ending = ENDINGS.get(message.status, "")
        self._thumb = thumb
        self._aside = message.superseded
        self._turn: Turn | None = None
        self._pieces = Pieces()
        self._stream: MarkdownStream | None = None
        self._speed = 0.0
        self._text = printable(message.content)

    def compose(self) -> ComposeResult:
        """Lay out the text and the line below it."""
        yield Markdown(self._text, parser_factory=_parser, open_links=False)
        yield Static(self._standing(), markup=False, classes="below")

    def on_mount(self) -> None:
        """Hide what is empty."""
        self._below(self._standing())
        self.query_one(Markdown).display = bool(self._text)

    # A turn

    def run(self, turn: Turn) -> None:
        """Begin to write the reply of a turn."""
        self._turn, self._ending = turn, ""
        self._write(turn)

    def waits(self, words: str) -> None:
        """Say what the reply waits for; nothing once it has begun."""
        if self._turn is not None and self._stream is None:
            self._below(words)

    def stop(self) -> None:
        """End the reply after the token that is being generated."""
        if self._turn is not None:
            self._turn.stop()
            self._below("stopping …")

    @work(thread=True, exit_on_error=False)
    def _write(self, turn: Turn) -> None:
        tokens, began, now = 0, 0.0, 0.0
        for piece in turn.stream():
            now = time.monotonic()
            began = began or now
            tokens += 1
            if self._pieces.add(piece):
                self.post_message(self.Grew())
        if now > began:
            self._speed = (tokens - 1) / (now - began)

    @on(Grew)
    def _grew(self) -> None:
        self.set_timer(FRAME, self._draw)

    async def _draw(self) -> None:
        text = printable(self._pieces.take())
        if not text or self._turn is None:
            return
        markdown = self.query_one(Markdown)
        if self._stream is None:
            self._stream = Markdown.get_stream(markdown)
            markdown.display = True
            self._below("")
        await self._stream.write(text)

    @on(Worker.StateChanged)
    async def _worker_says(self, event: Worker.StateChanged) -> None:
        event.stop()
        if event.state is WorkerState.ERROR:
            await self._end(self._explain(event.worker.error))
        elif event.state in (WorkerState.SUCCESS, WorkerState.CANCELLED):
            await self._end("")

    def _explain(self, error: BaseException | None) -> str:
        if isinstance(error, AssistantError):
            return str(error)
        _log.error("writing a reply failed", exc_info=error)
        return f"Writing the reply failed unexpectedly ({type(error).__name__}: {error}); the log file has the details."

    async def _end(self, failure: str) -> None:
        """Draw the final text, parsed as a whole: a stream leaves an open fence or table half drawn."""
        if self._turn is None:
            return
        saved, self._turn = self._turn.reply, None
        self._pieces.take()
        if self._stream is not None:
            await self._stream.stop()
            self._stream = None
        markdown = self.query_one(Markdown)
        markdown.display = bool(saved.content)
        await markdown.update(printable(saved.content))
        self._ending = ENDINGS.get(saved.status, "")
        self._below(self._standing())
        self.post_message(self.Ended(saved, failure, self._speed))

    # The line below

    def judge(self, value: int) -> None:
        """Show a thumb: +1, −1, or 0 for none."""
        self._thumb = value
        if self._turn is None:
            self._below(self._standing())

    def set_aside(self, aside: bool) -> None:
        """Show whether the conversation goes on from another reply to the same message."""
        self._aside = aside
        if self._turn is None:
            self._below(self._standing())

    def _standing(self) -> str:
        aside = SET_ASIDE if self._aside else ""
        return "  ".join(part for part in (THUMBS.get(self._thumb, ""), self._ending, aside) if part)

    def _below(self, text: str) -> None:
        below = self.query_one(".below", Static)
        below.update(Content(text))
        below.display = bool(text)
