"""Somebody who chats for hours: each next act is drawn by a seed and done on the screen, by keys and typed lines."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from textual.widgets import Input

from assistant.chat.session import Chat
from assistant.tui.search_screen import SearchScreen
from assistant.tui.sessions_screen import SessionsScreen
from assistant.tui.settings_screen import SettingsScreen
from assistant.tui.talk import Talk
from tests.tui.screen import Screen

PER_HOUR = 200
"""Acts in an hour: one in eighteen seconds, a quick reader's pace. About half of them are messages."""
CONVERSATION = 16
"""Messages after which a new conversation is begun, about."""


class Person:
    """Chats through a screen until told otherwise. What does not happen within `patience` seconds is an error."""

    def __init__(self, screen: Screen, prompts: Sequence[str], seed: int = 0, patience: float = 60.0) -> None:
        self.screen = screen
        self.chat: Chat = screen.app.chat
        self.done: Counter[str] = Counter()
        self._prompts = prompts
        self._chance = random.Random(seed)
        self._patience = patience
        wait = screen.pilot._wait_for_screen
        screen.pilot._wait_for_screen = partial(wait, timeout=patience)  # 30 s, else, which a busy machine may take
        self._acts: list[tuple[float, Callable[[], Awaitable[None]]]] = [
            (46, self.say),
            (10, self.thumb),
            (14, self.command),
            (4, self.retry),
            (3, self.edit),
            (3, self.sibling),
            (4, self.compare),
            (4, self.search),
            (4, self.sessions),
            (2, self.scroll),
            (1, self.panel),
            (1, self.resize),
            (1, self.settings),
            (1, self.complete),
            (1, self.stop),
            (1, self.another_person),
        ]

    async def act(self) -> None:
        """Do the next thing and wait until it is done."""
        weights = [weight for weight, _ in self._acts]
        (act,) = self._chance.choices([each for _, each in self._acts], weights)
        if act != self.say and not self.chat.messages():
            act = self.say
        await act()
        await self.settled()
        self.done[act.__name__] += 1

    async def settled(self) -> None:
        """Wait until nothing is being written, learned, or shown over the conversation."""
        await self.screen.pilot.pause()
        await self._until(lambda: not self.screen.app.writing and len(self.screen.app.screen_stack) == 1, "settling")
        await asyncio.wrap_future(self.chat.later(_nothing))
        await self.screen.pilot.pause()

    async def say(self) -> None:
        """Send a message; now and then in a new conversation."""
        if self._chance.random() < 1 / CONVERSATION:
            await self._line("/new")
        text = self._chance.choice(self._prompts)
        if self._chance.random() < 0.03:
            text = "\n".join([text] * self._chance.randint(10, 60))
        await self._line(text)

    async def thumb(self) -> None:
        """Judge the last reply, with a reason if one is asked for."""
        bad = self._chance.random() < 0.4
        await self._press("f4" if bad else "f3")
        await self.settled()
        if bad:
            await self._press("f5")

    async def command(self) -> None:
        """Turn the voice, or ask about it."""
        attribute = self._chance.choice(self.chat.workspace.attributes)
        line = self._chance.choice(
            (
                f"/more {attribute.high}",
                f"/less {attribute.high}",
                f"/{attribute.name} {self._chance.random():.2f}",
                f"/weight {attribute.name} {self._chance.random():.2f}",
                f"/strength {self._chance.uniform(0.5, 1):.2f}",
                f"/bad too {attribute.low}",
                f"/lock {attribute.name}",
                f"/unlock {attribute.name}",
                "/undo",
                "/redo",
                "/reset",
                "/profile",
                "/why",
                "/preview bad",
                "/voice butler",
                "/as 1h ago",
                "/help",
                "/users",
                "/pin",
                "/sibling",
                "/no such command",
            )
        )
        await self._line(line)

    async def retry(self) -> None:
        """Have the last message answered anew."""
        await self._press("ctrl+r")
        await self.screen.pilot.pause()

    async def edit(self) -> None:
        """Word the last message anew."""
        await self._press("ctrl+t")
        await self._line(self._chance.choice(self._prompts))

    async def sibling(self) -> None:
        """Go between siblings, where there are any."""
        await self._press("alt+left" if self._chance.random() < 0.5 else "alt+right")

    async def compare(self) -> None:
        """Have two replies side by side and pick one."""
        await self._line(
            "/compare" if self._chance.random() < 0.5 else f"/compare {self._chance.choice(self._prompts)}"
        )
        await self.settled()
        await self._press(self._chance.choice(("f5", "f6")))

    async def search(self) -> None:
        """Search, and go to what was found or not."""
        await self._press("ctrl+s")
        await self._shown(SearchScreen)
        await self._press(*self._chance.choice(("the", "river", "how", "nothingofthekind")))
        await self._press(
            *(["down"] * self._chance.randint(0, 3)), "enter" if self._chance.random() < 0.5 else "escape"
        )
        if len(self.screen.app.screen_stack) > 1:  # there was nothing to go to
            await self._press("escape")

    async def sessions(self) -> None:
        """Look at the conversations: open, pin, rename, or delete one and bring it back."""
        await self._press("ctrl+o")
        await self._shown(SessionsScreen)
        await self._press(*(["down"] * self._chance.randint(0, 5)))
        deed = self._chance.choice(("enter", "p", "r", "d", "escape"))
        await self._press(deed)
        if deed == "r":
            self.screen.app.screen.query_one(Input).value = f"Renamed {self._chance.randint(1, 999)}"
            await self._press("enter")
        elif deed == "d" and self._chance.random() < 0.7:
            await self._press("u")
        if len(self.screen.app.screen_stack) > 1:
            await self._press("escape")

    async def scroll(self) -> None:
        """Read what was said earlier."""
        await self._press(*(["pageup"] * self._chance.randint(1, 6)))

    async def panel(self) -> None:
        """Hide or show the panel, and turn a slider."""
        await self._press("f2", "f2", "ctrl+g", "right", "right", "escape")

    async def resize(self) -> None:
        """Give the terminal another size."""
        await self.screen.pilot.resize_terminal(self._chance.randint(60, 160), self._chance.randint(20, 50))

    async def settings(self) -> None:
        """Look at the settings."""
        await self._press("f10")
        await self._shown(SettingsScreen)
        await self._press("escape")

    async def complete(self) -> None:
        """Type a command letter by letter, take up what is offered, and think better of it."""
        await self._press("/", *"mor", "tab", "f", "escape")
        self.screen.prompt.clear()

    async def stop(self) -> None:
        """Stop a reply that has begun."""
        await self._line(self._chance.choice(self._prompts))
        await self._press("escape")

    async def another_person(self) -> None:
        """Let somebody else sit down, and come back."""
        here = self.chat.user.name
        await self._line(f"/user {'bob' if here != 'bob' else 'ann'}")

    async def _press(self, *keys: str) -> None:
        await self.screen.press(*keys)

    async def _line(self, text: str) -> None:
        self.screen.app.query_one(Talk).prompt.focus()
        await self.screen.say(text)
        await self.screen.pilot.pause()

    async def _shown(self, kind: type[object]) -> None:
        await self._until(lambda: isinstance(self.screen.app.screen, kind), kind.__name__)
        await self.screen.pilot.pause()

    async def _until(self, condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + self._patience
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{what} took longer than {self._patience:.0f} s; on screen:\n{self.screen.drawn}")
            await asyncio.sleep(0.005)


def _nothing() -> object:
    from assistant.chat.outcome import Outcome

    return Outcome("")
