"""Thumbs: a log of judgements on replies."""

from __future__ import annotations

import builtins

from sqlmodel import Session, col, select

from assistant.store import owing
from assistant.store.database import Database
from assistant.store.errors import StoreInputError
from assistant.store.tables import Feedback, Message, OwedLesson, now


class FeedbackLog:
    """The thumbs of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, message_id: int, user_id: int, value: int, owed: OwedLesson | None = None) -> Feedback:
        """Store a thumb, +1 or −1, with the revision and the profile of the reply; an earlier one on it is taken back.

        Args:
            message_id: the reply.
            user_id: whose thumb.
            value: +1 or −1.
            owed: what is to be learned from it, in the place of what was still to be learned about this reply.

        Raises:
            StoreInputError: there is no such reply.
        """
        with self._database.transaction() as session:
            message = session.get(Message, message_id)
            if message is None or message.role != "assistant":
                raise StoreInputError("there is no such reply to judge")
            _withdraw(session, message_id, user_id)
            thumb = Feedback(
                message_id=message_id,
                user_id=user_id,
                value=value,
                revision_id=message.revision_id,
                profile=message.profile,
            )
            session.add(thumb)
            owing.replace(session, user_id, message_id, owed)
            return thumb

    def withdraw(self, message_id: int, user_id: int, owed: OwedLesson | None = None) -> bool:
        """Take a thumb back; return whether there was one. It stays in the log.

        What was still to be learned from it is not any more; `owed` is what is to be learned instead.
        """
        with self._database.transaction() as session:
            owing.replace(session, user_id, message_id, owed)
            return _withdraw(session, message_id, user_id)

    def active(self, message_id: int) -> Feedback | None:
        """Return the thumb that a reply has now, or None."""
        with self._database.reading() as session:
            query = select(Feedback).where(Feedback.message_id == message_id, col(Feedback.withdrawn_at).is_(None))
            return session.exec(query).first()

    def standing(self, user_id: int, conversation_id: int) -> dict[int, int]:
        """Return the thumbs that a person's replies of a conversation have now, by the reply's id."""
        query = (
            select(Feedback.message_id, Feedback.value)
            .join(Message, col(Message.id) == col(Feedback.message_id))
            .where(
                Message.conversation_id == conversation_id,
                Feedback.user_id == user_id,
                col(Feedback.withdrawn_at).is_(None),
            )
        )
        with self._database.reading() as session:
            return dict(session.exec(query).all())

    def list(self, user_id: int) -> builtins.list[Feedback]:
        """Return all thumbs of a person, oldest first, those taken back included."""
        with self._database.reading() as session:
            return builtins.list(
                session.exec(select(Feedback).where(Feedback.user_id == user_id).order_by(col(Feedback.id)))
            )


def _withdraw(session: Session, message_id: int, user_id: int) -> bool:
    query = select(Feedback).where(
        Feedback.message_id == message_id, Feedback.user_id == user_id, col(Feedback.withdrawn_at).is_(None)
    )
    found = builtins.list(session.exec(query))
    for thumb in found:
        thumb.withdrawn_at = now()
        session.add(thumb)
    return bool(found)
