"""What the model's host is doing, for those who show it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from assistant.progress import Eta, Progress, Watch

STOPPED = (
    "The preparation of the model was stopped, and nothing half done is kept. Your next message, or /load, begins anew."
)
_SHOWN_EVERY = 0.01
"""Share of the model's first preparation after which its progress is told again."""


class Phase(StrEnum):
    """What the host is doing."""

    IDLE = "idle"
    """Not started."""
    LOADING = "loading"
    COMPOSING = "composing"
    READING = "reading"
    """Computing the conversation so far under new weights."""
    READY = "ready"
    WRITING = "writing"
    FAILED = "failed"
    STOPPED = "stopped"
    """The person has ended the model's first preparation; the next question begins it anew."""


@dataclass(frozen=True, slots=True)
class HostState:
    """The phase, with a few words about it."""

    phase: Phase
    detail: str = ""
    progress: Progress | None = None
    """How far the model's first preparation is. While there is one, it can be cancelled."""
    left: float | None = None
    """Seconds that it will still take, where that is known."""


def watched(tell: Callable[[HostState], None], cancelled: Callable[[], bool]) -> Watch:
    """Return what turns the course of a loading into states, and says when to give it up."""
    eta, words, shown = Eta(window=20), "", -1.0

    def say(what: str) -> None:
        nonlocal words, shown
        words, shown = what, -1.0
        tell(HostState(Phase.LOADING, words))

    def went(progress: Progress) -> None:
        nonlocal shown
        eta.add(progress)
        if progress.fraction - shown >= _SHOWN_EVERY:
            shown = progress.fraction
            tell(HostState(Phase.LOADING, words, progress, eta.left()))

    return Watch(say, went, cancelled)
