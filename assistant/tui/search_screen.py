"""Full-text search over all conversations: hits come while one types, Enter goes there."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from assistant.chat.display import one_line, printable
from assistant.chat.session import Chat
from assistant.errors import AssistantError
from assistant.settings.keys import keys_of, spoken
from assistant.store import Hit
from assistant.tui.bindings import bindings
from assistant.tui.telling import Telling
from assistant.tui.theme import MUTED


class SearchScreen(Telling, ModalScreen[Hit | None]):
    """A field and the messages that hold its words, the latest first."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("list")

    def __init__(self, chat: Chat, words: str = "", keys: dict[str, str] | None = None) -> None:
        """Prepare the screen.

        Args:
            chat: where it searches.
            words: what is sought at first.
            keys: those that the person chose.
        """
        super().__init__()
        self._chat = chat
        self._words = words
        self._keys = [spoken(keys_of(name, keys or {})) for name in ("hit_before", "hit_after", "close")]
        self._hits: list[Hit] = []
        self._list = OptionList(markup=False)
        self._list.can_focus = False

    def compose(self) -> ComposeResult:
        """Lay out the field and the list."""
        with Vertical(classes="dialog"):
            before, after, close = self._keys
            about = f"Search: Enter goes to the message, {before} {after} choose, {close} closes"
            yield Static(about, markup=False, classes="about")
            yield Input(self._words, placeholder='Words, or "words in quotes"')
            yield Static("", markup=False, id="found", classes="about")
            yield self._list

    @on(Input.Changed)
    def _search(self, event: Input.Changed) -> None:
        words = event.value.strip()
        try:
            self._hits = self._chat.search(words) if words else []
            said = "" if self._hits or not words else "Nothing found."
        except AssistantError as error:
            self._hits, said = [], str(error)
        self.query_one("#found", Static).update(said)
        self._list.clear_options()
        self._list.add_options([Option(_row(each)) for each in self._hits])
        self._list.highlighted = 0 if self._hits else None

    def action_close(self) -> None:
        """Go nowhere."""
        self.dismiss(None)

    def action_move(self, step: int) -> None:
        """Light another hit."""
        if self._hits:
            self._list.highlighted = ((self._list.highlighted or 0) + step) % len(self._hits)

    @on(Input.Submitted)
    def _enter(self) -> None:
        if self._hits:
            self.dismiss(self._hits[self._list.highlighted or 0])

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._hits[event.option_index])


def _row(hit: Hit) -> Content:
    """Return a hit: where it is, and its words with what was found lit up."""
    snippet = Content(printable(hit.snippet))
    for begin, end in hit.marks:
        snippet = snippet.stylize("bold $accent", begin, end)
    who = "you" if hit.message.role == "user" else "reply"
    return Content.assemble((f"{one_line(hit.title)}  ·  {who}", MUTED), "\n", snippet)
