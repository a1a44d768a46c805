"""Messages of conversations, saved as they are written."""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from typing import Any

from sqlalchemy import text, update
from sqlmodel import Session, col, select

from assistant.store import branches
from assistant.store.database import Database
from assistant.store.errors import StoreInputError, WentOn
from assistant.store.tables import UNFINISHED, Conversation, Message, now
from assistant.store.text import storable, title
from assistant.style import Profile


class Messages:
    """The messages of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def messages(self, conversation_id: int) -> builtins.list[Message]:
        """Return the messages of a conversation, those of all its branches, oldest first."""
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
        rival_of: int | None = None,
        after: int | None = None,
    ) -> Message:
        """Add a message. The first one of a person names the conversation.

        It follows `parent_id`, or what was said last. The conversation goes on from it, unless it is the rival of a
        sibling, made to be compared with that one.

        Args:
            after: the message that was written last, on any branch, as far as the caller knows, 0 for none; None where
                it does not matter.

        Raises:
            WentOn: another one was written since.
            StoreInputError: the conversation or the revision was deleted meanwhile, or the message that is answered
                is not in the conversation.
            StoreError: the folder of the database cannot be written.
        """
        writer = self._writer() if status == "streaming" else None
        with self._database.transaction() as session:
            conversation = _open(session, conversation_id)
            if parent_id is None:
                last = branches.leaf(session, conversation_id)
                if after is not None and after != branches.last(session, conversation_id):
                    raise WentOn("this conversation went on in another window meanwhile: read that, then send again")
                parent_id = last.id if last else None
            else:
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
                writer_pid=writer,
                revision_id=revision_id,
                profile=profile.as_dict() if profile else None,
                model=storable(model),
                seed=seed,
                settings=dict(settings) if settings is not None else None,
                superseded=rival_of is not None,
                rival_of=rival_of,
            )
            session.add(message)
            session.flush()
            if rival_of is None:
                branches.prefer(session, message)
            return message

    def beside(self, message_id: int, content: str) -> Message:
        """Add another wording of a person's message: its sibling, from which the conversation goes on.

        Raises:
            StoreInputError: there is no such message of a person.
        """
        with self._database.transaction() as session:
            old = session.get(Message, message_id)
            if old is None or old.role != "user":
                raise StoreInputError("there is no such message of yours to edit")
            conversation = _open(session, old.conversation_id)
            conversation.updated_at = now()
            message = Message(
                conversation_id=old.conversation_id, parent_id=old.parent_id, role="user", content=storable(content)
            )
            session.add(message)
            session.flush()
            branches.prefer(session, message)
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

    def fitted(self, message_id: int, context: Mapping[str, int]) -> None:
        """Store how the conversation fitted into the model's context when a reply was asked for."""
        self._write(message_id, context=dict(context))

    def scores(self, message_id: int) -> dict[str, float] | None:
        """Return the attribute scores of a reply, or None when they were not measured."""
        with self._database.reading() as session:
            message = session.get(Message, message_id)
            return None if message is None else message.scores

    def recover(self, conversation_id: int | None = None) -> int:
        """Mark replies whose writer was killed as interrupted, in one conversation or all; return how many."""
        unfinished = select(Message).where(text(UNFINISHED))
        if conversation_id is not None:
            unfinished = unfinished.where(Message.conversation_id == conversation_id)
        with self._database.reading() as session:
            if session.exec(unfinished.limit(1)).first() is None:
                return 0
        with self._database.transaction() as session:
            orphans = [each for each in session.exec(unfinished) if not self._database.writers.alive(each.writer_pid)]
            for message in orphans:
                message.status, message.writer_pid = "interrupted", None
            return len(orphans)

    def _writer(self) -> int:
        """Return the number of this process among the writers; no dead one's reply has it."""
        if self._database.writers.taken is None:
            self.recover()
        return self._database.writers.take()

    def _write(self, message_id: int, **values: object) -> None:
        with self._database.transaction() as session:
            session.execute(update(Message).where(col(Message.id) == message_id).values(**values))


def _open(session: Session, conversation_id: int) -> Conversation:
    """Return a conversation to write to.

    Raises:
        StoreInputError: it was deleted.
    """
    conversation = session.get(Conversation, conversation_id)
    if conversation is None or conversation.deleted_at is not None:
        raise StoreInputError("this conversation was deleted meanwhile")
    return conversation
