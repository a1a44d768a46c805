"""The list of ways to go on with a slash command."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from assistant.chat.commands import Completion
from assistant.chat.display import one_line
from assistant.tui.theme import MUTED

WIDEST = 32
"""Columns for what is completed; what it is about stands beside it."""
ROOMY = 76
"""From so many columns on, the list also says how a command is used."""


def taken_up(line: str, found: list[Completion], highlighted: int, moved: bool) -> Completion | None:
    """Return the completion that Enter takes up, or None when the line stands as it was typed.

    Args:
        line: what was typed.
        found: completions of the line, the best first.
        highlighted: index of the one that is lit.
        moved: whether the person lit it, and not the list by itself.
    """
    if not found:
        return None
    chosen = found[highlighted]
    if moved:
        return None if chosen.text.strip() == line.strip() else chosen
    if any(each.text.strip().lower() == line.strip().lower() for each in found):
        return None
    _, space, argument = line.partition(" ")
    if not space:
        return chosen
    word = argument.strip().lower()
    piece = word.isalpha() and chosen.label.lower().startswith(word) and not chosen.free
    return chosen if piece else None


class Completions(OptionList, can_focus=False):
    """Shown above the prompt while a command is being typed."""

    def __init__(self) -> None:
        super().__init__(markup=False)
        self._found: list[Completion] = []
        self._line = ""
        self._moved = False
        self.display = False

    @property
    def listed(self) -> bool:
        """Whether the list is open."""
        return bool(self._found)

    def offer(self, line: str, found: list[Completion]) -> None:
        """Show the completions of a line, the first one lit; hide when there are none."""
        self._line, self._found, self._moved = line, found, False
        self.clear_options()
        self.add_options([Option(row) for row in _rows(found, self._room())])
        self.highlighted = 0 if found else None
        self.display = bool(found)

    def move(self, step: int) -> None:
        """Light the next or the previous one, around the ends."""
        if self._found:
            self._moved = True
            self.highlighted = ((self.highlighted or 0) + step) % len(self._found)

    def _room(self) -> int:
        return self.parent.size.width if isinstance(self.parent, Widget) else 0

    def chosen(self) -> Completion | None:
        """Return the one that is lit."""
        return self._found[self.highlighted or 0] if self._found else None

    def for_enter(self, line: str, found: list[Completion]) -> tuple[Completion | None, bool]:
        """Return what Enter takes up for a line, and whether the line is then whole and may run at once.

        Args:
            line: what was typed; the list may not have caught up with it.
            found: its completions.
        """
        here = line == self._line
        moved = here and self._moved
        chosen = taken_up(line, self._found if here else found, self.highlighted or 0 if here else 0, moved)
        return chosen, chosen is not None and " " in line and (moved or chosen.label.isalpha())


def _rows(found: list[Completion], room: int) -> list[Content]:
    """Return the list as two columns; how a command is used goes where there is little room."""
    labels = [one_line(each.label) for each in found]
    if room < ROOMY:
        labels = [label.partition(" ")[0] if label.startswith("/") else label for label in labels]
    wide = min(WIDEST, max((len(label) for label in labels), default=0))
    rows = []
    for label, each in zip(labels, found, strict=True):
        name, space, usage = (label if len(label) <= wide else _cut(label, wide)).partition(" ")
        gap = " " * max(3, wide - len(name) - len(space) - len(usage) + 3)
        rows.append(Content.assemble(name, space, (usage, MUTED), gap, (one_line(each.about), MUTED)))
    return rows


def _cut(label: str, wide: int) -> str:
    """Return a label without the alternatives that do not fit."""
    return f"{label[: wide - 2].rpartition(' | ')[0] or label[: wide - 2]} …"
