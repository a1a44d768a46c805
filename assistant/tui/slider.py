"""Rows of the voice panel: they light up when they change, and are turned by mouse and by key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Static

from assistant.tui.bindings import bindings

MOVING = 0.35
"""Seconds that a bar takes to its new place."""
LIT = 1.6
"""Seconds that a change stays lit."""
STEP = 0.05
"""How far a key turns."""
SETTLED = 0.5
"""Seconds after the last key that a turned slider counts."""


class SliderRow(Static, can_focus=True):
    """A row with sliders; each is a reactive number of that name, as it is drawn."""

    FOCUS_ON_CLICK: ClassVar[bool] = False
    BINDINGS: ClassVar[list[BindingType]] = bindings("voice")
    MAIN: ClassVar[str]
    """The slider that is turned by the first keys."""
    MARKS: ClassVar[tuple[float, float, float]]
    """Its low, middle and high mark."""
    RANGES: ClassVar[Mapping[str, tuple[float, float]]]
    """How far each slider can be turned."""

    class Left(Message):
        """The person wants to type again."""

    def __init__(self, name: str) -> None:
        super().__init__(id=f"row-{name}", markup=False)
        self._lit: Timer | None = None
        self._held = ""
        """Which slider the mouse holds, if any."""
        self._turned: set[str] = set()
        self._rest: Timer | None = None

    def light(self) -> None:
        """Light up for a moment."""
        self.add_class("moved")
        if self._lit is not None:
            self._lit.stop()
        self._lit = self.set_timer(LIT, lambda: self.remove_class("moved"))

    # What each kind of row says

    def slider_at(self, row: int) -> str:
        """Return the slider on a line of the row, nothing when there is none."""
        raise NotImplementedError

    def value_at(self, slider: str, column: int) -> float:
        """Return what a slider stands for at a column."""
        raise NotImplementedError

    def told(self, turned: set[str]) -> Message:
        """Return the message that tells what was turned."""
        raise NotImplementedError

    # The mouse

    async def on_mouse_down(self, event: events.MouseDown) -> None:
        """Take hold of a slider."""
        event.stop()
        self._held = self.slider_at(event.y) if event.button == 1 else ""
        if self._held:
            self.capture_mouse()
            await self.turn(self._held, self.value_at(self._held, event.x))

    async def on_mouse_move(self, event: events.MouseMove) -> None:
        """Turn the slider that is held."""
        if self._held:
            await self.turn(self._held, self.value_at(self._held, event.x))

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """Let go: the slider counts as it is."""
        if self._held:
            self._held = ""
            self.release_mouse()
            self._settle()

    # The keys

    async def action_turn(self, steps: int) -> None:
        """Turn the row's main slider."""
        await self.by_key(self.MAIN, getattr(self, self.MAIN) + steps * STEP)

    async def action_put(self, place: int) -> None:
        """Turn the main slider to its low, middle or high mark."""
        await self.by_key(self.MAIN, self.MARKS[place])

    async def action_share(self, steps: int) -> None:
        """Give the row more or less weight, where it has one."""

    def action_lock(self) -> None:
        """Lock the row, where it can be."""

    def action_row(self, step: int) -> None:
        """Go to another row."""
        (self.screen.focus_previous if step < 0 else self.screen.focus_next)(SliderRow)

    def action_leave(self) -> None:
        """Go back to typing; what was turned counts."""
        self._settle()
        self.post_message(self.Left())

    async def by_key(self, slider: str, value: float) -> None:
        """Turn a slider; it counts when no key has come for a moment."""
        await self.turn(slider, value)
        if self._rest is not None:
            self._rest.stop()
        self._rest = self.set_timer(SETTLED, self._settle)

    def on_focus(self) -> None:
        """Show the focus."""
        self.refresh()

    def on_blur(self) -> None:
        """Have what was turned count at once."""
        self._settle()
        self.refresh()

    # Turning

    async def turn(self, slider: str, value: float) -> None:
        """Draw a slider at a value, or as near as it goes."""
        low, high = self.RANGES[slider]
        await self.stop_animation(slider, complete=False)
        setattr(self, slider, round(min(max(value, low), high), 2))
        self._turned.add(slider)

    def _settle(self) -> None:
        """Tell what was turned, if anything was."""
        if self._rest is not None:
            self._rest.stop()
            self._rest = None
        turned, self._turned = self._turned, set()
        if turned:
            self.post_message(self.told(turned))
