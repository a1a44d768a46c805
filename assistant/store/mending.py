"""Making anew what a database holds twice: the search index, and the indices of the tables."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session

from assistant.store.trouble import is_damage

_OF_INDICES = ("missing from index", "entries in index", "non-unique entry in index", "values out of order")


def mend(session: Session) -> list[str]:
    """Make anew what is damaged and can be, within a write transaction; return what was, in words."""
    done = []
    if _search_is_damaged(session):
        session.execute(text("INSERT INTO message_search (message_search) VALUES ('rebuild')"))
        done.append("The search index was damaged and has been made anew.")
    found = [str(row[0]) for row in session.execute(text("PRAGMA integrity_check"))]
    if any(words in fault for fault in found for words in _OF_INDICES):
        session.execute(text("REINDEX"))
        done.append("Indices of the tables were damaged and have been made anew.")
    return done


def _search_is_damaged(session: Session) -> bool:
    """Return whether the search index holds something else than the messages."""
    try:
        session.execute(text("INSERT INTO message_search (message_search, rank) VALUES ('integrity-check', 1)"))
    except DatabaseError as error:
        if not is_damage(error.orig or error):
            raise
        return True
    return False
