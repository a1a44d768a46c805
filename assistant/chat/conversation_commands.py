"""Slash commands about conversations and their branches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from assistant.chat.conversing import Siblings
from assistant.chat.display import one_line
from assistant.chat.outcome import Outcome
from assistant.chat.registry import Argument
from assistant.chat.session import Chat
from assistant.errors import BadInput
from assistant.store import ConversationSummary, Message
from assistant.store.conversations import KEPT_DAYS
from assistant.store.text import title

SHOWN = 30
"""Conversations or hits in a list."""


def retry(chat: Chat, argument: str) -> Outcome:
    """Run `/retry`: another reply to the last message, beside the one that there is."""
    nothing(argument, "retry")
    old = chat.last_reply()
    turn = chat.retry(old.id)
    return Outcome("", turns=(lambda: turn,), replaced=old.id, later=chat.tried_again(old))


def edit(chat: Chat, argument: str) -> Outcome:
    """Run `/edit [#N] TEXT`: word a message of one's own anew, and have it answered."""
    own = [each for each in chat.messages() if each.role == "user"]
    number, text = len(own), argument
    if argument.startswith("#"):
        word, _, text = argument[1:].partition(" ")
        number = _count(word, "/edit needs the number of a message of yours, such as /edit #2 and the new text")
    if not own:
        raise BadInput("there is no message of yours to edit yet")
    if not text.strip():
        raise BadInput("/edit needs the new text of your last message, or #2 and the new text of your second one")
    if not 1 <= number <= len(own):
        raise BadInput(f"there is no message {number} of yours: there are {len(own)} in this conversation")
    old = own[number - 1]
    turn = chat.edit(old.id, text.strip())
    return Outcome("", turns=(lambda: turn,), question=turn.question, replaced=old.id)


def sibling(chat: Chat, argument: str) -> Outcome:
    """Run `/sibling [next | previous | N] [FORK]`: go on from another wording or another reply."""
    forks = chat.forks()
    if not forks:
        raise BadInput("there are no siblings here: /retry and /edit make them")
    if not argument:
        lines = [f"{number}: {_at(fork)}" for number, fork in enumerate(forks, 1)]
        return Outcome("\n".join([*lines, "/sibling next goes on at the last of these, /sibling next 1 at the first."]))
    where, _, place = argument.partition(" ")
    usage = f"/sibling needs next, previous or a number, and after it a place from 1 to {len(forks)} if you like"
    fork = forks[-1]
    if place.strip():
        number = _count(place.strip(), usage)
        if not 1 <= number <= len(forks):
            raise BadInput(usage)
        fork = forks[number - 1]
    steps = {"next": 1, "previous": -1}
    by = steps[where.lower()] if where.lower() in steps else _count(where, usage) - 1 - fork.position
    if by == 0:
        raise BadInput(f"this is {fork.words} already")
    chosen = fork.step(by)
    chat.choose(chosen.id)
    return Outcome(f"‹ {chat.siblings(chosen.id).words} › {_start(chosen)}", action="conversation", focus=chosen.id)


def search(chat: Chat, argument: str) -> Outcome:
    """Run `/search WORDS`: find messages in all conversations."""
    if not argument:
        raise BadInput("/search needs words, such as /search holiday plans")
    hits = chat.search(argument)
    if not hits:
        return Outcome("Nothing found.", action="search")
    lines = [
        f"{hit.conversation_id}#{hit.message.id}  {one_line(hit.title)}: {one_line(hit.snippet)}"
        for hit in hits[:SHOWN]
    ]
    more = f"… and {len(hits) - SHOWN} more\n" if len(hits) > SHOWN else ""
    return Outcome("\n".join(lines) + f"\n{more}/open NUMBER goes there.", action="search", hits=tuple(hits))


