"""Conversations as plain values: for JSON files, out and in again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import merge
from typing import Any

from sqlmodel import Session, col, select

from assistant.store import conversations as kept
from assistant.store import plain
from assistant.store.database import Database
from assistant.store.errors import StoreInputError
from assistant.store.tables import STATUSES, Conversation, Message
from assistant.store.text import LONGEST_LABEL, title

VERSION = 1
"""Of the form; `load` reads all versions up to it."""
MOST_MESSAGES = 100_000
_OURS = {"conversation_id", "writer_pid"}


class Exchange:
    """Reads and writes whole conversations of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def dump(self, user_id: int, conversation_id: int, *, deleted: bool = False) -> dict[str, Any]:
        """Return a conversation with the messages of all its branches as plain values.

        Raises:
            StoreInputError: the person has none of that id.
        """
        with self._database.reading() as session:
            return described(session, kept.get(session, user_id, conversation_id, deleted), {"revision_id"})

    def load(self, user_id: int, values: object) -> Conversation:
        """Store a conversation that `dump` described as a new one of a person, whole or not at all.

        Raises:
            StoreInputError: it is not one; the message says where and why.
        """
        draft = read(values)
        with self._database.transaction() as session:
            add(session, user_id, [draft])
            return draft.conversation


def described(session: Session, conversation: Conversation, without: Iterable[str] = ()) -> dict[str, Any]:
    """Return a conversation with the messages of all its branches as plain values, some columns left out."""
    query = select(Message).where(Message.conversation_id == conversation.id).order_by(col(Message.id))
    return {
        "version": VERSION,
        **conversation.model_dump(mode="json", exclude={"user_id"}),
        "messages": [message.model_dump(mode="json", exclude={*_OURS, *without}) for message in session.exec(query)],
    }


@dataclass(frozen=True, slots=True)
class Drafted:
    """A message that is not stored yet, and the numbers that it and others have in the file."""

    number: int
    message: Message
    parent: int | None
    rival_of: int | None
    revision: int | None


@dataclass(frozen=True, slots=True)
class Draft:
    """A conversation that is not stored yet."""

    conversation: Conversation
    messages: tuple[Drafted, ...]


def read(values: object, of: str = "") -> Draft:
    """Return the conversation that `described` wrote.

    Args:
        values: what stands in the file.
        of: whose it is, for messages about faults.

    Raises:
        StoreInputError: it is not one; the message says where and why.
    """
    if not isinstance(values, Mapping) or not isinstance(values.get("messages"), list):
        raise StoreInputError("this is not an exported conversation: it needs an object with a list of messages")
    version = values.get("version", VERSION)
    if not isinstance(version, int) or version > VERSION:
        raise StoreInputError(f"this conversation is of version {version!r}; this program reads up to {VERSION}")
    rows = values["messages"]
    if not 0 < len(rows) <= MOST_MESSAGES:
        raise StoreInputError(f"a conversation has 1 to {MOST_MESSAGES} messages, not {len(rows)}")
    found: dict[int, Drafted] = {}
    active: dict[tuple[int | None, str], Message] = {}
    for place, row in enumerate(rows, 1):
        where = f"message {place}{of}"
        if not isinstance(row, Mapping):
            raise StoreInputError(f"{where} must be an object")
        each = _drafted(row, where, found)
        if not each.message.superseded:
            if (sibling := active.get((each.parent, each.message.role))) is not None:
                sibling.superseded = True
            active[each.parent, each.message.role] = each.message
        found[each.number] = each
    return Draft(_conversation(values, f"the conversation{of}", found.values()), tuple(found.values()))


def add(
    session: Session, user_id: int, drafts: Sequence[Draft], revisions: Mapping[int, int] | None = None
) -> dict[int, int]:
    """Store conversations as new ones of a person, within a write transaction.

    Messages of several conversations are stored in the order of their numbers, that of their writing.

    Args:
        session: of the transaction.
        user_id: whose they become.
        drafts: what to store.
        revisions: ids of stored profile revisions, by their numbers in the file.

    Returns:
        Ids of the stored messages, by their numbers in the file.
    """
    numbers: dict[int, int] = {}
    for draft in drafts:
        draft.conversation.user_id = user_id
        session.add(draft.conversation)
        session.flush()
        for each in draft.messages:
            each.message.conversation_id = draft.conversation.id
    for each in merge(*(draft.messages for draft in drafts), key=lambda each: each.number):
        each.message.parent_id = None if each.parent is None else numbers[each.parent]
        each.message.rival_of = None if each.rival_of is None else numbers[each.rival_of]
        each.message.revision_id = (revisions or {}).get(each.revision) if each.revision is not None else None
        session.add(each.message)
        session.flush()
        numbers[each.number] = each.message.id
    return numbers


def _conversation(values: plain.Row, where: str, messages: Iterable[Drafted]) -> Conversation:
    first = next((each.message.content for each in messages if each.message.role == "user"), "")
    created = plain.time(values, "created_at", where)
    return Conversation(
        user_id=0,  # given when it is stored, as to the messages
        title=title(plain.text(values, "title", where, ""), LONGEST_LABEL) or title(first),
        model=plain.text(values, "model", where, ""),
        pinned=plain.boolean(values, "pinned", where),
        created_at=created,
        updated_at=plain.time(values, "updated_at", where, created),
    )


def _drafted(row: plain.Row, where: str, earlier: Mapping[int, Drafted]) -> Drafted:
    number, parent, rival_of = plain.integer(row, "id", where), row.get("parent_id"), row.get("rival_of")
    if number in earlier:
        raise StoreInputError(f"{where} has the id of another one, {number}")
    if parent is not None and (type(parent) is not int or parent not in earlier):
        raise StoreInputError(f"{where} follows {parent!r}, which is no earlier message")
    message = _message(row, where)
    if rival_of is not None:
        first = earlier.get(rival_of) if type(rival_of) is int else None
        if first is None or first.parent != parent or {first.message.role, message.role} != {"assistant"}:
            raise StoreInputError(
                f"{where} is compared with {rival_of!r}, which is no earlier reply to the same message"
            )
    return Drafted(number, message, parent, rival_of, plain.optional(row, "revision_id", where))


def _message(row: plain.Row, where: str) -> Message:
    created = plain.time(row, "created_at", where)
    status = plain.one_of(row, "status", where, STATUSES, "complete")
    return Message(
        conversation_id=0,
        role=plain.one_of(row, "role", where, ("system", "user", "assistant")),
        content=plain.text(row, "content", where),
        status="interrupted" if status == "streaming" else status,
        profile=None if row.get("profile") is None else plain.profile(row, "profile", where),
        model=plain.text(row, "model", where, ""),
        seed=plain.optional(row, "seed", where),
        settings=plain.table(row, "settings", where),
        tokens=plain.optional(row, "tokens", where),
        seconds=None if row.get("seconds") is None else plain.number(row["seconds"], f"seconds of {where}"),
        scores=plain.scores(row, where),
        context=plain.counts(row, "context", where),
        superseded=plain.boolean(row, "superseded", where),
        created_at=created,
        updated_at=plain.time(row, "updated_at", where, created),
    )
