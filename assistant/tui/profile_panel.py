"""The profile as bars that move when it moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.events import Resize
from textual.reactive import reactive
from textual.widgets import Static

from assistant.chat.display import one_line
from assistant.style import DEFAULT_COMPOSE, Attribute, Compose, Profile, SafeRange
from assistant.tui.bars import WIDTH, share_bar
from assistant.tui.profile_row import MOVING, AttributeRow, Row, Standing
from assistant.tui.theme import MUTED

STRONGEST = 2.0
"""Strength at which its bar is full."""
ABOUT_KEYS = "←→ α  +− λ  L lock  Esc back"
"""Keys that turn the voice."""


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

    def __init__(self, attributes: tuple[Attribute, ...], safe: SafeRange | None = None) -> None:
        """Prepare the panel.

        Args:
            attributes: what the bank can voice.
            safe: how far voices can be carried, where that was measured.
        """
        super().__init__()
        self._attributes = attributes
        self._safe = safe
        self._person = ""
        self._who = Content("")

    def compose(self) -> ComposeResult:
        """Lay out the rows."""
        yield Static("", id="who", markup=False)
        for attribute in self._attributes:
            yield AttributeRow(attribute)
        yield StrengthRow()

    def show(
        self,
        profile: Profile,
        person: str,
        revision: int,
        locks: frozenset[str] = frozenset(),
        scores: Mapping[str, float] | None = None,
        past: Sequence[Profile] = (),
    ) -> None:
        """Show a profile; changes of the same person's are moved to.

        Args:
            profile: the profile now.
            person: whose it is.
            revision: its number.
            locks: attributes that thumbs leave alone.
            scores: what was measured on the last reply.
            past: earlier profiles and the present one, oldest first.
        """
        another, self._person = person != self._person, person
        number = f"revision {revision}"
        name = one_line(person)
        room = WIDTH - len(number) - 1
        shown = Content.styled(name, "bold").truncate(room, ellipsis=True)
        gap = " " * (WIDTH - len(number) - shown.cell_length)
        self._who = Content.assemble(shown, gap, (number, MUTED))
        self._head()
        for row in self.query(AttributeRow):
            name = (row.id or "").removeprefix("row-")
            row.show(
                Standing(
                    profile.alpha[name],
                    profile.lambda_[name],
                    name in locks,
                    (scores or {}).get(name),
                    self._safe.safe_alpha(profile, name) if self._safe is not None else None,
                    [each.alpha[name] for each in past if name in each.alpha],
                ),
                at_once=another,
            )
        for strength in self.query(StrengthRow):
            strength.show(profile.strength, profile.compose, at_once=another)

    def _head(self) -> None:
        turning = any(row.has_focus for row in self.query(AttributeRow))
        for who in self.query("#who").results(Static):  # none while the panel is put up or taken down
            who.update(Content.styled(ABOUT_KEYS, MUTED) if turning else self._who)

    def on_descendant_focus(self) -> None:
        """Say which keys turn the voice."""
        self._head()

    def on_descendant_blur(self) -> None:
        """Say whose voice it is again."""
        self._head()

    def on_resize(self, event: Resize) -> None:
        """Close the rows up on a low screen."""
        count, room = len(self._attributes), event.size.height
        dense = room < 4 * count + 3
        self.set_class(room < 5 * count + 5, "snug")
        self.set_class(room < 5 * count + 3, "close")
        for row in self.query(AttributeRow):
            row.dense = dense