def sessions(chat: Chat, argument: str) -> Outcome:
    """Run `/sessions [deleted]`."""
    if argument not in ("", "deleted"):
        raise BadInput("/sessions takes nothing after it, or deleted")
    listed = chat.sessions(deleted=bool(argument))
    if not listed:
        return Outcome(f"No {'deleted ' if argument else ''}conversations{'' if argument else ' yet'}.")
    here = chat.conversation.id if chat.conversation else None
    lines = [_row(each, here) for each in listed[:SHOWN]]
    lines += [f"… and {len(listed) - SHOWN} more: `assistant conversations list`"] if len(listed) > SHOWN else []
    text = "\n".join([*lines, f"/{'undelete' if argument else 'open'} NUMBER goes there."])
    return Outcome(text, action=None if argument else "sessions")


def open_(chat: Chat, argument: str) -> Outcome:
    """Run `/open NUMBER | TITLE`, or `NUMBER#MESSAGE` as a search names it."""
    if not argument:
        raise BadInput("/open needs the number or the title of a conversation: /sessions lists them")
    number, sign, message = argument.partition("#")
    if sign and number.isascii() and number.isdigit() and message.isascii() and message.isdigit():
        chat.jump(int(number[:20]), int(message[:20]))
        return Outcome(f"Here is “{one_line(chat.require().title)}”.", action="conversation", focus=int(message[:20]))
    return Outcome(f"Here is “{one_line(chat.open(argument).title)}”.", action="conversation")


def rename(chat: Chat, argument: str) -> Outcome:
    """Run `/rename TITLE`."""
    return Outcome(f"This conversation is now called “{chat.rename(argument)}”.")


def pin(chat: Chat, argument: str) -> Outcome:
    """Run `/pin`: keep this conversation at the top of the list, or no longer."""
    nothing(argument, "pin")
    return Outcome("Pinned: it stands first in /sessions." if chat.pin() else "No longer pinned.")


def delete(chat: Chat, argument: str) -> Outcome:
    """Run `/delete [NUMBER]`: this conversation or another one; `/undelete` brings it back."""
    gone = chat.delete(_number(argument, "delete"))
    return Outcome(
        f"“{one_line(gone.title)}” is deleted. /undelete brings it back, for {KEPT_DAYS} days.", action="conversation"
    )


def undelete(chat: Chat, argument: str) -> Outcome:
    """Run `/undelete [NUMBER]`: bring back what was deleted last, or the one of that number."""
    back = chat.undelete(_number(argument, "undelete"))
    return Outcome(f"“{one_line(back.title)}” is back.", action="conversation")


def new(chat: Chat, argument: str) -> Outcome:
    """Run `/new`."""
    nothing(argument, "new")
    chat.new()
    return Outcome("A new conversation. The old one is kept: /sessions lists them.", action="new")


def listed(chat: Chat) -> Iterable[Argument]:
    """Return the conversations as arguments of a command."""
    return _arguments(chat.sessions())


def listed_deleted(chat: Chat) -> Iterable[Argument]:
    """Return the deleted conversations as arguments of a command."""
    return _arguments(chat.sessions(deleted=True))


def nothing(argument: str, name: str) -> None:
    """Refuse an argument of a command that takes none.

    Raises:
        BadInput: there is one.
    """
    if argument:
        raise BadInput(f"/{name} takes nothing after it, not {argument!r}")


def _arguments(found: Sequence[ConversationSummary]) -> list[Argument]:
    return [Argument(str(each.id), one_line(each.title), each.title) for each in found[:SHOWN]]


def _row(each: ConversationSummary, here: int | None) -> str:
    marks = " (pinned)" * each.pinned + " (open)" * (each.id == here)
    return f"{each.id:>4}  {each.updated_at.astimezone():%Y-%m-%d %H:%M}  {one_line(each.title)}{marks}"


def _at(fork: Siblings) -> str:
    message = fork.messages[fork.position]
    who = "your message" if message.role == "user" else "reply"
    return f"‹ {fork.words} › {who}: {_start(message)}"


def _start(message: Message) -> str:
    return one_line(title(message.content)) or "(empty)"


def _number(text: str, command: str) -> int | None:
    return _count(text, f"/{command} takes the number of a conversation, or nothing") if text else None


def _count(text: str, otherwise: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise BadInput(otherwise)
    return int(text[:20])
