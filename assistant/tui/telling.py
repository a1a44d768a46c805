"""What goes wrong in a part of the app, say for a full disk, is one line on the screen and not the end of the app."""

from __future__ import annotations

from textual.message import Message
from textual.message_pump import MessagePump

from assistant.errors import AssistantError
from assistant.style import ProfileError

EXPECTED = (AssistantError, ProfileError)
"""Errors that the message explains in one line."""


class Telling(MessagePump):
    """A part of the app whose handlers may fail; what each of them was about is not done, and said."""

    async def tell(self, error: Exception) -> None:
        """Say what could not be done."""
        self.app.notify(str(error), severity="error", markup=False)

    async def _on_message(self, message: Message) -> None:
        try:
            await super()._on_message(message)
        except EXPECTED as error:
            await self.tell(error)
