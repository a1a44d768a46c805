"""Everything that is kept of one person, as plain values."""

from __future__ import annotations

from typing import Any

from sqlalchemy import exists
from sqlmodel import Session, col, select

from assistant.store import exchange
from assistant.store.database import Database
from assistant.store.tables import Conversation, Evidence, Feedback, Message, ProfileRevision, User, Voice

VERSION = 2
"""Of the form; version 1 did not say in which revision a reply was made."""


def everything(database: Database, user: User) -> dict[str, Any]:
    """Return a person's profile history, voices, conversations, thumbs and evidence, as they are at one moment.

    Deleted conversations are not in it, nor are their thumbs; what was learned from them stays, and says only what it
    taught. The state of the learner is left out: the evidence rebuilds it. So is what is owed still: the next chat
    learns it. `importing.import_person` is the way back.
    """
    with database.reading() as session:
        conversations = _conversations(session, user.id)
        replies = {row["id"] for each in conversations for row in each["messages"]}
        evidence = _rows(session, Evidence, user.id)
        for row in evidence:
            if row["message_id"] not in replies:
                row["message_id"] = None
        return {
            "version": VERSION,
            "name": user.name,
            "created_at": user.created_at.isoformat(),
            "learning": user.learning,
            "revisions": _rows(session, ProfileRevision, user.id),
            "voices": _rows(session, Voice, user.id),
            "conversations": conversations,
            "thumbs": [row for row in _rows(session, Feedback, user.id) if row["message_id"] in replies],
            "evidence": evidence,
        }


def _conversations(session: Session, user_id: int) -> list[dict[str, Any]]:
    query = select(Conversation).where(
        Conversation.user_id == user_id,
        col(Conversation.deleted_at).is_(None),
        exists().where(col(Message.conversation_id) == Conversation.id),
    )
    found = session.exec(query.order_by(col(Conversation.id)))
    return [exchange.described(session, each) for each in found]


def _rows(session: Session, table: Any, user_id: int) -> list[dict[str, Any]]:
    """Return a person's rows of a table in the order of their writing."""
    query = select(table).where(table.user_id == user_id).order_by(table.id)
    return [row.model_dump(mode="json", exclude={"user_id"}) for row in session.exec(query)]
