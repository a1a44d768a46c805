"""The chat in the terminal: a Textual app over `assistant.chat`. Nothing here imports torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assistant.chat.session import Chat


def run_app(chat: Chat) -> int:
    """Open the chat and return its exit status once the person leaves."""
    from assistant.tui.app import AssistantApp

    app = AssistantApp(chat)
    app.run()
    return app.return_code or 0
