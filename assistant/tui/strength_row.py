"""The strength of the voice and its composition, as the last row of the panel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual.content import Content
from textual.message import Message
from textual.reactive import reactive

from assistant.style import DEFAULT_COMPOSE, Compose
from assistant.tui.bars import WIDTH, share_bar
from assistant.tui.slider import MOVING, SliderRow
from assistant.tui.theme import MUTED

STRONGEST = 2.0
"""Strength at which its bar is full; only a number typed out goes beyond."""
NAME = "strength "
BAR = WIDTH - len(NAME) - 7
"""Columns of the bar."""


class StrengthRow(SliderRow):
    """Strength and composition."""

    MAIN = "strength"
    MARKS = (0.0, 1.0, STRONGEST)
    RANGES: ClassVar[Mapping[str, tuple[float, float]]] = {"strength": (0.0, STRONGEST)}

    class Turned(Message):
        """The person turned the strength, and it has come to rest."""

        def __init__(self, strength: float) -> None:
            self.strength = strength
            super().__init__()

    strength: reactive[float] = reactive(1.0)
    """Strength as drawn."""

    def __init__(self) -> None:
        super().__init__("strength")
        self._target: tuple[float, Compose] | None = None

    def show(self, strength: float, compose: Compose, at_once: bool) -> None:
        """Go to a strength; a change is moved to and lit up, unless it is to be taken at once."""
        if self._turned or self._target == (strength, compose):  # what the person is turning goes before
            return
        self._target = (strength, compose)
        if at_once:
            self.strength = strength
        else:
            self.animate("strength", strength, duration=MOVING)
            self.light()
        self.refresh()

    @property
    def _compose_kind(self) -> Compose:
        return self._target[1] if self._target else DEFAULT_COMPOSE

    @property
    def _used(self) -> bool:
        return self._compose_kind is not Compose.PAPER  # which has no strength

    def render(self) -> Content:
        """Draw the row."""
        style = "reverse" if self.has_focus else "" if self._used else MUTED
        return Content.assemble(
            (f"composition {self._compose_kind!s:>{WIDTH - 12}}\n", ""),
            (NAME.rstrip(), style),
            " ",
            share_bar(self.strength / STRONGEST, BAR, "$primary" if self._used else "$foreground 35%"),
            (f" {self.strength:6.2f}", "" if self._used else MUTED),
        )

    def slider_at(self, row: int) -> str:
        """Return the slider on a line of the row; paper composition has none."""
        return "strength" if row == 1 and self._used else ""

    def value_at(self, slider: str, column: int) -> float:
        """Return the strength at a column."""
        return round((column - len(NAME) + 1) / BAR * STRONGEST, 2)

    def told(self, turned: set[str]) -> Message:
        """Say how strong the voice is now."""
        self._target = (-1.0, self._compose_kind)  # so that the profile's own strength is shown, whatever it is
        return self.Turned(self.strength)

    async def turn(self, slider: str, value: float) -> None:
        """Draw the strength at a value, where the composition has one."""
        if self._used:
            await super().turn(slider, value)
