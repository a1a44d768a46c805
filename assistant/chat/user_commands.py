"""Slash commands about the people on this machine."""

from __future__ import annotations

from assistant.chat.conversation_commands import nothing
from assistant.chat.outcome import Outcome
from assistant.chat.session import Chat


def user(chat: Chat, argument: str) -> Outcome:
    """Run `/user [NAME]`: go over to another person, who is created if new."""
    if not argument:
        known = ", ".join(names(chat))
        return Outcome(f"You are {chat.user.name}. Known here: {known}. /user NAME goes over to another or a new one.")
    chat.switch_user(argument)
    resumed = chat.resume()
    return Outcome(
        f"Now {chat.user.name}{', where you left off' if resumed else ''}.", action="user", later=chat.overdue()
    )


def users(chat: Chat, argument: str) -> Outcome:
    """Run `/users`: everybody on this machine."""
    nothing(argument, "users")
    lines = []
    for each in chat.workspace.store.users.summaries():
        here = " (you)" if each.user.id == chat.user.id else ""
        lines.append(f"{each.user.name}{here}: {each.conversations} conversation{'s' * (each.conversations != 1)}")
    hint = "/user NAME goes over to another; `assistant users` renames, exports, imports and deletes."
    return Outcome("\n".join([*lines, hint]))


def names(chat: Chat) -> list[str]:
    """Return the names of all people."""
    return [each.name for each in chat.workspace.store.users.list()]
