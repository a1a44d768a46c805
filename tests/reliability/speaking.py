"""A scripted engine and scorer over all attributes of the shipped bank; they keep nothing of what they were asked."""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable, Iterator, Sequence

from assistant.chat.host import Messages
from assistant.engine.room import Room
from assistant.engine.sampling import Sampling
from assistant.style import Profile

CONTEXT = 2000
_SPOKEN = (
    "the a small boat river light morning garden letter friend window answer question bread water stone "
    "because while although gladly certainly perhaps indeed we you they it is was has been would could walk keep "
    "find bring turn open close listen remember quiet bright old new long short warm cold first last"
)
WORDS = _SPOKEN.split()


class Scripted:
    """Replies of 10 to 80 words with Markdown in them, drawn from the sampling's seed and the question."""

    name = "scripted"

    def compose(self, profile: Profile, cancelled: Callable[[], bool] = lambda: False) -> bool:
        return True

    def fold(self, cancelled: Callable[[], bool] = lambda: False) -> bool:
        return not cancelled()

    def prefill(self, messages: Messages, cancelled: Callable[[], bool] = lambda: False, reserve: int = 256) -> bool:
        return not cancelled()

    def room(self, messages: Messages, reserve: int = 256) -> Room:
        used = sum(len(each["content"].split()) for each in messages)
        return Room(CONTEXT, min(used, CONTEXT), max(0, (used - CONTEXT) // 100))

    def stream(self, messages: Messages, settings: Sampling) -> Iterator[str]:
        yield from pieces(random.Random(f"{settings.seed} {messages[-1]['content']}"))

    def batch(self, conversations: Sequence[Messages], settings: Sequence[Sampling]) -> list[tuple[str, int]]:
        raise NotImplementedError("the chat answers one conversation at a time")


def pieces(chance: random.Random) -> Iterator[str]:
    """Yield a reply word by word."""
    for number in range(chance.randint(10, 80)):
        word = chance.choice(WORDS)
        if number and chance.random() < 0.04:
            yield f".\n\n- {word.capitalize()}"
        elif chance.random() < 0.03:
            yield f" **{word}**"
        else:
            yield f" {word}" if number else word.capitalize()
    if chance.random() < 0.1:
        yield "\n\n```python\nprint('hello')\n```\n"


def measure(text: str, names: Sequence[str]) -> dict[str, float]:
    """Return scores that any text has, the same each time."""
    return {name: 0.05 + 0.9 * (zlib.crc32(f"{name} {text}".encode()) % 1000) / 1000 for name in names}
