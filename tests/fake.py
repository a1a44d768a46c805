"""A scripted engine and a workspace without a model, for tests of the chat and its interfaces."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from assistant.anchors.card import Card
from assistant.chat.host import Messages, ModelHost
from assistant.chat.learning import Learning
from assistant.chat.session import Chat
from assistant.chat.workspace import Workspace
from assistant.engine.room import Room
from assistant.engine.sampling import Sampling
from assistant.errors import AssistantError
from assistant.store import Store
from assistant.style import Attribute, Profile

ATTRIBUTES = (
    Attribute("formality", "casual", "formal", "The register."),
    Attribute("sentiment", "negative", "positive"),
)
DEADLINE = 10.0


class FakeEngine:
    """Says its script word by word; with `gate` set, each word waits until `let` allows it."""

    name = "fake"
    context = 1000

    def __init__(self, script: str = "Hello to you too.", gate: bool = False, fails: str = "") -> None:
        self.script = script
        self.fails = fails
        self.composed: list[Profile] = []
        self.asked: list[list[dict[str, str]]] = []
        self.read: list[list[dict[str, str]]] = []
        self.voices: list[Profile] = []
        self._allowed = threading.Semaphore(0)
        self._gate = gate

    def let(self, words: int) -> None:
        """Allow so many more words."""
        for _ in range(words):
            self._allowed.release()

    def compose(self, profile: Profile, cancelled: Callable[[], bool] = lambda: False) -> bool:
        changed = not self.composed or self.composed[-1] != profile
        if changed:
            self.composed.append(profile)
        return changed

    def fold(self, cancelled: Callable[[], bool] = lambda: False) -> bool:
        return not cancelled()

    def prefill(self, messages: Messages, cancelled: Callable[[], bool] = lambda: False, reserve: int = 256) -> bool:
        if cancelled():
            return False
        self.read.append([dict(message) for message in messages])
        return True

    def room(self, messages: Messages, reserve: int = 256) -> Room:
        """A word is a token; with more than `context`, the oldest turns are dropped."""
        kept = [dict(message) for message in messages]
        while len(kept) > 1 and sum(len(each["content"].split()) for each in kept) > self.context:
            del kept[:2]
        dropped = (len(messages) - len(kept)) // 2
        return Room(self.context, sum(len(each["content"].split()) for each in kept), dropped)

    def stream(self, messages: Messages, settings: Sampling) -> Iterator[str]:
        self.asked.append([dict(message) for message in messages])
        self.voices += self.composed[-1:]
        for number, word in enumerate(self.script.split(" ")):
            if self._gate and not self._allowed.acquire(timeout=DEADLINE):
                raise AssertionError("nobody let the fake engine go on")
            if self.fails and number == 2:
                raise AssistantError(self.fails)
            yield word if number == 0 else f" {word}"

    def batch(self, conversations: Sequence[Messages], settings: Sequence[Sampling]) -> list[tuple[str, int]]:
        return [(f"{self.script} {each[-1]['content']}", len(self.script.split())) for each in conversations]


def measure(text: str) -> dict[str, float]:
    """Score a text by the words that it holds: each attribute is at ½, less or more for each adjective of its poles."""
    words = text.lower().replace(".", " ").split()
    return {
        each.name: min(max(0.5 + 0.15 * (words.count(each.high) - words.count(each.low)), 0.05), 0.95)
        for each in ATTRIBUTES
    }


def workspace(folder: Path) -> Workspace:
    """Return a workspace with a real store and the card of a bank of two attributes."""
    return Workspace(Store.open(folder / "a.db"), Card("fake", ATTRIBUTES, 1, (), ""), folder)


def chat(
    folder: Path, engine: FakeEngine | None = None, user: str = "ann", loading: threading.Event | None = None
) -> Chat:
    """Return a chat whose model is the engine; it is loaded once `loading` is set, at once when there is none."""
    speaker = engine or FakeEngine()

    def load(say: object) -> FakeEngine:
        if loading is not None:
            assert loading.wait(DEADLINE)
        return speaker

    place = workspace(folder)
    return Chat(place, ModelHost(load), user, Sampling(seed=1), Learning(place, measure))
