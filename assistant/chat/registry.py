"""What a slash command is, and how a line is completed from all of them."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from assistant.chat.outcome import Outcome
    from assistant.chat.session import Chat

T = TypeVar("T")


class Group(StrEnum):
    """What a command is about; help and docs stand in this order."""

    VOICE = "Your voice"
    FEEDBACK = "Feedback"
    REPLIES = "Replies and branches"
    CONVERSATIONS = "Conversations"
    PROGRAM = "People and the program"


@dataclass(frozen=True, slots=True)
class Argument:
    """Something that may follow a command."""

    text: str
    about: str = ""
    """What it means, in a few words; empty where it speaks for itself."""
    words: str = ""
    """Other words by which it is found, such as the title of a conversation beside its number."""


@dataclass(frozen=True, slots=True)
class Completion:
    """A way to go on with the line."""

    text: str
    """The whole line once accepted."""
    label: str
    about: str
    free: bool = False
    """Whether it completes an argument that may as well be a new word."""


@dataclass(frozen=True, slots=True)
class Command:
    """One slash command."""

    name: str
    usage: str
    """How its arguments are written, such as "ATTRIBUTE NUMBER"."""
    about: str
    run: Callable[[Chat, str], Outcome]
    group: Group
    values: Callable[[Chat], Iterable[Argument | str]] = lambda _: ()
    """Arguments to offer."""
    alone: bool = False
    """Whether it waits for the end of a reply that is being written, since it changes the conversation."""
    free: bool = False
    """Whether its argument may be a new word, which must not be turned into a known one."""

    @property
    def line(self) -> str:
        """How it is written."""
        return f"/{self.name} {self.usage}".rstrip()


def split(line: str) -> tuple[str, str]:
    """Return the name of the command in a line, lower case, and its argument."""
    name, _, argument = line.removeprefix("/").strip().partition(" ")
    return name.lower(), argument.strip()


def complete(known: Mapping[str, Command], chat: Chat, line: str) -> list[Completion]:
    """Return ways to go on with a command line, the best first."""
    name, space, argument = line.removeprefix("/").partition(" ")
    if not space:
        return [
            Completion(f"/{command.name}{' ' if command.usage else ''}", command.line, command.about)
            for command in ranked(name.lower(), list(known.values()), lambda each: each.name)
        ]
    found = known.get(name.lower())
    if found is None:
        return []
    offered = [each if isinstance(each, Argument) else Argument(each) for each in found.values(chat)]
    return [
        Completion(f"/{found.name} {each.text}", each.text, each.about or found.about, found.free)
        for each in ranked(argument.strip().lower(), offered, lambda each: f"{each.text} {each.words}".strip().lower())
    ]


def ranked(typed: str, items: Sequence[T], text: Callable[[T], str]) -> list[T]:
    """Return the items that hold the typed letters in order: those that begin with them first, then the closest."""

    def score(item: T) -> tuple[int, float]:
        name = text(item)
        place = 0 if name.startswith(typed) else 1 if typed in name else 2
        return place, -difflib.SequenceMatcher(None, typed, name).ratio() if typed and place else 0.0

    return sorted((item for item in items if _subsequence(typed, text(item))), key=score)


def _subsequence(typed: str, name: str) -> bool:
    letters = iter(name)
    return all(letter in letters for letter in typed)
