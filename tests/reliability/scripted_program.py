"""The whole program in a process of its own, with a scripted model: `python -m tests.reliability.scripted_program …`.

Command line, files, database and chat are the real ones; only the model's words and the scores are made up, so that it
starts in a moment.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from assistant.chat import launch, measuring
from assistant.chat.host import Messages, ModelHost
from assistant.engine.sampling import Sampling
from tests import fake

WORDS = "ASSISTANT_TEST_WORDS"
"""Names the variable that says how many words a reply has."""
PAUSE = "ASSISTANT_TEST_PAUSE"
"""Names the variable that says how many seconds each of them takes."""


class Engine(fake.FakeEngine):
    """Answers in as many words as wanted, each in its time."""

    def stream(self, messages: Messages, settings: Sampling) -> Iterator[str]:
        for number in range(int(os.environ.get(WORDS, "3"))):
            time.sleep(float(os.environ.get(PAUSE, "0")))
            yield f"word{number} "


def make_host(*_: Any, **__: Any) -> ModelHost:
    return ModelHost(lambda say: Engine())


def script(put: Callable[[Any, str, Any], None] = setattr) -> None:
    """Have the program in this process speak by the script."""
    put(launch, "make_host", make_host)
    put(measuring.Measuring, "__call__", lambda self, text: fake.measure(text))


def main() -> None:
    script()
    from assistant.cli.app import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
