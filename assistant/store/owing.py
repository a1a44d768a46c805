"""What people did about replies and is not learned from yet."""

from __future__ import annotations

import builtins

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from assistant.store.database import Database
from assistant.store.tables import Message, OwedLesson


class OwedLessons:
    """The lessons that one database owes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, lesson: OwedLesson) -> None:
        """Owe a lesson, beside what is owed for the same reply already.

        Raises:
            StoreInputError: the person or the reply was deleted meanwhile.
        """
        with self._database.transaction() as session:
            session.add(lesson)

    def list(self, user_id: int, bank: str) -> builtins.list[tuple[OwedLesson, Message, Message | None]]:
        """Return what is owed to a person on a bank, oldest first, with the reply and the one passed over for it."""
        other = aliased(Message)
        query = (
            select(OwedLesson, Message, other)
            .join(Message, col(Message.id) == col(OwedLesson.message_id))
            .outerjoin(other, col(other.id) == col(OwedLesson.other_id))
            .where(OwedLesson.user_id == user_id, OwedLesson.bank == bank)
            .order_by(col(OwedLesson.id))
        )
        with self._database.reading() as session:
            return [(lesson, message, passed_over) for lesson, message, passed_over in session.exec(query)]

    def drop(self, lesson: OwedLesson) -> None:
        """Owe a lesson no longer: there is nothing to learn."""
        with self._database.transaction() as session:
            settle(session, lesson)


def settle(session: Session, lesson: OwedLesson) -> bool:
    """Take a lesson off what is owed, with what was owed for the same before; return whether it was owed still."""
    there = session.get(OwedLesson, lesson.id)
    if there is None or there.created_at != lesson.created_at:  # ids are given again
        return False
    for each in _about(session, lesson.user_id, lesson.message_id, lesson.other_id):
        if each.id <= lesson.id:
            session.delete(each)
    session.flush()
    return True


def replace(
    session: Session, user_id: int, message_id: int, lesson: OwedLesson | None, other_id: int | None = None
) -> None:
    """Owe this lesson, if any, and nothing any more for what was said before.

    Args:
        session: of the transaction in which something else is said.
        user_id: who says it.
        message_id: the reply that it is about.
        lesson: what is to be learned from it.
        other_id: the reply that was passed over, where it is a choice between two.
    """
    for before in _about(session, user_id, message_id, other_id):
        session.delete(before)
    if lesson is not None:
        session.add(lesson)
    session.flush()


def _about(session: Session, user_id: int, message_id: int, other_id: int | None) -> builtins.list[OwedLesson]:
    """Return what is owed for verdicts on a reply, or for choices between two."""
    query = select(OwedLesson).where(OwedLesson.user_id == user_id)
    if other_id is None:
        query = query.where(OwedLesson.message_id == message_id, col(OwedLesson.other_id).is_(None))
    else:
        two = (message_id, other_id)
        query = query.where(col(OwedLesson.message_id).in_(two), col(OwedLesson.other_id).in_(two))
    return builtins.list(session.exec(query))
