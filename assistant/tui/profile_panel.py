"""The profile as bars that move when it moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.events import Resize
from textual.widgets import Static

from assistant.chat.display import one_line
from assistant.settings.keys import keys_of, spoken
from assistant.style import Attribute, Profile, SafeRange
from assistant.tui.bars import WIDTH
from assistant.tui.profile_row import AttributeRow, Standing
from assistant.tui.slider import SliderRow
from assistant.tui.strength_row import StrengthRow
from assistant.tui.theme import MUTED


def about_keys(chosen: dict[str, str]) -> str:
    """Return the keys that turn the voice, as short as can be said."""

    def keys(*names: str) -> str:
        return "".join(spoken(keys_of(name, chosen).split(",")[0]) for name in names)

    return f"{keys('less', 'more')} α  {keys('share_less', 'share_more')} λ  {keys('lock')} lock  {keys('leave')} back"


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
        self.keys: dict[str, str] = {}
        """Keys that the person chose."""
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
        turning = any(row.has_focus for row in self.query(SliderRow))
        for who in self.query("#who").results(Static):  # none while the panel is put up or taken down
            who.update(
                Content.styled(about_keys(self.keys), MUTED).truncate(WIDTH, ellipsis=True) if turning else self._who
            )

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
