"""`assistant` without a command: opens the chat in the terminal."""

from __future__ import annotations

import logging
import os
import sys
from dataclasses import replace
from pathlib import Path

from assistant import locations
from assistant.errors import BadInput


def open_chat(
    user: str | None, model: str | None, bank: Path | None, device: str | None, arithmetic: str | None, new: bool
) -> int:
    """Open the chat and return its exit status.

    Raises:
        BadInput: there is no terminal to open it in.
    """
    in_browser = "TEXTUAL_DRIVER" in os.environ  # textual-serve draws it there, through pipes
    if not in_browser and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise BadInput("the chat needs a terminal; for pipes and scripts there is `assistant ask`")
    from assistant.chat.launch import make_host
    from assistant.chat.session import Chat
    from assistant.chat.workspace import Workspace, default_user
    from assistant.settings import SettingsFile
    from assistant.style import Compose
    from assistant.tui import run_app

    logging.basicConfig(filename=locations.log_file(), level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")
    locations.log_file().chmod(0o600)
    with Workspace.open(bank) as workspace:
        file = SettingsFile()
        host = make_host(workspace, model or file.settings.model or None, device, arithmetic)
        chat = Chat(workspace, host, user or default_user())
        wanted = Compose(file.settings.compose)
        if chat.revision.kind == "create" and chat.profile.compose is not wanted:
            chat.change(lambda profile: replace(profile, compose=wanted), "settings")
        if not new:
            chat.resume()
        try:
            return run_app(chat, settings=file)
        finally:
            host.close()
