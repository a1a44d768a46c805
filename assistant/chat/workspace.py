"""What a running program works with: the store, and the attributes of the bank in use."""

from __future__ import annotations

import getpass
import os
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from assistant import locations
from assistant.anchors.card import Card, read_card
from assistant.store import Store
from assistant.style import Attribute, Profile


def default_user() -> str:
    """Return the name of the person at the keyboard: $ASSISTANT_USER, else the login name."""
    name = os.environ.get("ASSISTANT_USER")
    if name:
        return name
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # no login name, as in some containers
        return "me"


def bank_folder(given: Path | None = None) -> Path:
    """Return the folder of the bank in use: the one given, else $ASSISTANT_BANK, else the shipped one."""
    override = os.environ.get("ASSISTANT_BANK")
    return given or (Path(os.path.expanduser(override)) if override else locations.default_bank())


@dataclass(frozen=True, slots=True)
class BankAlone:
    """The bank in use where nothing is kept: no database is opened or made."""

    card: Card
    bank: Path
    """Folder of the bank."""

    @classmethod
    def open(cls, bank: Path | None = None) -> BankAlone:
        """Read the card of the bank.

        Raises:
            BankError: there is no usable bank.
        """
        folder = bank_folder(bank)
        return cls(read_card(folder), folder)

    @property
    def neutral(self) -> Profile:
        """Profile of a new person."""
        return Profile.neutral(self.card.names)


@dataclass(frozen=True, slots=True)
class Workspace:
    """The store and the bank's card."""

    store: Store
    card: Card
    bank: Path
    """Folder of the bank."""

    @classmethod
    def open(cls, bank: Path | None = None) -> Workspace:
        """Open the database of this machine and read the card of the bank.

        Raises:
            BankError: there is no usable bank.
            StoreError: the database cannot be used.
        """
        folder = bank_folder(bank)
        card = read_card(folder)
        return cls(Store.open(), card, folder)

    @property
    def attributes(self) -> tuple[Attribute, ...]:
        """Attributes that the bank can voice, in order."""
        return self.card.attributes

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the attributes."""
        return self.card.names

    @property
    def neutral(self) -> Profile:
        """Profile of a new person."""
        return Profile.neutral(self.names)

    def close(self) -> None:
        """Close the database."""
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
