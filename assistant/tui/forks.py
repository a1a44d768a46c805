"""The mark of a message that has siblings, with a way to the one before and the one after."""

from __future__ import annotations

from collections.abc import Iterable

from textual.content import Content

from assistant.chat.conversing import Siblings
from assistant.chat.session import Chat
from assistant.store import Message
from assistant.tui.links import deed
from assistant.tui.theme import MUTED


def fork_marks(words: str) -> Content:
    """Return a place among siblings, such as ‹ 2/3 ›, with an arrow to click on either side."""
    before, after = (deed(arrow, "sibling", step) for arrow, step in (("‹ ", -1), (" ›", 1)))
    return Content.assemble(before, (words, MUTED), after)


def fork_of(chat: Chat, message_id: int) -> str:
    """Return a message's place among its siblings, nothing when it has none."""
    found = chat.siblings(message_id)
    return found.words if len(found.messages) > 1 else ""


def forks_of(forks: Iterable[Siblings]) -> dict[int, str]:
    """Return the places of messages among their siblings."""
    return {each.messages[each.position].id: each.words for each in forks}


def pairs_of(forks: Iterable[Siblings]) -> dict[int, tuple[Message, Message]]:
    """Return the comparisons that messages take part in, by id."""
    found = ((each.messages[each.position].id, each.compared) for each in forks)
    return {message_id: pair for message_id, pair in found if pair is not None}
