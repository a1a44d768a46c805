"""Deletion for good: no file of the database holds what was deleted, even where the program is killed amid it.

What is deleted is noted beside the database first, by number and time alone. The note goes once all files are clean;
one that is found later is of a program that was killed, and what it lists is taken out of the files then.
"""

from __future__ import annotations

import glob
import json
import os
import secrets
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import astuple
from pathlib import Path
from typing import Literal, cast

from sqlalchemy.exc import DatabaseError
from sqlmodel import Session

from assistant.store import copies
from assistant.store.copies import Gone
from assistant.store.database import Database
from assistant.store.errors import StoreError
from assistant.store.tables import Conversation, User
from assistant.store.trouble import failure


def for_good(database: Database, found: Callable[[Session], Iterable[User | Conversation]]) -> tuple[int, list[Path]]:
    """Delete rows with all that belongs to them.

    Args:
        database: where.
        found: returns the rows, within the transaction that deletes them.

    Returns:
        How many there were, and copies of the database that hold some of it still, because a person made them or they
        are damaged.

    Raises:
        StoreError: the database or the note cannot be written.
    """
    finish(database)
    with database.transaction() as session:
        rows = list(found(session))
        gone = [_gone(session, row) for row in rows]
        note = _note(database.path, gone) if gone else None
        for row in rows:
            session.delete(row)
    left = _clean(database, gone)
    if note is not None:
        note.unlink(missing_ok=True)
    return len(gone), left


def finish(database: Database) -> None:
    """Do what a killed program owes."""
    for note in sorted(database.path.parent.glob(f"{glob.escape(_prefix(database.path))}*")):
        with database.transaction() as session:  # waits for a deletion that is going on
            gone = [each for each in _read(note) if not _there(session, each)]
        _clean(database, gone)
        note.unlink(missing_ok=True)


def _clean(database: Database, gone: Sequence[Gone]) -> list[Path]:
    """Merge the search index, empty the write-ahead log, scrub the copies; return the copies that could not be.

    Another process that reads just then keeps the log; the last one to close the database empties it.
    """
    with database.transaction() as session:
        session.connection().exec_driver_sql("INSERT INTO message_search (message_search) VALUES ('optimize')")
    try:
        with closing(database.connect()) as connection:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except (DatabaseError, sqlite3.DatabaseError) as error:
        raise failure(database.path, getattr(error, "orig", None) or error) from error
    return copies.scrub(database.path, gone)


def _gone(session: Session, row: User | Conversation) -> Gone:
    table = cast(Literal["user", "conversation"], row.__tablename__)
    found = session.connection().exec_driver_sql(f"SELECT created_at FROM {table} WHERE id = ?", (row.id,))
    return Gone(table, row.id, str(found.scalar_one()))


def _there(session: Session, each: Gone) -> bool:
    """Return whether a row is in the database after all: the program was killed before it was deleted."""
    query = f"SELECT 1 FROM {each.table} WHERE id = ? AND created_at = ?"
    return session.connection().exec_driver_sql(query, (each.id, each.created_at)).first() is not None


def _prefix(path: Path) -> str:
    return f".{path.name}.deleting-"


def _note(path: Path, gone: Iterable[Gone]) -> Path:
    note = path.with_name(_prefix(path) + secrets.token_hex(8))
    try:
        with open(os.open(note, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
            json.dump([astuple(each) for each in gone], file)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        note.unlink(missing_ok=True)
        raise StoreError(f"cannot write {note} ({error.strerror}): nothing was deleted, try again") from error
    return note


def _read(note: Path) -> list[Gone]:
    """Return what a note lists; nothing where it was not written to its end, for then nothing was deleted yet.

    Raises:
        StoreError: it cannot be read.
    """
    try:
        return [
            Gone(table, number, created_at)
            for table, number, created_at in json.loads(note.read_text(encoding="utf-8"))
            if table in ("user", "conversation")
        ]
    except (FileNotFoundError, ValueError, TypeError):
        return []
    except OSError as error:
        raise StoreError(f"cannot read {note} ({error.strerror}), which names what is to be deleted") from error
