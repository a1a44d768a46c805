"""A message of the person, as typed, never parsed, with what can be done with it below."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from assistant.chat.display import printable
from assistant.tui.entries import PersonEntry
from assistant.tui.folding import shortened
from assistant.tui.forks import fork_marks
from assistant.tui.links import Deeds, deed


class PersonMessage(Vertical):
    """Something the person said, and which of its wordings this is where there are several."""

    def __init__(self, entry: PersonEntry) -> None:
        super().__init__()
        self.entry = entry

    def compose(self) -> ComposeResult:
        """Lay out the words and the deeds below them; apart, so that a selection of the words holds nothing else."""
        deeds = [fork_marks(self.entry.fork)] if self.entry.fork else []
        deeds.append(deed("edit", "reword"))
        yield Static(Content(printable(shortened(self.entry.message.content))), markup=False, classes="said")
        yield Deeds(self.entry.message.id, Content("  ").join(deeds))
