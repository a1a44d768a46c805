"""Slash commands: one registry that runs them, completes them, and describes them."""

from __future__ import annotations

import difflib
from contextlib import suppress

from assistant.chat import registry as registries
from assistant.chat.catalogue import known, registry
from assistant.chat.outcome import Outcome
from assistant.chat.registry import Command, Completion, Group
from assistant.chat.session import Chat
from assistant.errors import AssistantError
from assistant.style import ProfileError

__all__ = ["Command", "Completion", "Group", "alone", "complete", "is_command", "known", "literal", "registry", "run"]


def is_command(line: str) -> bool:
    """Return whether a line is a command: it begins with a single slash."""
    return line.startswith("/") and not line.startswith("//")


def literal(line: str) -> str:
    """Return the message that a line means: a doubled slash at its start stands for one."""
    return line[1:] if line.startswith("//") else line


def alone(line: str) -> bool:
    """Return whether a command line waits for the end of a reply that is being written."""
    name, _ = registries.split(line)
    command = registry(()).get(name)
    return command is not None and command.alone


def run(chat: Chat, line: str) -> Outcome:
    """Run a command line. What cannot be done comes back as an outcome of level "error", in one line."""
    name, argument = registries.split(line)
    listed = known(chat)
    command = listed.get(name)
    if command is None:
        close = difflib.get_close_matches(name, listed, n=1, cutoff=0.4)
        hint = f"did you mean /{close[0]}?" if close else "type /help for the list."
        return Outcome(f"There is no command /{name}; {hint}", "error")
    with suppress(AssistantError):  # what keeps the profile from being read is said by the command, if it needs it
        chat.refresh()
    try:
        return command.run(chat, argument)
    except (AssistantError, ProfileError) as error:
        text = str(error)
        return Outcome(text[:1].upper() + text[1:], "error")


def complete(chat: Chat, line: str) -> list[Completion]:
    """Return ways to go on with a command line, the best first."""
    return registries.complete(known(chat), chat, line)
