"""Branches of a conversation: which messages are on the active path, and the siblings at each fork.

Messages form a tree by their parents. Of siblings, all but one are superseded; the active path is what is left when
every superseded message is taken away with all that follows it.
"""

from __future__ import annotations

from sqlalchemy import func
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from assistant.store import owing
from assistant.store.database import Database
from assistant.store.errors import StoreInputError
from assistant.store.tables import LARGEST_ID, Message, OwedLesson


class Branches:
    """The branches of the conversations of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def path(self, conversation_id: int) -> list[Message]:
        """Return the messages of the active path, oldest first."""
        with self._database.reading() as session:
            return list(session.exec(_path(conversation_id).order_by(col(Message.id))))

    def last(self, conversation_id: int) -> int:
        """Return the id of the message of a conversation that was written last, on any branch; 0 in an empty one."""
        with self._database.reading() as session:
            return last(session, conversation_id)

    def siblings(self, message_id: int) -> list[Message]:
        """Return the messages that follow the same one as this does, itself included, in the order of their writing.

        Raises:
            StoreInputError: there is no such message.
        """
        with self._database.reading() as session:
            return siblings(session, _get(session, message_id))

    def forks(self, conversation_id: int) -> list[tuple[Message, list[Message]]]:
        """Return the messages of the active path that have siblings, each with all of them, oldest first."""
        with self._database.reading() as session:
            path = list(session.exec(_path(conversation_id).order_by(col(Message.id))))
            everything = session.exec(select(Message).where(Message.conversation_id == conversation_id))
            groups: dict[tuple[int | None, str], list[Message]] = {}
            for message in sorted(everything, key=lambda each: each.id):
                groups.setdefault((message.parent_id, message.role), []).append(message)
            found = [(message, groups[message.parent_id, message.role]) for message in path]
            return [(message, group) for message, group in found if len(group) > 1]

    def choose(self, message_id: int) -> None:
        """Have the conversation go on from a message; its siblings are superseded.

        Raises:
            StoreInputError: there is no such message.
        """
        with self._database.transaction() as session:
            prefer(session, _get(session, message_id))

    def pick(self, user_id: int, chosen_id: int, other_id: int, owed: OwedLesson | None) -> None:
        """Have the conversation go on from one of two replies that were compared.

        Args:
            user_id: who picks.
            chosen_id: the reply.
            other_id: the one that is passed over.
            owed: what is to be learned from it, in the place of what was owed for choices between the two.

        Raises:
            StoreInputError: there is no such message.
        """
        with self._database.transaction() as session:
            prefer(session, _get(session, chosen_id))
            owing.replace(session, user_id, chosen_id, owed, other_id)

    def reveal(self, conversation_id: int, message_id: int) -> None:
        """Have the active path of a conversation lead through a message.

        Raises:
            StoreInputError: there is no such message in it.
        """
        with self._database.transaction() as session:
            message = _get(session, message_id)
            if message.conversation_id != conversation_id:
                raise StoreInputError("there is no such message in the conversation")
            above: Message | None = message
            while above is not None:
                if above.superseded:
                    prefer(session, above)
                above = None if above.parent_id is None else session.get(Message, above.parent_id)


def last(session: Session, conversation_id: int) -> int:
    """Return the id of the message of a conversation that was written last, on any branch; 0 in an empty one."""
    return session.exec(select(func.max(Message.id)).where(Message.conversation_id == conversation_id)).one() or 0


def leaf(session: Session, conversation_id: int) -> Message | None:
    """Return the last message of the active path, None in an empty conversation."""
    return session.exec(_path(conversation_id).order_by(col(Message.id).desc()).limit(1)).first()


def siblings(session: Session, message: Message) -> list[Message]:
    """Return a message and its siblings, in the order of their writing."""
    query = select(Message).where(
        Message.conversation_id == message.conversation_id,
        Message.role == message.role,
        col(Message.parent_id).is_(None) if message.parent_id is None else Message.parent_id == message.parent_id,
    )
    return list(session.exec(query.order_by(col(Message.id))))


def prefer(session: Session, message: Message) -> None:
    """Have the conversation go on from a message, within a write transaction."""
    for each in siblings(session, message):
        each.superseded = each.id != message.id
        session.add(each)


def _path(conversation_id: int) -> SelectOfScalar[Message]:
    """Return the query for the messages of the active path, in no order."""
    path = (
        select(col(Message.id))
        .where(
            Message.conversation_id == conversation_id,
            col(Message.parent_id).is_(None),
            col(Message.superseded).is_(False),
        )
        .cte("path", recursive=True)
    )
    following = (
        select(col(Message.id))
        .join(path, col(Message.parent_id) == path.c.id)
        .where(col(Message.superseded).is_(False))
    )
    return select(Message).where(col(Message.id).in_(select(path.union_all(following).c.id)))


def _get(session: Session, message_id: int) -> Message:
    found = session.get(Message, message_id) if abs(message_id) <= LARGEST_ID else None
    if found is None:
        raise StoreInputError("there is no such message in the conversation")
    return found
