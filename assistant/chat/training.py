"""A training that runs beside the chat: what is asked for, and how it stands."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from assistant import locations
from assistant.anchors.card import PART
from assistant.progress import Progress, words


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be trained."""

    texts: str
    """Folder of the texts."""
    names: tuple[str, ...]
    """The new attributes."""
    base: str
    """Folder of the bank that they join."""
    out: str
    """Folder of the bank that they will be in."""
    options: tuple[str, ...] = ()
    """Other options of `assistant train`."""

    @property
    def title(self) -> str:
        """The attributes, in words."""
        return " and ".join(self.names)

    @property
    def bank(self) -> str:
        """How `/bank` names the new bank: by its name alone where it lies beside others of the chat."""
        path = Path(self.out)
        return path.name if path.parent == locations.banks().resolve() else str(path)

    @property
    def part(self) -> Path:
        """Folder of what is trained so far."""
        return Path(self.out) / PART

    @property
    def arguments(self) -> list[str]:
        """The command line that does it, or goes on with it."""
        chosen = [word for name in self.names for word in ("--attribute", name)]
        ours = ["--data", self.texts, "--extend", self.base, "--out", self.out, "--resume", "--progress", "json"]
        return ["train", *self.options, *chosen, *ours]


class Phase(StrEnum):
    """How a training stands."""

    NONE = "none"
    RUNNING = "running"
    STOPPED = "stopped"
    """It can be gone on with."""
    FAILED = "failed"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class State:
    """The training that is going on, or the last one that there was."""

    phase: Phase = Phase.NONE
    plan: Plan | None = None
    doing: str = ""
    """What it does, in words, where it cannot be said how far it is."""
    progress: Progress | None = None
    left: float | None = None
    """Seconds that it will still take, where that is known."""
    losses: str = ""
    """The last losses, in words."""
    fault: str = ""
    """Why it failed."""
    kept: bool = False
    """Whether there is something to go on from."""
    elsewhere: bool = False
    """Whether another window of the program is at it."""

    @property
    def far(self) -> str:
        """How far it is, in words."""
        return words(self.progress, self.left) if self.progress is not None else ""


def standing(state: State) -> str:
    """Return how a training stands, and what can be done about it, in a line."""
    if state.plan is None:
        return "No training is going on. /train FOLDER trains a new voice from the texts in a folder."
    title, at = state.plan.title, f" at {state.progress.percent}" if state.progress is not None else ""
    if state.elsewhere:
        return f"The training of {title} is going on in another window of this program."
    if state.phase is Phase.RUNNING:
        course = "; ".join(each for each in (state.far or f"{state.doing} …", state.losses) if each)
        return f"Training {title}: {course}. /train stop ends it; what an epoch has learned is kept."
    if state.phase is Phase.DONE:
        return f"{title[:1].upper()}{title[1:]} is trained: /bank {state.plan.bank} takes the new voice up."
    rest = "/train resume goes on, /train drop throws it away."
    if state.phase is Phase.FAILED:
        return f"The training of {title} failed: {state.fault.rstrip('.')}.{f' {rest}' if state.kept else ''}"
    return f"The training of {title} was stopped{at}: {rest}"
