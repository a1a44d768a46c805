"""`/bank`: another bank of voices, without a restart."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from assistant import locations
from assistant.anchors.card import CARD_FILE, read_card
from assistant.chat.outcome import Outcome
from assistant.chat.registry import Argument
from assistant.chat.session import Chat
from assistant.errors import BadInput

SHIPPED = "shipped"


def bank(chat: Chat, argument: str) -> Outcome:
    """Run `/bank [NAME | FOLDER | shipped]`: open the chat anew with another bank; alone, tell which is in use.

    Raises:
        BadInput: there is no such bank.
        BankError: it is damaged.
    """
    if not argument:
        here = chat.workspace
        return Outcome(f"The bank in {here.bank} is in use: {', '.join(here.names)}. /bank NAME takes up another.")
    folder = found(argument)
    if folder.resolve() == chat.workspace.bank.resolve():
        return Outcome("That bank is in use already.")
    read_card(folder)
    return Outcome("", action="reopen", bank=folder)


def found(words: str) -> Path:
    """Return the folder of the bank that a person means.

    Raises:
        BadInput: there is none.
    """
    if words == SHIPPED:
        return locations.default_bank()
    for folder in (locations.banks() / words, Path(os.path.expanduser(words))):
        with suppress(OSError, ValueError):  # no folder can have such a name
            if (folder / CARD_FILE).is_file():
                return folder.resolve()
    known = ", ".join([SHIPPED, *names()])
    raise BadInput(f"there is no bank {words!r}: name its folder, or one of {known}")


def names() -> list[str]:
    """Return the names of the banks that were trained from the chat."""
    return sorted(path.parent.name for path in locations.banks().glob(f"*/{CARD_FILE}"))


def values(chat: Chat) -> Iterator[Argument]:
    """Yield the banks that can be taken up by name."""
    yield Argument(SHIPPED, "the one that came with the program")
    for name in names():
        yield Argument(name, "trained here")
