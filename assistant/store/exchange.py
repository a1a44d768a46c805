"""Conversations as plain values: for JSON files, out and in again."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from assistant.store import conversations as kept
from assistant.store.database import Database
from assistant.store.errors import StoreInputError
from assistant.store.tables import STATUSES, Conversation, Message
from assistant.store.text import storable, title
from assistant.style import Profile, ProfileError

VERSION = 1
"""Of the form; `load` reads all versions up to it."""
MOST_MESSAGES = 100_000
LONGEST = 100_000_000
"""Characters of a message at the most."""
_EXCLUDED = {"conversation_id", "writer_pid", "revision_id"}


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
            conversation = kept.get(session, user_id, conversation_id, deleted)
        messages = kept.Conversations(self._database).messages(conversation_id)
        return {
            "version": VERSION,
            **conversation.model_dump(mode="json", exclude={"user_id"}),
            "messages": [message.model_dump(mode="json", exclude=_EXCLUDED) for message in messages],
        }

    def load(self, user_id: int, values: object) -> Conversation:
        """Store a conversation that `dump` described as a new one of a person, whole or not at all.

        Raises:
            StoreInputError: it is not one; the message says where and why.
        """
        conversation, messages = _read(user_id, values)
        numbers: dict[int, int] = {}
        with self._database.transaction() as session:
            session.add(conversation)
            session.flush()
            for old, parent, message in messages:
                message.conversation_id = conversation.id
                message.parent_id = None if parent is None else numbers[parent]
                session.add(message)
                session.flush()
                numbers[old] = message.id
            return conversation


def _read(user_id: int, values: object) -> tuple[Conversation, list[tuple[int, int | None, Message]]]:
    """Return a conversation, and its messages with their own and their parents' numbers in the file."""
    if not isinstance(values, Mapping) or not isinstance(values.get("messages"), list):
        raise StoreInputError("this is not an exported conversation: it needs an object with a list of messages")
    version = values.get("version", VERSION)
    if not isinstance(version, int) or version > VERSION:
        raise StoreInputError(f"this conversation is of version {version!r}; this program reads up to {VERSION}")
    rows = values["messages"]
    if not 0 < len(rows) <= MOST_MESSAGES:
        raise StoreInputError(f"a conversation has 1 to {MOST_MESSAGES} messages, not {len(rows)}")
    roles: dict[int, str] = {}
    active: dict[tuple[int | None, str], Message] = {}
    messages = []
    for place, row in enumerate(rows, 1):
        where = f"message {place}"
        if not isinstance(row, Mapping):
            raise StoreInputError(f"{where} must be an object")
        number, parent, message = _integer(row, "id", where), row.get("parent_id"), _message(row, where)
        if number in roles:
            raise StoreInputError(f"{where} has the id of another one, {number}")
        if parent is not None and (type(parent) is not int or parent not in roles):
            raise StoreInputError(f"{where} follows {parent!r}, which is no earlier message")
        roles[number] = message.role
        if not message.superseded:
            if (sibling := active.get((parent, message.role))) is not None:
                sibling.superseded = True
            active[parent, message.role] = message
        messages.append((number, parent, message))
    name = _text(values, "title", "the conversation", "")
    first = next((message.content for _, _, message in messages if message.role == "user"), "")
    created = _time(values, "created_at", "the conversation")
    return Conversation(
        user_id=user_id,
        title=title(name) or title(first),
        model=_text(values, "model", "the conversation", ""),
        pinned=_boolean(values, "pinned", "the conversation"),
        created_at=created,
        updated_at=_time(values, "updated_at", "the conversation", created),
    ), messages


def _message(row: Mapping[str, Any], where: str) -> Message:
    role, status = _text(row, "role", where), _text(row, "status", where, "complete")
    if role not in ("system", "user", "assistant"):
        raise StoreInputError(f"the role of {where} is none of system, user, assistant: {role[:20]!r}")
    if status not in STATUSES:
        raise StoreInputError(f"the status of {where} is none of {', '.join(STATUSES)}: {status[:20]!r}")
    profile = row.get("profile")
    try:
        profile = None if profile is None else Profile.from_dict(profile).as_dict()
    except (ProfileError, OverflowError) as error:
        raise StoreInputError(f"the profile of {where} is not usable: {error}") from error
    created = _time(row, "created_at", where)
    return Message(
        conversation_id=0,  # given when it is stored
        role=role,
        content=_text(row, "content", where),
        status="interrupted" if status == "streaming" else status,
        profile=profile,
        model=_text(row, "model", where, ""),
        seed=None if row.get("seed") is None else _integer(row, "seed", where),
        settings=_table(row, "settings", where),
        tokens=None if row.get("tokens") is None else _integer(row, "tokens", where),
        seconds=None if row.get("seconds") is None else _number(row["seconds"], f"seconds of {where}"),
        scores=_scores(row, where),
        context=_table(row, "context", where),
        superseded=_boolean(row, "superseded", where),
        created_at=created,
        updated_at=_time(row, "updated_at", where, created),
    )


def _text(row: Mapping[str, Any], key: str, where: str, default: str | None = None) -> str:
    value = row.get(key, default)
    if not isinstance(value, str) or len(value) > LONGEST:
        raise StoreInputError(f"{key!r} of {where} must be a text of at most {LONGEST} characters")
    return storable(value)


def _integer(row: Mapping[str, Any], key: str, where: str) -> int:
    value = row.get(key)
    if type(value) is not int or not -(2**63) <= value < 2**63:
        raise StoreInputError(f"{key!r} of {where} must be a whole number")
    return value


def _boolean(row: Mapping[str, Any], key: str, where: str) -> bool:
    value = row.get(key, False)
    if not isinstance(value, bool):
        raise StoreInputError(f"{key!r} of {where} must be true or false")
    return value


def _number(value: object, what: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e300 or not math.isfinite(value):
        raise StoreInputError(f"the {what} must be a number")
    return float(value)


def _scores(row: Mapping[str, Any], where: str) -> dict[str, float] | None:
    found = _table(row, "scores", where)
    return None if found is None else {name: _number(value, f"scores of {where}") for name, value in found.items()}


def _table(row: Mapping[str, Any], key: str, where: str) -> dict[str, Any] | None:
    """Return a flat object of plain values."""
    value = row.get(key)
    if value is None:
        return None
    if not isinstance(value, Mapping) or any(
        isinstance(each, Mapping | list) or (isinstance(each, float) and not math.isfinite(each))
        for each in value.values()
    ):
        raise StoreInputError(f"{key!r} of {where} must be an object of plain values")
    return {storable(name): storable(each) if isinstance(each, str) else each for name, each in value.items()}


def _time(row: Mapping[str, Any], key: str, where: str, default: datetime | None = None) -> datetime:
    value = row.get(key)
    if value is None:
        return default or datetime.now(UTC)
    try:
        found = datetime.fromisoformat(value)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError) as error:
        raise StoreInputError(f"{key!r} of {where} must be a time such as 2026-11-20T09:30:00Z") from error
