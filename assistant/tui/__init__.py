"""The chat in the terminal: a Textual app over `assistant.chat`. Nothing here imports torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assistant.chat.session import Chat


def run_app(chat: Chat, notice: str = "") -> int:
    """Open the chat, with something to say at the start if there is, and return its exit status on leaving."""
    from assistant.tui.app import AssistantApp

    app = AssistantApp(chat, notice)
    app.run()
    return app.return_code or 0
