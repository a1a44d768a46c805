"""Where the person types: grows with the text, recalls earlier lines, and works with the list of completions."""

from __future__ import annotations

from textual import events
from textual.message import Message
from textual.widgets import TextArea


class Prompt(TextArea):
    """Enter sends; Ctrl+J and Shift+Enter break the line; Up and Down recall; Tab completes a command."""

    class Sent(Message):
        """The person pressed Enter."""

        def __init__(self, text: str) -> None:
            self.text = text
            super().__init__()

    class Key(Message):
        """A key for the list of completions: up, down, tab or enter."""

        def __init__(self, key: str) -> None:
            self.key = key
            super().__init__()

    def __init__(self) -> None:
        super().__init__(placeholder="Say something, or / for commands", highlight_cursor_line=False, compact=True)
        self.completing = False
        """Whether the list of completions is open, which then gets the arrows and Tab."""
        self._sent: list[str] = []
        self._recalled = 0
        self._draft = ""

    def remember(self, texts: list[str]) -> None:
        """Set what Up recalls, oldest first."""
        self._sent, self._recalled = list(texts), 0

    async def _on_key(self, event: events.Key) -> None:
        if event.key in ("ctrl+j", "shift+enter"):
            self._stop(event)
            self.insert("\n")
        elif self.completing and event.key in ("up", "down", "tab"):
            self._stop(event)
            self.post_message(self.Key(event.key))
        elif event.key == "enter":
            self._stop(event)
            self.post_message(self.Key("enter") if self.completing else self.Sent(self.text))
        elif event.key in ("up", "down") and self._leaves(event.key) and self._recall(1 if event.key == "up" else -1):
            self._stop(event)
        else:
            await super()._on_key(event)

    def clear_sent(self, text: str) -> None:
        """Empty the field after its text was taken, and keep it for recall."""
        if text.strip() and (not self._sent or self._sent[-1] != text):
            self._sent.append(text)
        self._recalled = 0
        self.text = ""

    def _leaves(self, key: str) -> bool:
        """Return whether the arrow would move the cursor out of the text."""
        return self.cursor_location[0] == (0 if key == "up" else self.document.line_count - 1)

    def _recall(self, step: int) -> bool:
        """Step through earlier lines; return whether there was one to go to."""
        wanted = self._recalled + step
        if not 0 <= wanted <= len(self._sent):
            return False
        if self._recalled == 0:
            if step > 0 and "\n" in self.text:
                return False
            self._draft = self.text
        self._recalled = wanted
        self.text = self._sent[-wanted] if wanted else self._draft
        self.move_cursor(self.document.end)
        return True

    @staticmethod
    def _stop(event: events.Key) -> None:
        event.stop()
        event.prevent_default()
