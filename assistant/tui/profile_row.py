"""One attribute of the panel: a slider for α, the share λ, the last score, the lock, and how α went over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.timer import Timer
from textual.widgets import Static

from assistant.style import Attribute
from assistant.tui.bars import LEFT, RIGHT, WIDTH, alpha_at, alpha_bar, pole_names, share_bar, sparkline
from assistant.tui.theme import MUTED

MOVING = 0.35
"""Seconds that a bar takes to its new place."""
LIT = 1.6
"""Seconds that a change stays lit."""
SETTLED = 0.5
"""Seconds after the last key that a turned slider counts."""
STEP = 0.05
"""How far an arrow key turns."""
LOCKED = "locked"
"""Mark of an attribute that thumbs leave alone."""
NAME = WIDTH - 9
"""Columns for the name and what stands beside it."""
SPARKS = 8
"""Columns of the sparkline."""


class Row(Static):
    """A line or more of the panel that lights up for a moment when it changes."""

    def __init__(self, name: str) -> None:
        super().__init__(id=f"row-{name}", markup=False)
        self._timer: Timer | None = None

    def light(self) -> None:
        """Light up for a moment."""
        self.add_class("moved")
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(LIT, lambda: self.remove_class("moved"))


@dataclass(frozen=True, slots=True)
class Standing:
    """All that a row shows."""

    alpha: float
    share: float
    locked: bool = False
    score: float | None = None
    """What was measured on the last reply."""
    safe: tuple[float, float] | None = None
    """Range of α in which replies hold together, as the other attributes stand; None where nobody measured it."""
    past: Sequence[float] = ()
    """α over time, oldest first."""


class AttributeRow(Row, can_focus=True):
    """One attribute: name, α between its poles, and λ. Turned by mouse and, once it has the focus, by key."""

    FOCUS_ON_CLICK: ClassVar[bool] = False

    class Turned(Message):
        """The person turned a slider, and it has come to rest."""

        def __init__(self, name: str, alpha: float | None, share: float | None) -> None:
            self.name = name
            self.alpha = alpha
            self.share = share
            super().__init__()

    class Locking(Message):
        """The person wants an attribute locked, or free if it is locked."""

        def __init__(self, name: str, lock: bool) -> None:
            self.name = name
            self.lock = lock
            super().__init__()

    class Left(Message):
        """The person wants to type again."""

    alpha: reactive[float] = reactive(0.5)
    """α as drawn; moves smoothly to a new value."""
    share: reactive[float] = reactive(0.0)
    """λ as drawn."""
    dense: reactive[bool] = reactive(False, layout=True)
    """Whether the poles are left out, for want of room."""

    def __init__(self, attribute: Attribute) -> None:
        super().__init__(attribute.name)
        self._attribute = attribute
        self._standing = Standing(0.5, 0.0)
        self._target: tuple[float, float] | None = None
        self._turning = ""
        """Which slider the mouse holds: "alpha", "share" or none."""
        self._turned: set[str] = set()
        self._rest: Timer | None = None

    def show(self, standing: Standing, at_once: bool) -> None:
        """Go to a position; a change is moved to and lit up, unless it is to be taken at once."""
        if self._turned:  # what the person is turning goes before
            return
        self._standing = standing
        self.refresh()
        if self._target == (standing.alpha, standing.share):
            return
        self._target = (standing.alpha, standing.share)
        if at_once:
            self.alpha, self.share = standing.alpha, standing.share
            return
        self.animate("alpha", standing.alpha, duration=MOVING)
        self.animate("share", standing.share, duration=MOVING)
        self.light()

    def render(self) -> Content:
        """Draw the row."""
        each, standing = self._attribute, self._standing
        style = "reverse" if self.has_focus else "bold" if self.share > 0 else MUTED
        name = each.name if len(each.name) <= WIDTH - 10 else f"{each.name[: WIDTH - 11]}…"
        beside = f" ({LOCKED})" if standing.locked else ""
        sparks = "" if beside else sparkline(standing.past, min(SPARKS, NAME - len(name) - 2))
        gap = " " * max(0, NAME - len(name) - len(beside) - len(sparks) - 1)
        score = f"  ◇ {standing.score:4.2f}" if standing.score is not None else ""
        lines = [
            Content.assemble(
                Content.assemble((name, style), beside, gap, (sparks, "$secondary"), " ").truncate(NAME),
                f"α {self.alpha:7.2f}",
            ),
            alpha_bar(self.alpha, standing.safe, standing.score),
            Content.styled(pole_names(each.low, each.high), MUTED),
            Content.assemble(
                "λ ",
                share_bar(self.share, self._share_width, "$secondary"),
                f" {self.share:6.2f}" if not score else f" {self.share:.2f}",
                (score, "$secondary"),
            ),
        ]
        if self.dense:
            del lines[2]
        return Content("\n").join(lines)

    @property
    def _share_width(self) -> int:
        return WIDTH - 9 if self._standing.score is None else WIDTH - 15

    # The mouse

    async def on_mouse_down(self, event: events.MouseDown) -> None:
        """Take hold of a slider, or turn the lock."""
        event.stop()
        if event.button != 1:
            return
        if event.y == 0:
            self._lock()
        elif event.y == 1:
            self._turning = "alpha"
        elif event.y == self.size.height - 1:
            self._turning = "share"
        if self._turning:
            self.capture_mouse()
            await self._to(event.x)

    async def on_mouse_move(self, event: events.MouseMove) -> None:
        """Turn the slider that is held."""
        if self._turning:
            await self._to(event.x)

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """Let go: the slider counts as it is."""
        if self._turning:
            self._turning = ""
            self.release_mouse()
            self._settle()

    async def _to(self, column: int) -> None:
        if self._turning == "alpha":
            await self._turn("alpha", alpha_at(column))
        else:
            await self._turn("share", round((column - 1) / self._share_width, 2))

    # The keys

    async def _on_key(self, event: events.Key) -> None:
        if await self._handles(event.key):
            event.stop()
            event.prevent_default()

    async def _handles(self, key: str) -> bool:
        match key:
            case "left" | "right":
                await self._turn("alpha", self.alpha + (STEP if key == "right" else -STEP))
            case "shift+left" | "shift+right":
                await self._turn("alpha", self.alpha + 5 * (STEP if key == "shift+right" else -STEP))
            case "home" | "end" | "backspace":
                await self._turn("alpha", {"home": 0.0, "end": 1.0, "backspace": 0.5}[key])
            case "plus" | "minus":
                await self._turn("share", self.share + (STEP if key == "plus" else -STEP))
            case "up" | "down":
                move = self.screen.focus_previous if key == "up" else self.screen.focus_next
                move(AttributeRow)
            case "l":
                self._lock()
            case "escape" | "enter" | "tab" | "shift+tab":
                self._settle()
                self.post_message(self.Left())
            case _:
                return False
        if self._turned:
            if self._rest is not None:
                self._rest.stop()
            self._rest = self.set_timer(SETTLED, self._settle)
        return True

    def on_focus(self) -> None:
        """Show the focus."""
        self.refresh()

    def on_blur(self) -> None:
        """Have what was turned count at once."""
        self._settle()
        self.refresh()

    # Turning

    async def _turn(self, which: str, value: float) -> None:
        low, high = (LEFT, RIGHT) if which == "alpha" else (0.0, 1.0)
        await self.stop_animation(which, complete=False)
        setattr(self, which, round(min(max(value, low), high), 2))
        self._turned.add(which)

    def _settle(self) -> None:
        """Tell what was turned, if anything was."""
        if self._rest is not None:
            self._rest.stop()
            self._rest = None
        turned, self._turned = self._turned, set()
        if turned:
            self._target = None
            alpha, share = (getattr(self, each) if each in turned else None for each in ("alpha", "share"))
            self.post_message(self.Turned(self._attribute.name, alpha, share))

    def _lock(self) -> None:
        self.post_message(self.Locking(self._attribute.name, not self._standing.locked))
