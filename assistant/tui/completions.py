"""The list of ways to go on with a slash command."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from assistant.chat.commands import Completion
from assistant.chat.display import printable


class Completions(OptionList, can_focus=False):
    """Shown above the prompt while a command is being typed."""

    def __init__(self) -> None:
        super().__init__(markup=False)
        self._found: list[Completion] = []
        self.display = False

    def offer(self, found: list[Completion]) -> None:
        """Show these, the first one highlighted; hide when there are none."""
        self._found = found
        self.clear_options()
        wide = max((len(each.label) for each in found), default=0)
        self.add_options(
            [
                Option(Content.assemble(printable(f"{each.label:<{wide}}  "), (printable(each.about), "$text-muted")))
                for each in found
            ]
        )
        self.highlighted = 0 if found else None
        self.display = bool(found)

    def move(self, step: int) -> None:
        """Highlight the next or the previous one, around the ends."""
        if self._found:
            self.highlighted = ((self.highlighted or 0) + step) % len(self._found)

    def chosen(self) -> Completion | None:
        """Return the highlighted one."""
        return self._found[self.highlighted] if self.display and self.highlighted is not None else None
