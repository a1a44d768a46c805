"""Killing the chat, in the whole terminal and line by line."""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Callable, Iterator, Sequence

from tests.reliability.kill.book import Content, content, verify
from tests.reliability.kill.outcome import Outcome
from tests.reliability.kill.place import USER, Place
from tests.reliability.kill.reading import Seen, letters, read, read_plain
from tests.reliability.kill.terminal import Terminal, TooLong

Deeds = Callable[["Chatting", random.Random], Iterator[float | None]]
"""What a person does, as seconds between one thing and the next; the kill cuts it short. None begins the time anew."""


class Chatting:
    """The chat, killed while a person does something, started again in the same terminal, and so on."""

    def __init__(
        self, name: str, deeds: Deeds, longest: float, scripted: bool = True, ready: str = USER, **environment: str
    ) -> None:
        """Prepare.

        Args:
            name: of the scenario.
            deeds: what the person does.
            longest: seconds after the first deed within which the kill falls.
            scripted: whether a script answers.
            ready: what must stand on the screen before the first deed.
            environment: for the program.
        """
        self.name = name
        self.scripted = scripted
        self._deeds = deeds
        self._longest = longest
        self._ready = ready
        self._environment = environment
        self.number = 0
        """Of the run."""
        self.asked: list[str] | None = None
        """Changes of the voice that were typed, where they are all that can come."""
        self.sent = False
        """Whether the time of the kill counts from the sight of a message."""
        self.recent: set[str] = set()
        """Values that were typed in the last run."""
        self.terminal: Terminal

    def run(self, place: Place, number: int, rng: random.Random) -> Outcome:
        """Kill the chat once, check, and start it again."""
        outcome = Outcome(self.name)
        self.terminal, self.number, self.asked, self.sent = place.terminal, number, None, False
        if not place.running:
            self._start(place)
        self.terminal.shows(self._ready)
        before = content(place.database)
        wait = rng.uniform(0, self._longest)
        self._act(rng, wait)
        left = self.terminal.kill()
        seen = self._read(left)
        seen.asked = self.asked
        outcome.moment = f"{wait:.2f} s after {'the message was sent' if self.sent else 'the first key'}"
        after = verify(place, outcome, before, seen)
        self._again(place, outcome, after, seen)
        if outcome.faults:
            outcome.screen = left
        return outcome

    def _act(self, rng: random.Random, wait: float) -> None:
        end = time.monotonic() + wait
        for pause in self._deeds(self, rng):
            if pause is None:
                end = time.monotonic() + wait
                continue
            left = end - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(pause, left))
        time.sleep(max(0.0, end - time.monotonic()))

    def _again(self, place: Place, outcome: Outcome, after: Content, seen: Seen) -> None:
        self._start(place)
        try:
            self.terminal.until(lambda lines: self._back(lines, after, seen))
            outcome.again = True
        except TooLong as error:
            outcome.wrong(f"not shown again: {error}")

    def _start(self, place: Place) -> None:
        place.start("--user", USER, **self._environment)

    def _read(self, lines: Sequence[str]) -> Seen:
        return read(lines, self.scripted)

    def _back(self, lines: Sequence[str], after: Content, seen: Seen) -> bool:
        """Return whether the conversation that was on the screen is on it again, the end of the reply included.

        What was saved and not yet drawn when the kill came is on the screen now, maybe in another's place: a message
        that words one anew, or another reply.
        """
        now = self._read(lines)
        last = seen.questions[-1] if seen.questions else ""
        asked = {key: letters(text) for key, (_, role, text) in after.messages.items() if role == "user"}
        newest = list(asked.values())[-1:]
        if last and newest and newest[0] not in map(letters, seen.questions):
            last = newest[0]
        keys = [key for key, text in asked.items() if text == letters(last)]
        answers = [letters(text) for parent, _, text in after.messages.values() if parent in keys]
        words = [letters(line) for line in seen.replies.get(last, [])[-3:]]
        words = [word for word in words if word in "".join(answers[-1:])]
        replies = {letters(question): letters("".join(reply)) for question, reply in now.replies.items()}
        return any(USER in line for line in lines) and (
            not last
            or (
                letters(last) in map(letters, now.questions)
                and all(word in replies.get(letters(last), "") for word in words)
            )
        )


