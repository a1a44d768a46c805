"""Reading and driving the chat's screen in tests."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from rich.cells import cell_len
from textual.pilot import Pilot
from textual.widgets import Markdown, Static

from assistant.chat.session import Chat
from assistant.tui.app import AssistantApp
from assistant.tui.person import PersonMessage
from assistant.tui.prompt import Prompt
from assistant.tui.reply import Reply
from assistant.tui.transcript import Notice
from tests import fake

SIZE = (110, 32)


class Screen:
    """The app of one chat, running without a terminal."""

    def __init__(self, app: AssistantApp, pilot: Pilot[int]) -> None:
        self.app = app
        self.pilot = pilot
        self.press = pilot.press

    @property
    def prompt(self) -> Prompt:
        return self.app.query_one(Prompt)

    @property
    def shown(self) -> list[str]:
        """The transcript as text, one entry per message; a reply is followed by "|" and the line below it."""
        found = []
        for widget in self.app.query("PersonMessage, Reply, Notice"):
            if isinstance(widget, Reply):
                below = (str(each.visual) for each in widget.query(".below").results(Static))
                found.append(f"{source(widget)}|{next(below, '')}")
            elif isinstance(widget, PersonMessage):
                found.append(next((str(each.visual) for each in widget.query(".said").results(Static)), ""))
            elif isinstance(widget, Notice):
                found.append(str(widget.visual))
        return found

    @property
    def replies(self) -> list[str]:
        return [source(reply) for reply in self.app.query(Reply)]

    @property
    def drawn(self) -> str:
        """What stands on the screen, line by line."""
        strips = self.app.screen._compositor.render_strips(self.app.size)
        return "\n".join("".join(segment.text for segment in strip) for strip in strips)

    async def until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + fake.DEADLINE
        while not condition():
            assert time.monotonic() < deadline, f"waited too long; on screen:\n{self.drawn}"
            await asyncio.sleep(0.01)

    async def settled(self) -> None:
        """Wait until nothing on the screen moves any more by itself."""
        before = ""
        while before != (before := self.drawn):
            await self.pilot.pause()

    async def click(self, words: str) -> None:
        """Click on the last place of the screen where words stand, once they are there to stay."""
        await self.until(lambda: words in self.drawn)
        await self.settled()
        lines = self.drawn.split("\n")
        y = max(index for index, line in enumerate(lines) if words in line)
        await self.pilot.click(offset=(cell_len(lines[y].rpartition(words)[0]), y))
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        """Type a text where the cursor is, all at once."""
        self.prompt.insert(text)
        await self.pilot.pause()

    async def say(self, text: str) -> None:
        """Send a text as it stands, whatever the list of completions offers."""
        self.prompt.text = text
        await self.press("enter")

    async def answered(self, count: int = 1) -> None:
        """Wait until so many replies are there and none is being written."""
        await self.until(lambda: len(self.replies) == count and not self.app.writing)

    async def answered_any(self) -> None:
        """Wait until no reply is being written, however many there are."""
        await self.pilot.pause()
        await self.until(lambda: not self.app.writing)


def source(reply: Reply) -> str:
    """Return a reply's Markdown as it is drawn, nothing as long as nothing is."""
    return next((each.source for each in reply.query(Markdown)), "")


@asynccontextmanager
async def opened(chat: Chat, size: tuple[int, int] = SIZE, notice: str = "") -> AsyncIterator[Screen]:
    """Open the chat without a terminal; wait for its threads before it closes."""
    app = AssistantApp(chat, notice)
    app.animation_level = "none"
    async with app.run_test(size=size) as pilot:
        app.query_one(Prompt).cursor_blink = False
        screen = Screen(app, pilot)
        await screen.until(lambda: chat.host._thread is not None and len(app.query("Transcript > *")) > 0)
        await pilot.pause()
        yield screen
        await app.workers.wait_for_complete()
    chat.host.close()
