"""Conversations and their messages, saved as they are written."""

from __future__ import annotations

import builtins
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, update
from sqlmodel import Session, col, select

from assistant.store.database import Database
from assistant.store.errors import StoreInputError
from assistant.store.tables import Conversation, Message, now
from assistant.store.text import folded, storable, title
from assistant.style import Profile

_LARGEST_ID = 2**63 - 1
"""Largest integer that SQLite knows."""


@dataclass(frozen=True, slots=True)
class ConversationSummary:
    """A conversation in a list."""

    id: int
    title: str
    created_at: datetime
    updated_at: datetime
    messages: int


@dataclass(frozen=True, slots=True)
class Hit:
    """A message that a search found."""

    conversation_id: int
    title: str
    message: Message


class Conversations:
    """The conversations of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, user_id: int, model: str = "", title: str = "") -> Conversation:
        """Create an empty conversation.

        Raises:
            StoreInputError: the user was deleted meanwhile.
        """
        with self._database.transaction() as session:
            conversation = Conversation(user_id=user_id, model=storable(model), title=storable(title))
            session.add(conversation)
            session.flush()
            return conversation

    def list(self, user_id: int) -> builtins.list[ConversationSummary]:
        """Return a person's conversations that hold messages, the latest first."""
        query = (
            select(Conversation, func.count(col(Message.id)))
            .join(Message, col(Message.conversation_id) == col(Conversation.id))
            .where(Conversation.user_id == user_id)
            .group_by(col(Conversation.id))
            .order_by(col(Conversation.updated_at).desc(), col(Conversation.id).desc())
        )
        with self._database.reading() as session:
            return [
                ConversationSummary(found.id, found.title, found.created_at, found.updated_at, count)
                for found, count in session.exec(query)
            ]

    def latest(self, user_id: int) -> Conversation | None:
        """Return the conversation that was written to last, or None."""
        query = (
            select(Conversation)
            .where(Conversation.user_id == user_id, exists().where(col(Message.conversation_id) == Conversation.id))
            .order_by(col(Conversation.updated_at).desc(), col(Conversation.id).desc())
        )
        with self._database.reading() as session:
            return session.exec(query.limit(1)).first()

    def get(self, user_id: int, conversation_id: int) -> Conversation:
        """Return one of a person's conversations.

        Raises:
            StoreInputError: they have none of that id.
        """
        with self._database.reading() as session:
            return _get(session, user_id, conversation_id)

    def messages(self, conversation_id: int) -> builtins.list[Message]:
        """Return the messages of a conversation, oldest first."""
        with self._database.reading() as session:
            query = select(Message).where(Message.conversation_id == conversation_id).order_by(col(Message.id))
            return builtins.list(session.exec(query))

    def add(
        self,
        conversation_id: int,
        role: str,
        content: str,
        *,
        status: str = "complete",
        parent_id: int | None = None,
        revision_id: int | None = None,
        profile: Profile | None = None,
        model: str = "",
        seed: int | None = None,
        settings: Mapping[str, Any] | None = None,
        superseded: bool = False,
    ) -> Message:
        """Add a message. The first one of a person names the conversation.

        Raises:
            StoreInputError: the conversation or the revision was deleted meanwhile, or the message that is answered
                is not in the conversation.
        """
        with self._database.transaction() as session:
            conversation = session.get(Conversation, conversation_id)
            if conversation is None:
                raise StoreInputError("this conversation was deleted meanwhile")
            if parent_id is not None:
                parent = session.get(Message, parent_id)
                if parent is None or parent.conversation_id != conversation_id:
                    raise StoreInputError(f"there is no message {parent_id} in this conversation to answer")
            if role == "user" and not conversation.title:
                conversation.title = title(storable(content))
            conversation.updated_at = now()
            message = Message(
                conversation_id=conversation_id,
                parent_id=parent_id,
                role=role,
                content=storable(content),
                status=status,
                writer_pid=os.getpid() if status == "streaming" else None,
                revision_id=revision_id,
                profile=profile.as_dict() if profile else None,
                model=storable(model),
                seed=seed,
                settings=dict(settings) if settings is not None else None,
                superseded=superseded,
            )
            session.add(message)
            session.flush()
            return message

    def extend(self, message_id: int, content: str, tokens: int) -> None:
        """Store what a message holds so far; called for each token."""
        self._write(message_id, content=storable(content), tokens=tokens)

    def finish(self, message_id: int, content: str, status: str, tokens: int, seconds: float) -> None:
        """Store the final text of a message and how its writing ended."""
        self._write(
            message_id,
            content=storable(content),
            status=status,
            tokens=tokens,
            seconds=seconds,
            writer_pid=None,
            updated_at=now(),
        )

    def measured(self, message_id: int, scores: Mapping[str, float]) -> None:
        """Store the attribute scores of a reply."""
        self._write(message_id, scores=dict(scores))

    def scores(self, message_id: int) -> dict[str, float] | None:
        """Return the attribute scores of a reply, or None when they were not measured."""
        with self._database.reading() as session:
            message = session.get(Message, message_id)
            return None if message is None else message.scores

    def prefer(self, message_id: int) -> None:
        """Make a reply the one that the conversation goes on from; its siblings are superseded.

        Raises:
            StoreInputError: there is no such reply.
        """
        with self._database.transaction() as session:
            message = session.get(Message, message_id)
            if message is None or message.role != "assistant" or message.parent_id is None:
                raise StoreInputError("there is no such reply to prefer")
            siblings = select(Message).where(Message.parent_id == message.parent_id, Message.role == "assistant")
            for sibling in session.exec(siblings):
                sibling.superseded = sibling.id != message_id

    def recover(self, conversation_id: int) -> int:
        """Mark replies whose writer was killed as interrupted; return how many."""
        unfinished = select(Message).where(Message.conversation_id == conversation_id, Message.status == "streaming")
        with self._database.reading() as session:
            if session.exec(unfinished.limit(1)).first() is None:
                return 0
        with self._database.transaction() as session:
            orphans = [each for each in session.exec(unfinished) if not _written_elsewhere(each.writer_pid)]
            for message in orphans:
                message.status, message.writer_pid = "interrupted", None
            return len(orphans)

    def search(self, user_id: int, text: str) -> builtins.list[Hit]:
        """Return a person's messages that hold the text, whatever its case, the latest first."""
        query = (
            select(Message, Conversation.title)
            .join(Conversation, col(Message.conversation_id) == col(Conversation.id))
            .where(
                Conversation.user_id == user_id, func.instr(func.folded(Message.content), folded(storable(text))) > 0
            )
            .order_by(col(Message.id).desc())
        )
        with self._database.reading() as session:
            return [Hit(message.conversation_id, name, message) for message, name in session.exec(query)]

    def delete(self, user_id: int, conversation_id: int) -> None:
        """Delete a conversation with its messages and thumbs; no file of the database holds any of it afterwards.

        Raises:
            StoreInputError: the person has none of that id.
        """
        with self._database.transaction() as session:
            session.delete(_get(session, user_id, conversation_id))
        self._database.forget()

    def export(self, user_id: int, conversation_id: int) -> dict[str, Any]:
        """Return a conversation with its messages as plain values.

        Raises:
            StoreInputError: the person has none of that id.
        """
        conversation = self.get(user_id, conversation_id)
        return {
            **conversation.model_dump(mode="json", exclude={"user_id"}),
            "messages": [
                message.model_dump(mode="json", exclude={"conversation_id", "writer_pid"})
                for message in self.messages(conversation_id)
            ],
        }

    def _write(self, message_id: int, **values: object) -> None:
        with self._database.transaction() as session:
            session.execute(update(Message).where(col(Message.id) == message_id).values(**values))


def _get(session: Session, user_id: int, conversation_id: int) -> Conversation:
    found = session.get(Conversation, conversation_id) if abs(conversation_id) <= _LARGEST_ID else None
    if found is None or found.user_id != user_id:
        raise StoreInputError(f"there is no conversation {conversation_id}; `assistant conversations list` shows them")
    return found


def _written_elsewhere(pid: int | None) -> bool:
    """Return whether the writer is another process that still runs."""
    if pid is None or pid == os.getpid():
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
