"""Slash commands that only this interface has; they stand in the registry beside those of `assistant.chat`."""

from __future__ import annotations

from collections.abc import Callable

from assistant.chat.outcome import Outcome
from assistant.chat.registry import Command, Group
from assistant.chat.session import Chat
from assistant.errors import BadInput
from assistant.tui.code import blocks


def _own(name: str) -> Callable[[Chat, str], Outcome]:
    return lambda _, argument: Outcome("", own=(name, argument))


COMMANDS = (
    Command(
        "copy",
        "[reply | code [NUMBER] | all] [file]",
        "Copy the last reply, its code, or the conversation; file: into a file.",
        _own("copy"),
        Group.PROGRAM,
        lambda _: ("reply", "code", "all", "reply file", "code file", "all file"),
    ),
    Command("settings", "", "Theme, keys, model and the like.", _own("settings"), Group.PROGRAM),
)


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
