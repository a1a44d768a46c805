"""The person's conversations: open, rename, pin, delete, and take a deletion back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from assistant.chat.display import one_line
from assistant.chat.session import Chat
from assistant.errors import AssistantError
from assistant.settings.keys import keys_of, spoken
from assistant.store import ConversationSummary
from assistant.tui.bindings import bindings
from assistant.tui.telling import Telling
from assistant.tui.theme import MUTED

DEEDS = {
    "rename": "renames",
    "pin": "pins",
    "delete": "deletes",
    "bring_back": "brings back",
    "new": "begins anew",
    "close": "closes",
}
"""What the keys of the screen do, in a word."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What the chat has to show after the screen has been left."""

    conversation_id: int | None
    """Conversation to be opened; None to show the open one anew."""


class SessionsScreen(Telling, ModalScreen[Visit | None]):
    """The list of conversations, the pinned ones first, then the latest."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("list"), *bindings("sessions")]

    def __init__(self, chat: Chat, keys: dict[str, str] | None = None) -> None:
        """Prepare the screen.

        Args:
            chat: whose conversations are listed.
            keys: those that the person chose.
        """
        super().__init__()
        self._chat = chat
        self._keys = {name: spoken(keys_of(name, keys or {}).split(",")[0]) for name in DEEDS}
        self._listed: list[ConversationSummary] = []
        self._gone: list[int] = []
        self._open = chat.conversation.id if chat.conversation else None
        self._list = OptionList(markup=False)
        self._title = Input(placeholder="Title")
        self._said = Static("", markup=False, classes="about")

    def compose(self) -> ComposeResult:
        """Lay out the list and the field for a title."""
        with Vertical(classes="dialog"):
            yield Static(
                f"Enter opens, {', '.join(f'{self._keys[name]} {does}' for name, does in DEEDS.items())}",
                markup=False,
                classes="about",
            )
            yield self._title
            yield self._said
            yield self._list

    def on_mount(self) -> None:
        """Show the list, the open conversation lit."""
        self._title.display = False
        self._show(self._open)
        self._list.focus()

    def _show(self, lit: int | None) -> None:
        """List the conversations, with one of them lit."""
        before = self._list.highlighted or 0
        self._listed = self._chat.sessions()
        self._list.clear_options()
        self._list.add_options([Option(_row(each, each.id == self._here)) for each in self._listed])
        ids = [each.id for each in self._listed]
        place = ids.index(lit) if lit in ids else min(before, len(ids) - 1)
        self._list.highlighted = place if ids else None
        if not ids:
            self._said.update("No conversations yet.")

    @property
    def _here(self) -> int | None:
        return self._chat.conversation.id if self._chat.conversation else None

    @property
    def _lit(self) -> ConversationSummary | None:
        place = self._list.highlighted
        return self._listed[place] if place is not None and place < len(self._listed) else None

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(Visit(self._listed[event.option_index].id))

    def action_close(self) -> None:
        """Leave the field for a title, else the screen."""
        if self._title.display:
            self._untitle()
        else:
            self.dismiss(Visit(None) if self._here != self._open else None)

    def action_rename(self) -> None:
        """Ask for another title of the conversation that is lit."""
        if self._lit is not None:
            self._title.display = True
            self._title.value = one_line(self._lit.title)
            self._title.focus()

    @on(Input.Submitted)
    def _renamed(self, event: Input.Submitted) -> None:
        lit = self._lit
        if lit is None:
            return
        try:
            self._chat.rename(event.value, lit.id)
        except AssistantError as error:
            self._said.update(str(error))
            return
        self._untitle()
        self._show(lit.id)

    def _untitle(self) -> None:
        self._title.display = False
        self._said.update("")
        self._list.focus()

    def action_pin(self) -> None:
        """Keep the conversation that is lit at the top, or no longer."""
        if (lit := self._lit) is not None:
            self._chat.pin(lit.id)
            self._show(lit.id)

    def action_delete(self) -> None:
        """Delete the conversation that is lit."""
        if (lit := self._lit) is not None:
            self._chat.delete(lit.id)
            self._gone.append(lit.id)
            self._said.update(f"“{one_line(lit.title)}” is deleted. {self._keys['bring_back']} brings it back.")
            self._show(None)

    def action_undo(self) -> None:
        """Bring back what was deleted last."""
        try:
            if self._gone and self._gone[-1] != self._open:
                back = self._chat.workspace.store.conversations.undelete(self._chat.user.id, self._gone[-1])
            else:
                back = self._chat.undelete(self._gone[-1] if self._gone else None)
        except AssistantError as error:
            self._said.update(str(error))
            return
        del self._gone[-1:]
        self._said.update("")
        self._show(back.id)

    def action_new(self) -> None:
        """Begin a new conversation."""
        self._chat.new()
        self.dismiss(Visit(None))


def _row(each: ConversationSummary, here: bool) -> Content:
    """Return a conversation as a row."""
    mark = ("★ ", "$accent") if each.pinned else ("  ", "")
    number = f"{each.messages} message{'s' * (each.messages != 1)}"
    about = f"   {each.updated_at.astimezone():%Y-%m-%d %H:%M}, {number}{', open' * here}"
    return Content.assemble(mark, (one_line(each.title) or "(untitled)", "bold" if here else ""), (about, MUTED))
