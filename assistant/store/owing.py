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

    def add(self, lesson: OwedLesson) -> OwedLesson:
        """Owe a lesson, which has its id then.

        Raises:
            StoreInputError: the person or the reply was deleted meanwhile.
        """
        with self._database.transaction() as session:
            session.add(lesson)
            session.flush()
            return lesson

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

    def drop(self, lesson_id: int) -> None:
        """Owe a lesson no longer: there is nothing to learn."""
        with self._database.transaction() as session:
            settle(session, lesson_id)


def settle(session: Session, lesson_id: int) -> bool:
    """Take a lesson off what is owed; return whether it was owed still."""
    lesson = session.get(OwedLesson, lesson_id)
    if lesson is not None:
        session.delete(lesson)
        session.flush()
    return lesson is not None


def replace(session: Session, user_id: int, message_id: int, lesson: OwedLesson | None) -> None:
    """Owe this lesson, if any, for what is said about a reply now, and none of those before it but for picks."""
    query = select(OwedLesson).where(
        OwedLesson.user_id == user_id, OwedLesson.message_id == message_id, col(OwedLesson.other_id).is_(None)
    )
    for before in builtins.list(session.exec(query)):
        session.delete(before)
    if lesson is not None:
        session.add(lesson)
    session.flush()