class Plain(Chatting):
    """The same with `assistant --plain`."""

    def _start(self, place: Place) -> None:
        place.start("--plain", "--user", USER, **self._environment)

    def _read(self, lines: Sequence[str]) -> Seen:
        return read_plain(lines, USER)

    def _back(self, lines: Sequence[str], after: Content, _seen: Seen) -> bool:
        text = " ".join(lines)
        return f"{USER}:" in text and (not after.messages or "goes on with" in text)


def question(chat: Chatting, about: str) -> str:
    """Return a message that is sent once, however often the run is begun again."""
    return f"Tell me about {about}, {chat.number} {secrets.randbelow(10**8):08}"


def ready(lines: Sequence[str]) -> bool:
    """Return whether the chat's status line says so."""
    return any(line.startswith(" ● ready") for line in lines)


def ask(chat: Chatting, rng: random.Random) -> Iterator[float | None]:
    """Send one message and watch the reply; most kills come after it is seen as sent."""
    text = question(chat, rng.choice(("lighthouses", "bread", "trains", "moss")))
    chat.terminal.type(text + "\r")
    if rng.random() < 0.8:
        chat.sent = True
        chat.terminal.until(lambda lines: text in read(lines).questions)
        yield None


def ask_quickly(chat: Chatting, rng: random.Random) -> Iterator[float | None]:
    """Send message after message, each as soon as the reply before it has ended."""
    for _ in range(200):
        text = question(chat, "tea")
        chat.terminal.type(text + "\r")
        while not (ready(chat.terminal.screen) and text in read(chat.terminal.screen).questions):
            yield 0.05


def ask_plainly(chat: Chatting, rng: random.Random) -> Iterator[float | None]:
    """Send message after message, each where the program says whose turn it is."""
    for _ in range(200):
        while [line for line in chat.terminal.screen if line][-1:] != [f"{USER}:"]:
            yield 0.05
        text = question(chat, "coffee")
        chat.terminal.type(text + "\r")
        while not any(text in line for line in chat.terminal.screen):
            yield 0.05


def turn(chat: Chatting, rng: random.Random) -> Iterator[float | None]:
    """Move the voice again and again."""
    values = [f"{value / 100:.2f}" for value in range(2, 99) if value != 50]
    values = [value for value in values if value not in chat.recent]
    chat.asked, chat.recent = [], set()
    for value in rng.sample(values, 40):
        line = f"/formality {value}"
        chat.asked.append(line)
        chat.recent.add(value)
        chat.terminal.type(line + "\r")
        yield rng.uniform(0.05, 0.4)


def turn_and_ask(chat: Chatting, rng: random.Random) -> Iterator[float | None]:
    """Move the voice before and while a reply is written."""
    for pause in turn(chat, rng):
        yield pause
        if rng.random() < 0.3 and ready(chat.terminal.screen):
            chat.terminal.type(question(chat, "rain") + "\r")
            yield 0.3


def judge(chat: Chatting, rng: random.Random) -> Iterator[float | None]:
    """Judge one reply this way and that, faster than it is learned from."""
    chat.terminal.type(question(chat, "kites") + "\r")
    yield 0.5
    while not ready(chat.terminal.screen):
        yield 0.05
    while True:
        chat.terminal.type(rng.choice(("/good", "/bad", "/bad too formal")) + "\r")
        yield rng.uniform(0.1, 0.6)


def branch(chat: Chatting, rng: random.Random) -> Iterator[float | None]:
    """Ask, try again, word anew, compare, pick, and judge."""
    chat.terminal.type(question(chat, "rivers") + "\r")
    while True:
        yield rng.uniform(0, 0.5)
        while not ready(chat.terminal.screen):
            yield 0.05
        doing = rng.choice(
            ("/retry", "/good", "/bad too formal", "compare", "/pick 1", "/pick 2", "/undo", "edit", "ask")
        )
        if doing == "compare":
            doing = f"/compare {question(chat, 'hills')}"
        elif doing == "ask":
            doing = question(chat, "lakes")
        elif doing == "edit":
            chat.terminal.type("\x14")  # Ctrl+T takes up the last message
            yield 0.2
            doing = f" {rng.randrange(10**6):06}"
        chat.terminal.type(doing + "\r")
