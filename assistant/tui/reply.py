"""A reply: Markdown that grows while its turn runs, and a line below it that says how it stands."""

from __future__ import annotations

import logging
import time

from markdown_it import MarkdownIt
from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Markdown, Static
from textual.widgets.markdown import MarkdownStream
from textual.worker import Worker, WorkerState

from assistant.chat import wording
from assistant.chat.display import printable
from assistant.chat.turn import Turn
from assistant.engine.room import Room
from assistant.errors import AssistantError
from assistant.store import Message as Stored
from assistant.tui.code import blocks
from assistant.tui.entries import ReplyEntry
from assistant.tui.forks import fork_marks
from assistant.tui.links import Deeds, deed
from assistant.tui.pieces import Pieces

FRAME = 0.04
"""Seconds of streamed text that are drawn together; a drawing per token would slow the model down."""
TOLD = 0.5
"""Seconds between two tellings of the speed."""
BLOCKS = 4
"""Code blocks of a reply that can be copied by mouse."""
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

    class Going(Message):
        """Text is coming."""

        def __init__(self, speed: float) -> None:
            self.speed = speed
            """Tokens a second so far."""
            super().__init__()

    def __init__(self, entry: ReplyEntry) -> None:
        super().__init__()
        self.entry = entry
        self.message_id = entry.message.id
        self._told = 0.0
        self._turn: Turn | None = None
        self._pieces = Pieces()
        self._stream: MarkdownStream | None = None
        self._speed = 0.0
        self._markdown = Markdown(printable(entry.message.content), parser_factory=_parser, open_links=False)
        self._markdown.display = bool(entry.message.content)
        self._deeds = Deeds(self.message_id)
        self._line = Static("", markup=False, classes="below")
        self.draw()

    def compose(self) -> ComposeResult:
        """Lay out the text and the line below it."""
        yield self._markdown
        with Horizontal(classes="foot"):
            yield self._deeds
            yield self._line

    # A turn

    def run(self, turn: Turn) -> None:
        """Begin to write the reply of a turn."""
        self._turn, self.entry.running = turn, True
        self.draw()
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
        began = 0.0
        for count, piece in enumerate(turn.stream()):
            now = time.monotonic()
            began = began or now
            if now > began:
                self._speed = count / (now - began)
            if self._pieces.add(piece):
                self.post_message(self.Grew())

    @on(Grew)
    def _grew(self) -> None:
        self.set_timer(FRAME, self._draw)

    async def _draw(self) -> None:
        text = printable(self._pieces.take())
        if not text or self._turn is None:
            return
        markdown = self._markdown
        if self._stream is None:
            self._stream = Markdown.get_stream(markdown)
            markdown.display = True
            self._below("")
        await self._stream.write(text)
        if self._speed and time.monotonic() - self._told > TOLD:
            self._told = time.monotonic()
            self.post_message(self.Going(self._speed))

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
        markdown = self._markdown
        markdown.display = bool(saved.content)
        await markdown.update(printable(saved.content))
        self.entry.message, self.entry.running = saved, False
        self.draw()
        self.post_message(self.Ended(saved, failure, self._speed))

    # The line below

    def draw(self) -> None:
        """Show how the reply stands, and what can be done with it by mouse."""
        self._deeds.display = self._turn is None and bool(self.entry.message.content.strip() or self.entry.fork)
        if self._deeds.display:
            self._deeds.update(self._offered())
        if self._turn is None:
            self._below(self._standing())

    def _standing(self) -> str:
        entry = self.entry
        ending = "" if self._turn is not None else ENDINGS.get(entry.message.status, "")
        return "  ".join(
            part
            for part in (THUMBS.get(entry.thumb, ""), ending, SET_ASIDE if entry.aside else "", self._left_out())
            if part
        )

    def _left_out(self) -> str:
        """Return what the reply could not take into account, for want of room."""
        room = Room.from_dict(self.entry.message.context or {})
        return wording.left_out(room) if room is not None and (room.dropped or room.cut) else ""

    def _offered(self) -> Content:
        marks = [fork_marks(self.entry.fork)] if self.entry.fork and not self.entry.place else []
        if not self.entry.message.content.strip():
            return Content("  ").join(marks)
        deeds = [deed(THUMBS[value], "rate", value) for value in (1, -1)]
        deeds.append(deed("copy", "copy_reply"))
        count = min(len(blocks(self.entry.message.content)), BLOCKS)
        deeds += [deed(f"code {block + 1}" if count > 1 else "code", "copy_code", block) for block in range(count)]
        if self.entry.place:
            deeds.insert(0, deed(f"pick {self.entry.place}", "pick"))
        return Content("  ").join([*marks, *deeds])

    def _below(self, text: str) -> None:
        self._line.update(Content(text))
        self._line.display = bool(text)
