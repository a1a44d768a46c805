"""One attribute of the panel: a slider for α, the share λ, the last score, the lock, and how α went over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive

from assistant.style import Attribute
from assistant.tui.bars import LEFT, RIGHT, WIDTH, alpha_at, alpha_bar, pole_names, share_bar, sparkline
from assistant.tui.slider import MOVING, STEP, SliderRow
from assistant.tui.theme import MUTED

LOCKED = "locked"
"""Mark of an attribute that thumbs leave alone."""
NAME = WIDTH - 9
"""Columns for the name and what stands beside it."""
SPARKS = 8
"""Columns of the sparkline."""


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


class AttributeRow(SliderRow):
    """One attribute: name, α between its poles, and λ."""

    MAIN = "alpha"
    MARKS = (0.0, 0.5, 1.0)
    RANGES: ClassVar[Mapping[str, tuple[float, float]]] = {"alpha": (LEFT, RIGHT), "share": (0.0, 1.0)}

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

    # Turning

    def slider_at(self, row: int) -> str:
        """Return the slider on a line of the row."""
        return {1: "alpha", self.size.height - 1: "share"}.get(row, "")

    def value_at(self, slider: str, column: int) -> float:
        """Return α, or λ, at a column."""
        return alpha_at(column) if slider == "alpha" else round((column - 1) / self._share_width, 2)

    def told(self, turned: set[str]) -> Message:
        """Say where the attribute is now."""
        self._target = None
        alpha, share = (getattr(self, each) if each in turned else None for each in ("alpha", "share"))
        return self.Turned(self._attribute.name, alpha, share)

    async def on_mouse_down(self, event: events.MouseDown) -> None:
        """Turn the lock by a click on the name."""
        if event.button == 1 and event.y == 0:
            self.action_lock()

    async def action_share(self, steps: int) -> None:
        """Turn λ."""
        await self.by_key("share", self.share + steps * STEP)

    def action_lock(self) -> None:
        """Ask for the attribute to be locked, or free if it is."""
        self.post_message(self.Locking(self._attribute.name, not self._standing.locked))
