"""The program with a scripted model instead of the real one; all else is the program itself.

    python -m tests.reliability.kill.program ARGUMENTS

Its replies are numbered words, so that what was seen of them can be told from any part; `KILL_PACE` is the seconds
between two, `KILL_WORDS` how many there are, `KILL_COMPOSING` the seconds that a change of voice takes, `KILL_LEARNING`
those before anything is learned.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from assistant.__main__ import main as run
from assistant.anchors.card import read_card
from assistant.chat import launch, measuring
from assistant.chat.host import Messages
from assistant.chat.learning import Learning, Lesson
from assistant.engine.sampling import Sampling
from assistant.style import Profile
from tests.fake import FakeEngine


class Scripted(FakeEngine):
    """Says numbered words at a pace."""

    def compose(self, profile: Profile, cancelled: Callable[[], bool] = lambda: False) -> bool:
        changed = super().compose(profile, cancelled)
        if changed:
            time.sleep(float(os.environ.get("KILL_COMPOSING", "0")))
        return changed

    def stream(self, messages: Messages, settings: Sampling) -> Iterator[str]:
        pace = float(os.environ.get("KILL_PACE", "0.02"))
        for piece in super().stream(messages, settings):
            time.sleep(pace)
            yield piece

    def batch(self, conversations: Sequence[Messages], settings: Sequence[Sampling]) -> list[tuple[str, int]]:
        time.sleep(float(os.environ.get("KILL_PACE", "0.02")))
        return super().batch(conversations, settings)


def scores(scorers: measuring.Measuring, content: str) -> dict[str, float]:
    """Return scores that hang on the length of the text alone."""
    names = read_card(scorers._bank).names
    return {name: 0.2 + (len(content) * (place + 3) % 61) / 100 for place, name in enumerate(names)}


_learn = Learning._learn


def slowly(learning: Learning, *arguments: Any, **options: Any) -> Lesson:
    """Learn, after a while."""
    time.sleep(float(os.environ.get("KILL_LEARNING", "0")))
    return _learn(learning, *arguments, **options)


def main() -> None:
    """Run the program."""
    count = int(os.environ.get("KILL_WORDS", "120"))
    script = " ".join(f"word{number:04}" for number in range(1, count + 1))
    launch.load_engine = lambda *_, **__: Scripted(script)  # type: ignore[assignment]
    measuring.Measuring.__call__ = scores  # type: ignore[method-assign]
    Learning._learn = slowly  # type: ignore[method-assign]
    run()


if __name__ == "__main__":
    main()
