"""`assistant` without a command: opens the chat."""

from __future__ import annotations

import logging
import os
import sys
from dataclasses import replace
from pathlib import Path

from assistant import locations
from assistant.errors import BadInput


def open_chat(
    user: str | None,
    model: str | None,
    bank: Path | None,
    device: str | None,
    arithmetic: str | None,
    new: bool,
    plain: bool = False,
) -> int:
    """Open the chat, in the whole terminal or line by line, and return its exit status.

    Raises:
        BadInput: there is no terminal to open it in.
    """
    in_browser = "TEXTUAL_DRIVER" in os.environ  # textual-serve draws it there, through pipes
    terminal = sys.stdin.isatty() and sys.stdout.isatty()
    if not (plain or in_browser or terminal):
        raise BadInput("the chat needs a terminal; for pipes there are `assistant --plain` and `assistant ask`")
    from assistant.chat.launch import make_host
    from assistant.chat.session import Chat
    from assistant.chat.workspace import Workspace, default_user
    from assistant.settings import SettingsFile
    from assistant.style import Compose

    with Workspace.open(bank) as workspace:
        unlogged = _log()
        workspace.store.conversations.purge_old()
        file = SettingsFile()
        settings = file.settings
        host = make_host(workspace, model or settings.model or None, device, arithmetic)
        chat = Chat(workspace, host, user or default_user())
        chat.sampling = replace(chat.sampling, temperature=settings.temperature, max_tokens=settings.max_tokens)
        wanted = Compose(settings.compose)
        if chat.revision.kind == "create" and chat.profile.compose is not wanted:
            chat.change(lambda profile: replace(profile, compose=wanted), "settings")
        if not new:
            chat.resume()
        try:
            if plain:
                from assistant.cli.plain import PlainChat

                for problem in filter(None, (unlogged, file.problem)):
                    print(problem, file=sys.stderr)
                return PlainChat(chat, sys.stdin, sys.stdout, terminal).run()
            from assistant.tui import run_app

            return run_app(chat, unlogged, file)
        finally:
            chat.settle()
            host.close()


def _log() -> str:
    """Have warnings written into the log file; return why that cannot be, empty where it can."""
    logging.raiseExceptions = False  # a full disk must not write over the screen
    path = locations.log_file()
    try:
        os.close(os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600))
        path.chmod(0o600)
        logging.basicConfig(filename=path, level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")
    except OSError as error:
        logging.lastResort = None
        return f"{path} cannot be written ({error.strerror}): this chat goes on without a log."
    return ""
