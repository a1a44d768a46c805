"""Conversations: listing, naming, pinning, and deleting with a way back."""

from __future__ import annotations

import builtins
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func
from sqlmodel import Session, col, select

from assistant.store import deleting
from assistant.store.errors import StoreInputError
from assistant.store.messages import Messages
from assistant.store.tables import LARGEST_ID, Conversation, Message, now
from assistant.store.text import label, storable

KEPT_DAYS = 30
"""Days for which a deleted conversation can be brought back."""


@dataclass(frozen=True, slots=True)
class ConversationSummary:
    """A conversation in a list."""

    id: int
    title: str
    created_at: datetime
    updated_at: datetime
    messages: int
    """Of all its branches."""
    pinned: bool = False
    deleted_at: datetime | None = None


class Conversations(Messages):
    """The conversations of one database, with their messages."""

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

    def list(self, user_id: int, *, deleted: bool = False) -> builtins.list[ConversationSummary]:
        """Return a person's conversations that hold messages: the pinned ones first, then the latest.

        With `deleted`, those that were deleted and can be brought back.
        """
        gone = col(Conversation.deleted_at)
        query = (
            select(Conversation, func.count(col(Message.id)))
            .join(Message, col(Message.conversation_id) == col(Conversation.id))
            .where(Conversation.user_id == user_id, gone.is_not(None) if deleted else gone.is_(None))
            .group_by(col(Conversation.id))
            .order_by(col(Conversation.pinned).desc(), func.max(col(Message.id)).desc())
        )
        with self._database.reading() as session:
            return [
                ConversationSummary(
                    each.id, each.title, each.created_at, each.updated_at, count, each.pinned, each.deleted_at
                )
                for each, count in session.exec(query)
            ]

    def latest(self, user_id: int) -> Conversation | None:
        """Return the conversation that was written to last, or None; no clock is asked, which may have gone back."""
        last = (
            select(func.max(Message.id)).where(Message.conversation_id == Conversation.id).correlate(Conversation)
        ).scalar_subquery()
        query = (
            select(Conversation)
            .where(Conversation.user_id == user_id, col(Conversation.deleted_at).is_(None), last.is_not(None))
            .order_by(last.desc())
        )
        with self._database.reading() as session:
            return session.exec(query.limit(1)).first()

    def get(self, user_id: int, conversation_id: int) -> Conversation:
        """Return one of a person's conversations.

        Raises:
            StoreInputError: they have none of that id, or it is deleted.
        """
        with self._database.reading() as session:
            return get(session, user_id, conversation_id)

    def rename(self, user_id: int, conversation_id: int, title: str) -> str:
        """Give a conversation another title and return it as it is stored.

        Raises:
            StoreInputError: there is no such conversation, or the title is not usable.
        """
        title = label(title, "a conversation")
        with self._database.transaction() as session:
            get(session, user_id, conversation_id).title = title
        return title

    def pin(self, user_id: int, conversation_id: int, pinned: bool = True) -> None:
        """Keep a conversation at the top of the list, or no longer.

        Raises:
            StoreInputError: there is no such conversation.
        """
        with self._database.transaction() as session:
            get(session, user_id, conversation_id).pinned = pinned

    def delete(self, user_id: int, conversation_id: int) -> None:
        """Delete a conversation such that `undelete` brings it back, until it is purged.

        Raises:
            StoreInputError: there is no such conversation.
        """
        with self._database.transaction() as session:
            get(session, user_id, conversation_id).deleted_at = now()

    def undelete(self, user_id: int, conversation_id: int | None = None) -> Conversation:
        """Bring a deleted conversation back, the one that was deleted last when none is named.

        Raises:
            StoreInputError: there is none to bring back.
        """
        query = select(Conversation).where(Conversation.user_id == user_id, col(Conversation.deleted_at).is_not(None))
        if conversation_id is not None:
            query = query.where(Conversation.id == max(min(conversation_id, LARGEST_ID), -1))
        with self._database.transaction() as session:
            found = session.exec(query.order_by(col(Conversation.deleted_at).desc()).limit(1)).first()
            if found is None:
                which = "" if conversation_id is None else f" {conversation_id}"
                raise StoreInputError(f"there is no deleted conversation{which} to bring back")
            found.deleted_at = None
            session.add(found)
            return found

    def purge(self, user_id: int, conversation_id: int) -> builtins.list[Path]:
        """Delete a conversation, deleted already or not, with its messages and thumbs for good.

        No file of the database holds any of it afterwards.

        Returns:
            Copies of the database that a person made and that hold the conversation still.

        Raises:
            StoreInputError: the person has none of that id.
        """
        return deleting.for_good(
            self._database, lambda session: [get(session, user_id, conversation_id, deleted=True)]
        )[1]

    def purge_old(self, days: int = KEPT_DAYS) -> int:
        """Delete for good what was deleted more than so many days ago, of all people; return how many.

        What a program that was killed while it deleted has left is cleaned up as well.
        """
        deleting.finish(self._database)
        old = select(Conversation).where(col(Conversation.deleted_at) < now() - timedelta(days=days))
        with self._database.reading() as session:
            if session.exec(old.limit(1)).first() is None:
                return 0
        return deleting.for_good(self._database, lambda session: session.exec(old).all())[0]


def get(session: Session, user_id: int, conversation_id: int, deleted: bool = False) -> Conversation:
    """Return one of a person's conversations; deleted ones only if wanted.

    Raises:
        StoreInputError: they have none of that id.
    """
    found = session.get(Conversation, conversation_id) if abs(conversation_id) <= LARGEST_ID else None
    if found is None or found.user_id != user_id:
        raise StoreInputError(f"there is no conversation {conversation_id}; `assistant conversations list` shows them")
    if found.deleted_at is not None and not deleted:
        raise StoreInputError(
            f"conversation {conversation_id} is deleted; `assistant conversations undelete {conversation_id}` "
            "brings it back"
        )
    return found
