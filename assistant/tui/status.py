"""The line at the bottom: what the model is doing, and the keys."""

from __future__ import annotations

import time

from textual.content import Content
from textual.widgets import Static

from assistant import progress
from assistant.chat.display import one_line
from assistant.chat.host import HostState, Phase
from assistant.engine.room import Room
from assistant.settings.keys import keys_of, spoken
from assistant.tui.theme import MUTED

_WORDS = {
    Phase.IDLE: "starting",
    Phase.LOADING: "loading the model",
    Phase.COMPOSING: "composing your voice",
    Phase.READING: "reading the conversation",
    Phase.READY: "ready",
    Phase.WRITING: "writing (Esc stops)",
    Phase.FAILED: "the model could not be loaded",
    Phase.STOPPED: "no model: its preparation was stopped",
}
_PREPARING = "preparing the model:"
_COLOURS = {Phase.READY: "$success", Phase.FAILED: "$error", Phase.STOPPED: "$error"}
LONG = (Phase.IDLE, Phase.LOADING)
"""Phases that may take long: their seconds are counted."""
LONGER = 3
"""Seconds from which on they are shown."""
KEYS = (
    ("help", "help"),
    ("panel", "voice"),
    ("good", "up"),
    ("bad", "down"),
    ("settings", "settings"),
    ("quit", "quit"),
)
"""Actions that have a key, and what they do; as many as there is room for are shown."""


def words(state: HostState) -> str:
    """Return what the host is doing, in words."""
    if state.progress is not None:
        far = progress.words(state.progress, state.left)
        return f"{_PREPARING if far else one_line(state.detail)} {far or '…'} (Esc stops)"
    detail = one_line(state.detail) if state.phase is Phase.LOADING else ""
    busy = state.phase in (Phase.IDLE, Phase.LOADING, Phase.COMPOSING, Phase.READING)
    return f"{detail or _WORDS[state.phase]}{' …' if busy else ''}"


class StatusLine(Static):
    """Phase, speed of the last reply, context, model, and keys."""

    def __init__(self, model: str) -> None:
        super().__init__(markup=False)
        self._model = one_line(model)
        self.keys: dict[str, str] = {}
        """Keys that the person chose."""
        self._state = HostState(Phase.IDLE)
        self._speed = ""
        self._taken = ""
        self._since = time.monotonic()

    def on_mount(self) -> None:
        """Count the seconds of what takes long."""
        self.set_interval(1.0, self._tick)

    def _tick(self) -> None:
        if self._state.phase in LONG:
            self.refresh()

    def phase(self, state: HostState) -> None:
        """Show what the host is doing."""
        if state.phase is not self._state.phase:
            self._since = time.monotonic()
        self._state = state
        self.refresh()

    def context(self, room: Room | None) -> None:
        """Show how much of the model's context the conversation takes, and how much is left."""
        self._taken = f"{room.used:,} tokens used, {room.left:,} left" if room is not None else ""
        self.refresh()

    def speed(self, tokens_per_second: float) -> None:
        """Show how fast the last reply was."""
        self._speed = f"{tokens_per_second:.0f} tokens/s" if tokens_per_second > 0 else ""
        self.refresh()

    def render(self) -> Content:
        """Draw what there is room for: first the phase, then the speed, the first key, the model, the other keys."""
        room = self.size.width
        shown = [(spoken(keys_of(name, self.keys).split(",")[0]), about) for name, about in KEYS]
        kept = len(" ".join(shown[0])) + 3
        counted = self._state.phase in LONG and self._state.progress is None
        seconds = int(time.monotonic() - self._since) if counted else 0
        since = f" {seconds} s" if seconds >= LONGER else ""
        colour = _COLOURS.get(self._state.phase, "$warning")
        said = Content.assemble(("● ", colour), words(self._state), since)
        for part in (self._speed, self._taken, self._model):
            if part and said.cell_length + len(part) + 3 + kept <= room:
                said = Content.assemble(said, ("   ", ""), (part, MUTED))
        keys = Content("")
        for key, about in shown:
            more = Content.assemble(keys, "   " if keys else "", (key, "$primary"), (f" {about}", MUTED))
            if said.cell_length + more.cell_length + 3 > room:
                break
            keys = more
        gap = max(0, room - said.cell_length - keys.cell_length)
        return Content.assemble(said, " " * gap, keys).truncate(max(1, room), ellipsis=True)
