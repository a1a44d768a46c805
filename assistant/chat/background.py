"""Work that nobody waits for, done in order."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from assistant.chat.outcome import Outcome
from assistant.errors import AssistantError

_log = logging.getLogger(__name__)


class Background:
    """One thread: what is learned keeps its order."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, "learning")

    def submit(self, act: Callable[[], Outcome]) -> Future[Outcome]:
        """Do something after all that was begun before it.

        What it cannot do comes as an outcome of level "error", never as an exception.
        """

        def run() -> Outcome:
            try:
                return act()
            except AssistantError as error:
                text = str(error)
                _log.warning("not learned", exc_info=error)
                return Outcome(f"Not learned from: {text[:1].lower()}{text[1:]}", "error")
            except Exception as error:  # noqa: BLE001 - told to the person; nobody above this thread would see it
                _log.exception("learning failed")
                return Outcome(f"Learning failed unexpectedly ({type(error).__name__}); the log file has it.", "error")

        return self._pool.submit(run)
