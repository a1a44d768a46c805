"""The line at the bottom: what the model is doing, and the keys."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from assistant.chat.display import printable
from assistant.chat.host import HostState, Phase

_WORDS = {
    Phase.IDLE: "starting",
    Phase.LOADING: "loading the model",
    Phase.COMPOSING: "composing your voice",
    Phase.READY: "ready",
    Phase.WRITING: "writing, Esc stops",
    Phase.FAILED: "the model could not be loaded",
}
_KEYS = "F2 voice  F3/F4 thumbs  F1 help  ^Q quit"


class StatusLine(Static):
    """Phase, model, speed of the last reply, and keys."""

    def __init__(self, model: str) -> None:
        super().__init__(markup=False)
        self._model = model
        self._state = HostState(Phase.IDLE)
        self._speed = ""

    def phase(self, state: HostState) -> None:
        """Show what the host is doing."""
        self._state = state
        self._draw()

    def speed(self, tokens: int, seconds: float) -> None:
        """Show how fast the last reply was."""
        self._speed = f"{tokens / seconds:.0f} tokens/s" if tokens and seconds > 0 else ""
        self._draw()

    def on_mount(self) -> None:
        """Draw for the first time."""
        self._draw()

    def on_resize(self) -> None:
        """Draw again: the keys are shown where there is room."""
        self._draw()

    def _draw(self) -> None:
        words = _WORDS[self._state.phase]
        if self._state.detail and self._state.phase is not Phase.FAILED:
            words = printable(self._state.detail)
        left = "  ".join(part for part in (f"● {words}", self._model, self._speed) if part)
        room = self.size.width - len(left) - 2
        right = _KEYS if room >= len(_KEYS) else ""
        colour = {Phase.READY: "$success", Phase.FAILED: "$error"}.get(self._state.phase, "$warning")
        self.update(
            Content.assemble((left[:1], colour), left[1:], " " * max(2, room - len(right) + 2), (right, "$text-muted"))
        )
