"""Where the person types: grows with the text, recalls earlier lines, and completes commands."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events, on
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import TextArea

from assistant.chat.commands import Completion
from assistant.chat.display import printable
from assistant.tui.bindings import bindings
from assistant.tui.completions import Completions
from assistant.tui.folding import EDITABLE, Folded

Completer = Callable[[str], list[Completion]]
Refusal = Callable[[str], str]
EDITING = "an earlier message: sent, it begins a branch; Esc leaves it"
"""Title of the field while a message is being worded anew."""


DAMAGED = "a label of a long text was changed: Ctrl+Z mends it, or delete all of it"
"""Why a text is not sent that would go without what the person pasted."""


class Prompt(TextArea):
    """Enter sends; Ctrl+J and Shift+Enter break the line; Up in the first line recalls; Tab completes a command.

    Every key is decided here and at once: the text that is sent is the one that stood there at the key, however fast
    the person types on.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings("typing")

    class Sent(Message):
        """The person sent a text; the field is empty again."""

        def __init__(self, text: str, typed: str, editing: int | None) -> None:
            self.text = text
            self.editing = editing
            """Id of the message that it words anew; None for a new one."""
            self.typed = typed
            """As it stood in the field, where a label may stand for a long text."""
            super().__init__()

    class Scrolled(Message):
        """The person wants to see an earlier (−1) or later (+1) page of the conversation."""

        def __init__(self, step: int) -> None:
            self.step = step
            super().__init__()

    def __init__(self, completions: Completions, complete: Completer, refuse: Refusal) -> None:
        """Prepare the field.

        Args:
            completions: the list that is shown for commands.
            complete: ways to go on with a line.
            refuse: why a text cannot be sent now, in a few words; empty when it can.
        """
        super().__init__(placeholder="Say something, or / for commands", highlight_cursor_line=False)
        self._completions = completions
        self._complete = complete
        self._refuse = refuse
        self._folded = Folded()
        self._sent: list[str] = []
        self._recalled = 0
        self._draft = ""
        self._aside = ""
        self.editing: int | None = None
        """Id of the message that is being worded anew; None while a new one is."""
        self.send_key = "enter"
        """Key that sends; with another than Enter, Enter breaks the line."""

    def remember(self, texts: list[str]) -> None:
        """Set what Up recalls, oldest first."""
        self._sent, self._recalled, self._draft = list(texts), 0, ""

    def give_back(self, text: str, why: str) -> None:
        """Put a text that could not be used back, before whatever was typed since."""
        self.text = f"{text}\n{self.text}" if self.text else text
        self.move_cursor(self.document.end)
        self.border_subtitle = why

    def reword(self, message_id: int, text: str) -> None:
        """Take up a message to be worded anew; what stood in the field comes back afterwards."""
        if self.editing is None:
            self._aside = self.text
        self.editing = message_id
        self.text = text if len(text) <= EDITABLE else self._folded.fold(text)
        self.move_cursor(self.document.end)
        self.border_title = EDITING

    def leave(self) -> None:
        """Go back to what stood in the field before a message was taken up to be worded anew."""
        if self.editing is not None:
            self.editing, self.border_title = None, ""
            self.text, self._aside = self._aside, ""
            self.move_cursor(self.document.end)

    def accept(self, completion: Completion) -> None:
        """Take up a completion."""
        self.replace(completion.text, self.document.start, self.document.end)
        self.move_cursor(self.document.end)

    def action_page(self, step: int) -> None:
        """Ask for an earlier (−1) or later (+1) page of the conversation."""
        self.post_message(self.Scrolled(step))

    def close_list(self) -> None:
        """Close the list of completions until the text changes."""
        self._completions.offer(self.text, [])

    @on(TextArea.Changed)
    def _offer(self) -> None:
        line = self.text
        self.border_subtitle = ""
        found = [] if self._recalling() else self._complete(line)
        whole = len(found) == 1 and found[0].text.strip() == line.strip()
        self._completions.offer(line, [] if whole else found)

    async def _on_key(self, event: events.Key) -> None:
        if self._handles(event.key):
            event.stop()
            event.prevent_default()  # of the text area's own handler, which Textual calls after this one

    async def _on_paste(self, event: events.Paste) -> None:
        event.text = self._folded.fold(printable(event.text.replace("\r\n", "\n").replace("\r", "\n")))

    def _handles(self, key: str) -> bool:
        """Act on a key; return whether it meant something here."""
        listed = self._completions.listed
        match key:
            case self.send_key:
                self._enter()
            case "enter" | "ctrl+j" | "shift+enter" | "shift+\r":  # the last as some terminals write it
                self._replace_via_keyboard("\n", *self.selection)
            case "tab" | "shift+tab":
                chosen = self._completions.chosen()
                if chosen is not None:
                    self.accept(chosen)
            case "up" | "down" if listed:
                self._completions.move(-1 if key == "up" else 1)
            case "up" if self._recalling() or self.navigator.is_first_wrapped_line(self.cursor_location):
                return self._recall(1)
            case "down" if self._recalling():
                return self._recall(-1)
            case _:
                return False
        return True

    def _enter(self) -> None:
        completion, whole = self._completions.for_enter(self.text, self._complete(self.text))
        if completion is not None:
            self.accept(completion)
            if not whole:
                return
        typed = self.text
        if not typed.strip():
            return
        why = DAMAGED if self._folded.damaged(typed) else self._refuse(typed)
        if why:
            self.border_subtitle = why
            return
        if not self._sent or self._sent[-1] != typed:
            self._sent.append(typed)
        self._recalled, self._draft = 0, ""
        editing = self.editing
        self.clear()
        self.leave()
        self.close_list()
        self.post_message(self.Sent(self._folded.unfold(typed), typed, editing))

    def _recalling(self) -> bool:
        """Return whether the field shows an earlier text, unchanged."""
        return 0 < self._recalled <= len(self._sent) and self.text == self._earlier(self._recalled)

    def _earlier(self, back: int) -> str:
        return self._folded.fold(self._sent[-back])

    def _recall(self, step: int) -> bool:
        """Step through earlier texts and back to what was being typed; return whether there was one to go to."""
        now = self._recalled if self._recalling() else 0
        wanted = now + step
        if not 0 <= wanted <= len(self._sent):
            return False
        if now == 0:
            self._draft = self.text
        self._recalled = wanted
        self.replace(self._earlier(wanted) if wanted else self._draft, self.document.start, self.document.end)
        self.move_cursor(self.document.end)
        return True
