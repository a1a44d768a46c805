"""The profile as bars that move when it moves."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.events import Resize
from textual.reactive import reactive
from textual.timer import Timer
from textual.widgets import Static

from assistant.chat.display import printable
from assistant.style import DEFAULT_COMPOSE, Attribute, Compose, Profile
from assistant.tui.bars import WIDTH, alpha_bar, pole_names, share_bar
from assistant.tui.theme import MUTED

MOVING = 0.35
"""Seconds that a bar takes to its new place."""
LIT = 1.6
"""Seconds that a change stays lit."""
LOCKED = "locked"
"""Mark of an attribute that thumbs leave alone."""
STRONGEST = 2.0
"""Strength at which its bar is full."""


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


class AttributeRow(Row):
    """One attribute: name, α between its poles, and λ."""

    alpha: reactive[float] = reactive(0.5)
    """α as drawn; moves smoothly to a new value."""
    share: reactive[float] = reactive(0.0)
    """λ as drawn."""
    dense: reactive[bool] = reactive(False, layout=True)
    """Whether the poles are left out, for want of room."""

    def __init__(self, attribute: Attribute) -> None:
        super().__init__(attribute.name)
        self._attribute = attribute
        self._target: tuple[float, float] | None = None
        self._locked = False

    def show(self, alpha: float, share: float, locked: bool, at_once: bool) -> None:
        """Go to a position; a change is moved to and lit up, unless it is to be taken at once."""
        if locked != self._locked:
            self._locked = locked
            self.refresh()
        if self._target == (alpha, share):
            return
        self._target = (alpha, share)
        if at_once:
            self.alpha, self.share = alpha, share
            return
        self.animate("alpha", alpha, duration=MOVING)
        self.animate("share", share, duration=MOVING)
        self.light()

    def render(self) -> Content:
        """Draw the row."""
        each = self._attribute
        style = "bold" if self.share > 0 else MUTED
        name = each.name if len(each.name) <= WIDTH - 10 else f"{each.name[: WIDTH - 11]}…"
        lines = [
            Content.assemble(
                (f"{f'{name} ({LOCKED})' if self._locked else name:<{WIDTH - 9}}"[: WIDTH - 9], style),
                f"α {self.alpha:7.2f}",
            ),
            alpha_bar(self.alpha),
            Content.styled(pole_names(each.low, each.high), MUTED),
            Content.assemble("λ ", share_bar(self.share, WIDTH - 9, "$secondary"), f" {self.share:6.2f}"),
        ]
        if self.dense:
            del lines[2]
        return Content("\n").join(lines)


class StrengthRow(Row):
    """Strength and composition."""

    strength: reactive[float] = reactive(1.0)
    """Strength as drawn."""

    def __init__(self) -> None:
        super().__init__("strength")
        self._target: tuple[float, Compose] | None = None

    def show(self, strength: float, compose: Compose, at_once: bool) -> None:
        """Go to a strength; a change is moved to and lit up, unless it is to be taken at once."""
        if self._target == (strength, compose):
            return
        self._target = (strength, compose)
        if at_once:
            self.strength = strength
        else:
            self.animate("strength", strength, duration=MOVING)
            self.light()
        self.refresh()

    def render(self) -> Content:
        """Draw the row."""
        compose = self._target[1] if self._target else DEFAULT_COMPOSE
        used = compose is not Compose.PAPER  # which has no strength
        return Content.assemble(
            (f"composition {compose!s:>{WIDTH - 12}}\n", ""),
            ("strength ", "" if used else MUTED),
            share_bar(self.strength / STRONGEST, WIDTH - 16, "$primary" if used else "$foreground 35%"),
            (f" {self.strength:6.2f}", "" if used else MUTED),
        )


class ProfilePanel(VerticalScroll, can_focus=False):
    """Everything that makes the voice."""

    def __init__(self, attributes: tuple[Attribute, ...]) -> None:
        super().__init__()
        self._attributes = attributes
        self._person = ""

    def compose(self) -> ComposeResult:
        """Lay out the rows."""
        yield Static("", id="who", markup=False)
        for attribute in self._attributes:
            yield AttributeRow(attribute)
        yield StrengthRow()

    def show(self, profile: Profile, person: str, revision: int, locks: frozenset[str] = frozenset()) -> None:
        """Show a profile; changes of the same person's are moved to."""
        another, self._person = person != self._person, person
        number = f"revision {revision}"
        name = printable(person).replace("\n", " ")
        room = WIDTH - len(number) - 1
        shown = Content.styled(name, "bold").truncate(room, ellipsis=True)
        gap = " " * (WIDTH - len(number) - shown.cell_length)
        self.query_one("#who", Static).update(Content.assemble(shown, gap, (number, MUTED)))
        for row in self.query(AttributeRow):
            name = (row.id or "").removeprefix("row-")
            row.show(profile.alpha[name], profile.lambda_[name], name in locks, at_once=another)
        self.query_one(StrengthRow).show(profile.strength, profile.compose, at_once=another)

    def on_resize(self, event: Resize) -> None:
        """Close the rows up on a low screen."""
        count, room = len(self._attributes), event.size.height
        dense = room < 4 * count + 3
        self.set_class(room < 5 * count + 5, "snug")
        self.set_class(room < 5 * count + 3, "close")
        for row in self.query(AttributeRow):
            row.dense = dense
