"""The SQLite database: connections with the right settings, transactions, backup, and a check of its health."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event, text
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session, create_engine

from assistant.store import schema
from assistant.store.errors import StoreError

_PRAGMAS = (
    "PRAGMA journal_mode = WAL",  # readers and the writer do not wait for each other; a kill loses nothing committed
    "PRAGMA synchronous = NORMAL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA busy_timeout = 5000",
    "PRAGMA secure_delete = ON",
)


class Database:
    """One SQLite file at the newest schema. Safe to use from several threads and processes."""

    def __init__(self, path: Path, engine: Engine) -> None:
        self.path = path
        self._engine = engine

    @classmethod
    def open(cls, path: Path) -> Database:
        """Open the database, creating or upgrading it first; file and folder become readable by their owner alone.

        Raises:
            StoreError: it cannot be used; the message says why and what to do.
        """
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            if path.stat().st_mode & 0o077:
                path.chmod(0o600)
        except OSError as error:
            raise StoreError(f"cannot write the database {path} ({error.strerror}): set ASSISTANT_HOME elsewhere") from error
        schema.ensure(path)
        engine = create_engine(f"sqlite:///{path}", connect_args={"check_same_thread": False})
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
        return cls(path, engine)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Give a session whose changes are committed together at the end, or not at all.

        Raises:
            StoreError: the database is locked, full or damaged.
        """
        try:
            with Session(self._engine, expire_on_commit=False) as session:
                yield session
                session.commit()
        except DatabaseError as error:
            raise StoreError(schema.explain(self.path, error.orig or error)) from error

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session for reading."""
        engine = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        try:
            with Session(engine, expire_on_commit=False) as session:
                yield session
                session.expunge_all()
        except DatabaseError as error:
            raise StoreError(schema.explain(self.path, error.orig or error)) from error

    def backup(self, to: Path) -> Path:
        """Copy the database to a new file and return it.

        Raises:
            StoreError: the file exists already or cannot be written.
        """
        if to.exists():
            raise StoreError(f"{to} exists already: name another file")
        schema.copy(self.path, to)
        return to

    def revision(self) -> str:
        """Return the revision of the schema."""
        return schema.revision(self.path) or ""

    def check(self) -> list[str]:
        """Return what is wrong with the database, in one line each; nothing when it is sound."""
        with self.reading() as session:
            faults = [str(row[0]) for row in session.execute(text("PRAGMA integrity_check")) if row[0] != "ok"]
            faults += [f"{row[0]} row {row[1]} refers to a missing {row[2]}" for row in session.execute(text("PRAGMA foreign_key_check"))]
            faults += [str(row[0]) for query in _RULES for row in session.execute(text(query))]
        return faults

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()


_RULES = (
    """SELECT 'revision ' || number || ' of user ' || user_id || ' is out of order' FROM (
           SELECT number, user_id, row_number() OVER (PARTITION BY user_id ORDER BY id) AS place FROM profile_revision
       ) WHERE number != place""",
    """SELECT 'revision ' || number || ' of user ' || user_id || ' does not begin where the one before ended' FROM (
           SELECT number, user_id, before, lag(after) OVER (PARTITION BY user_id ORDER BY number) AS last FROM profile_revision
       ) WHERE before IS NOT last""",
    """SELECT 'user ' || id || ' has no profile' FROM user WHERE id NOT IN (SELECT user_id FROM profile_revision)""",
    """SELECT 'message ' || child.id || ' answers one of another conversation' FROM message AS child
       JOIN message AS parent ON parent.id = child.parent_id WHERE parent.conversation_id != child.conversation_id""",
)
"""Queries that give one line of text for each fault that SQLite itself cannot see."""


def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # transactions begin where `Database.transaction` says, not where sqlite3 guesses
    for pragma in _PRAGMAS:
        connection.execute(pragma)
