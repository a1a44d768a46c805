"""The line at the bottom: what the model is doing, and the keys."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from assistant.chat.display import printable
from assistant.chat.host import HostState, Phase
from assistant.tui.theme import MUTED

_WORDS = {
    Phase.IDLE: "starting",
    Phase.LOADING: "loading the model",
    Phase.COMPOSING: "composing your voice",
    Phase.READING: "reading the conversation",
    Phase.READY: "ready",
    Phase.WRITING: "writing (Esc stops)",
    Phase.FAILED: "the model could not be loaded",
}
_COLOURS = {Phase.READY: "$success", Phase.FAILED: "$error"}
KEYS = (("F1", "help"), ("F2", "voice"), ("F3/F4", "thumb up/down"), ("^Q", "quit"))
"""Keys and what they do; as many as there is room for are shown."""


def words(state: HostState) -> str:
    """Return what the host is doing, in words."""
    detail = printable(state.detail).replace("\n", " ") if state.phase is Phase.LOADING else ""
    busy = state.phase in (Phase.IDLE, Phase.LOADING, Phase.COMPOSING, Phase.READING)
    return f"{detail or _WORDS[state.phase]}{' …' if busy else ''}"


class StatusLine(Static):
    """Phase, model, speed of the last reply, and keys."""

    def __init__(self, model: str) -> None:
        super().__init__(markup=False)
        self._model = printable(model)
        self._state = HostState(Phase.IDLE)
        self._speed = ""

    def phase(self, state: HostState) -> None:
        """Show what the host is doing."""
        self._state = state
        self.refresh()

    def speed(self, tokens_per_second: float) -> None:
        """Show how fast the last reply was."""
        self._speed = f"{tokens_per_second:.0f} tokens/s" if tokens_per_second > 0 else ""
        self.refresh()

    def render(self) -> Content:
        """Draw what there is room for: first the phase, then the speed, the first key, the model, the other keys."""
        room = self.size.width
        kept = len(" ".join(KEYS[0])) + 3
        said = Content.assemble(("● ", _COLOURS.get(self._state.phase, "$warning")), words(self._state))
        for part in (self._speed, self._model):
            if part and said.cell_length + len(part) + 3 + kept <= room:
                said = Content.assemble(said, ("   ", ""), (part, MUTED))
        keys = Content("")
        for key, about in KEYS:
            more = Content.assemble(keys, "   " if keys else "", (key, "$primary"), (f" {about}", MUTED))
            if said.cell_length + more.cell_length + 3 > room:
                break
            keys = more
        gap = max(0, room - said.cell_length - keys.cell_length)
        return Content.assemble(said, " " * gap, keys).truncate(max(1, room), ellipsis=True)
