"""What the plain chat says of a training: a line now and then, and never within a reply."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from assistant.chat.trainer import Trainer
from assistant.chat.training import Phase, State, standing
from assistant.progress import Milestones


class PlainTraining:
    """Tells how a training goes."""

    def __init__(self, trainer: Trainer, say: Callable[[str], None]) -> None:
        """Prepare; `say` writes a line."""
        self._trainer = trainer
        self._say = say
        self._milestones = Milestones()
        self._phase = trainer.state.phase
        self._lock = threading.RLock()
        self._silent = False
        self._kept: list[str] = []

    @contextmanager
    def told(self) -> Iterator[None]:
        """Tell what happens as long as this lasts."""
        forget = self._trainer.subscribe(self._heard)
        try:
            yield
        finally:
            forget()

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Keep lines for later as long as this lasts."""
        with self._lock:
            self._silent = True
        try:
            yield
        finally:
            with self._lock:
                self._silent = False
                kept, self._kept = self._kept, []
            if kept:
                self._say("")
            for line in kept:
                self._say(line)

    def waited(self) -> bool:
        """Wait until the training has ended, if there is one; return whether it failed."""
        if not self._trainer.running:
            return False
        self._trainer.wait()
        return self._trainer.state.phase is Phase.FAILED

    def _heard(self, state: State) -> None:
        began = self._phase is not Phase.RUNNING
        ended = self._phase is Phase.RUNNING and state.phase is not Phase.RUNNING
        self._phase = state.phase
        if began:
            self._milestones = Milestones()
        milestone = state.progress is not None and self._milestones.passed(state.progress)
        if ended:
            self._tell(f"({standing(state)})")
        elif state.plan is not None and state.phase is Phase.RUNNING and milestone:
            self._tell(f"(training {state.plan.title}: {state.far})")

    def _tell(self, line: str) -> None:
        with self._lock:
            if self._silent:
                self._kept.append(line)
            else:
                self._say(line)
