"""`assistant` without a command: opens the chat."""

from __future__ import annotations

import io
import logging
import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from assistant import locations
from assistant.cli.log import open_log
from assistant.errors import BadInput

if TYPE_CHECKING:
    from assistant.chat.trainer import Trainer
    from assistant.chat.workspace import Workspace
    from assistant.settings import SettingsFile


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
    from assistant.chat.trainer import Trainer
    from assistant.chat.training import standing
    from assistant.chat.workspace import default_user
    from assistant.settings import SettingsError, SettingsFile

    unlogged = _log()
    file, trainer = SettingsFile(), Trainer()
    place = Place(user or default_user(), bank, new)
    notice = "\n".join(filter(None, (unlogged, standing(trainer.state) if trainer.state.plan is not None else "")))
    try:
        while True:
            ended = _opened(place, model, device, arithmetic, plain, file, trainer, notice)
            if not isinstance(ended, Place):
                return ended
            place, notice = ended, ""
            try:
                file.change(bank="" if place.bank == locations.default_bank() else str(place.bank))
            except SettingsError as error:
                notice = f"This bank is in use until you leave: {error}."
            if in_browser:  # its page offers to open the chat again
                return 0
    finally:
        if trainer.running:
            print("The training ends here; /train resume goes on with it at the next start.", file=sys.stderr)
        trainer.close()


@dataclass(frozen=True, slots=True)
class Place:
    """Where the chat opens."""

    user: str
    bank: Path | None = None
    """None is the bank by default."""
    new: bool = False
    """Whether a new conversation begins."""
    conversation: int | None = None
    """The one to go on with; None is the latest."""


def _opened(
    place: Place,
    model: str | None,
    device: str | None,
    arithmetic: str | None,
    plain: bool,
    file: SettingsFile,
    trainer: Trainer,
    notice: str,
) -> int | Place:
    """Open the chat once, with something to say; return its exit status, or where it is to be opened anew."""
    from assistant.chat.launch import make_host
    from assistant.chat.session import Chat
    from assistant.style import Compose

    settings = file.settings
    workspace, missing = _workspace(place.bank, settings.bank)
    with workspace:
        workspace.store.conversations.purge_old()
        host = make_host(workspace, model or settings.model or None, device, arithmetic)
        chat = Chat(workspace, host, place.user, trainer=trainer)
        chat.sampling = replace(chat.sampling, temperature=settings.temperature, max_tokens=settings.max_tokens)
        wanted = Compose(settings.compose)
        if chat.revision.kind == "create" and chat.profile.compose is not wanted:
            chat.change(lambda profile: replace(profile, compose=wanted), "settings")
        if place.conversation is not None:
            chat.open(place.conversation)
        elif not place.new:
            chat.resume()
        try:
            if plain:
                from assistant.chat.display import one_line
                from assistant.cli.plain import PlainChat

                for problem in filter(None, (file.problem, missing, *notice.splitlines())):
                    print(one_line(problem), file=sys.stderr)
                if isinstance(sys.stdin, io.TextIOWrapper):
                    sys.stdin.reconfigure(errors="replace")  # a line that is no text is shown as such, not the end
                ended = PlainChat(chat, sys.stdin, sys.stdout, sys.stdin.isatty() and sys.stdout.isatty()).run()
            else:
                from assistant.tui import run_app

                ended = run_app(chat, "\n".join(filter(None, (missing, notice))), file)
        finally:
            chat.settle()
            host.close()
        if isinstance(ended, Path):
            here = chat.conversation
            return Place(chat.user.name, ended, here is None, None if here is None else here.id)
        return ended


def _workspace(given: Path | None, chosen: str) -> tuple[Workspace, str]:
    """Open the workspace with the bank that was given, else the one chosen in the settings.

    Returns:
        The workspace, and what is wrong with the chosen bank, if anything is.
    """
    from assistant.anchors.card import BankError
    from assistant.chat.workspace import Workspace

    if given is not None or "ASSISTANT_BANK" in os.environ or not chosen:
        return Workspace.open(given), ""
    try:
        return Workspace.open(locations.named(chosen)), ""
    except (BankError, BadInput) as error:
        return Workspace.open(), f"The bank of the settings is not used: {error}. /bank shipped takes it out of them."


def _log() -> str:
    """Have warnings written into the log file; return why that cannot be, empty where it can."""
    logging.raiseExceptions = False  # a full disk must not write over the screen
    path = locations.log_file()
    try:
        open_log(path)
    except OSError as error:
        logging.lastResort = None
        return f"{path} cannot be written ({error.strerror}): this chat goes on without a log."
    return ""
