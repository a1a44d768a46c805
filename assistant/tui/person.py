"""A message of the person, as typed, never parsed; a click words it anew."""

from __future__ import annotations

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from assistant.chat.display import printable
from assistant.tui.entries import PersonEntry
from assistant.tui.folding import shortened
from assistant.tui.forks import fork_marks


class PersonMessage(Static):
    """Something the person said, and which of its wordings this is where there are several."""

    class Chosen(Message):
        """The person wants to word a message anew."""

        def __init__(self, entry: PersonEntry) -> None:
            self.entry = entry
            super().__init__()

    def __init__(self, entry: PersonEntry) -> None:
        said = Content(printable(shortened(entry.message.content)))
        if entry.fork:
            said = Content.assemble(said, "\n", fork_marks(entry.message.id, entry.fork))
        super().__init__(said, markup=False)
        self.entry = entry

    def on_click(self, event: events.Click) -> None:
        """Offer the message to be worded anew; not where a link was clicked or text is being selected."""
        if event.style.meta.get("@click") or self.screen.get_selected_text():
            return
        event.stop()
        self.post_message(self.Chosen(self.entry))
