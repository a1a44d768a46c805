"""Work that nobody waits for, done in order."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from assistant.chat.outcome import Outcome
from assistant.errors import AssistantError

T = TypeVar("T")
_log = logging.getLogger(__name__)


class Background:
    """One thread: what is learned keeps its order."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, "learning")

    def compute(self, act: Callable[[], T]) -> Future[T]:
        """Find something out after all that was begun before it.

        What goes wrong is an `AssistantError`, when the result is asked for.
        """

        def run() -> T:
            try:
                return act()
            except AssistantError:
                raise
            except Exception as error:
                _log.exception("work in the background failed")
                what = type(error).__name__
                raise AssistantError(f"this failed unexpectedly ({what}); the log file has it") from error

        return self._pool.submit(run)

    def submit(self, act: Callable[[], Outcome], failed: str = "Not learned from") -> Future[Outcome]:
        """Do something after all that was begun before it.

        What it cannot do comes as an outcome of level "error", never as an exception.

        Args:
            act: what to do.
            failed: what to say before the reason when it cannot be done.
        """

        def run() -> Outcome:
            try:
                return act()
            except AssistantError as error:
                text = str(error)
                _log.warning("not learned", exc_info=error)
                return Outcome(f"{failed}: {text[:1].lower()}{text[1:]}", "error")
            except Exception as error:  # noqa: BLE001 - told to the person; nobody above this thread would see it
                _log.exception("learning failed")
                return Outcome(f"Learning failed unexpectedly ({type(error).__name__}); the log file has it.", "error")

        return self._pool.submit(run)
