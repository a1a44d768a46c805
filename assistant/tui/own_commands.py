"""Slash commands that only this interface has; they stand beside those of `assistant.chat.commands`."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.chat.commands import Completion
from assistant.chat.session import Chat
from assistant.errors import BadInput
from assistant.tui.code import blocks


@dataclass(frozen=True, slots=True)
class OwnCommand:
    """A command of the interface."""

    name: str
    usage: str
    about: str
    values: tuple[str, ...] = ()


COMMANDS = (
    OwnCommand(
        "copy",
        "[reply | code [NUMBER] | all] [file]",
        "Copy the last reply, its code, or the conversation; file: into a file.",
        ("reply", "code", "all", "reply file", "code file", "all file"),
    ),
    OwnCommand("settings", "", "Theme, keys, model and the like."),
)
NAMES = {each.name: each for each in COMMANDS}


def parted(line: str) -> tuple[str, str] | None:
    """Return the name and the argument of a command of the interface, None for any other line."""
    name, _, argument = line.removeprefix("/").strip().partition(" ")
    return (name.lower(), argument.strip()) if line.startswith("/") and name.lower() in NAMES else None


def complete(line: str) -> list[Completion]:
    """Return ways to go on with a command line."""
    name, space, argument = line.removeprefix("/").partition(" ")
    if not space:
        return [
            Completion(f"/{each.name}{' ' if each.usage else ''}", f"/{each.name} {each.usage}".rstrip(), each.about)
            for each in COMMANDS
            if each.name.startswith(name.lower())
        ]
    found = NAMES.get(name.lower())
    typed = argument.strip().lower()
    values = [value for value in found.values if value.startswith(typed)] if found else []
    return [Completion(f"/{name} {value}", value, found.about) for value in values] if found else []


def wanted_copy(chat: Chat, argument: str) -> tuple[str, str, bool]:
    """Return the text that `/copy` means, what it is in words, and whether it goes into a file.

    Raises:
        BadInput: there is no such text.
    """
    words = argument.lower().split()
    to_file = bool(words) and words[-1] == "file"
    what, *rest = (words[:-1] if to_file else words) or ["reply"]
    if what == "all" and not rest:
        return conversation(chat), "the conversation", to_file
    if what == "reply" and not rest:
        return chat.newest_reply().content, "the reply", to_file
    if what == "code" and len(rest) < 2 and all(each.isdecimal() for each in rest):
        found = blocks(chat.newest_reply().content)
        number = int(rest[0]) if rest else len(found)
        if not 1 <= number <= len(found):
            raise BadInput(f"the last reply has {len(found) or 'no'} code block{'s' * (len(found) != 1)}")
        return found[number - 1], f"code block {number}", to_file
    raise BadInput("/copy takes reply, code, code NUMBER or all, and then file if you like")


def conversation(chat: Chat) -> str:
    """Return the conversation as Markdown.

    Raises:
        BadInput: nothing was said yet.
    """
    parts = [
        f"**{chat.user.name if each.role == 'user' else 'assistant'}:** {each.content}"
        for each in chat.messages()
        if each.content.strip() and not each.superseded
    ]
    if not parts:
        raise BadInput("nothing was said yet")
    return "\n\n".join(parts) + "\n"
