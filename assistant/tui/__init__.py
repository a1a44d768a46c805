"""The chat in the terminal: a Textual app over `assistant.chat`. Nothing here imports torch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assistant.chat.session import Chat
    from assistant.settings import SettingsFile


def run_app(chat: Chat, notice: str = "", settings: SettingsFile | None = None) -> int | Path:
    """Open the chat; return its exit status on leaving, or the bank with which it is to be opened anew.

    Args:
        chat: what is shown and moved.
        notice: something to say at the start.
        settings: the person's settings; their own file when None.
    """
    from assistant.tui.app import AssistantApp

    app = AssistantApp(chat, notice, settings)
    app.run()
    return app.reopening or app.return_code or 0
