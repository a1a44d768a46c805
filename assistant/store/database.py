"""The SQLite database: connections with the right settings, and transactions."""

from __future__ import annotations

import json
import os
import sqlite3
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, PoolProxiedConnection, event
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session, create_engine

from assistant.store import backups, health, mending, presence, schema, unfinished
from assistant.store.errors import StoreError, StoreInputError
from assistant.store.text import folded
from assistant.store.trouble import Unreadable, failure
from assistant.store.writers import Writers

_PRAGMAS = (
    "PRAGMA busy_timeout = 5000",
    "PRAGMA journal_mode = WAL",  # readers and the writer do not wait for each other; a kill loses nothing committed
    "PRAGMA synchronous = NORMAL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
    "PRAGMA temp_store = MEMORY",  # what is sorted is not written into files elsewhere
)


class Database:
    """One SQLite file at the newest schema. Safe to use from several threads and processes."""

    def __init__(self, path: Path, engine: Engine, present: int) -> None:
        self.path = path
        self._leave = weakref.finalize(self, os.close, present)
        self.writers = Writers(path)
        self._engine = engine
        self._writer = engine.execution_options(begin="BEGIN IMMEDIATE")
        self._reader = engine.execution_options(begin="BEGIN")

    @classmethod
    def open(cls, path: Path) -> Database:
        """Open the database, creating or upgrading it first; file and folder become readable by their owner alone.

        Raises:
            StoreError: it cannot be used; the message says why and what to do.
        """
        _secure(path)
        with suppress(OSError):  # what cannot be removed is in nobody's way
            unfinished.sweep(path, path.parent)
        present = presence.enter(path)
        try:
            schema.ensure(path)
        except BaseException:
            os.close(present)
            raise
        engine = create_engine(
            URL.create("sqlite", database=str(path.absolute())),
            connect_args={"check_same_thread": False},
            hide_parameters=True,  # an error must not quote what was said
            json_deserializer=_json,
        )
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
        return cls(path, engine, present)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Give a session whose changes are committed together at the end, or not at all.

        Raises:
            StoreInputError: something that a change refers to is no longer there.
            StoreError: the database is locked, full or damaged.
        """
        with self._session(self._writer) as session:
            yield session
            session.commit()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session that sees the database as it is at its first query, and waits for no writer.

        Raises:
            StoreError: the database cannot be read.
        """
        with self._session(self._reader) as session:
            yield session

    @contextmanager
    def _session(self, engine: Engine, mends: bool = True) -> Iterator[Session]:
        try:
            with Session(engine, expire_on_commit=False) as session:
                yield session
        except (Unreadable, UnicodeDecodeError) as error:
            raise failure(self.path, error) from error
        except DatabaseError as error:
            cause = error.orig or error
            if getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
                raise StoreInputError("what this belongs to was deleted meanwhile") from error
            if mends and getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_CORRUPT_VTAB and self.mend():
                raise StoreError(
                    f"the search index of {self.path} was damaged and has been made anew: try again"
                ) from error
            raise failure(self.path, cause) from error

    def connect(self) -> PoolProxiedConnection:
        """Return a connection outside of any transaction; close it after use."""
        return self._engine.raw_connection()

    def backup(self, to: Path) -> Path:
        """Copy the database to a new file and return it.

        Raises:
            StoreInputError: the file exists already.
            StoreError: the file cannot be written.
        """
        if to.exists():
            raise StoreInputError(f"{to} exists already: name another file")
        backups.copy(self.path, to)
        return to

    def revision(self) -> str:
        """Return the revision of the schema."""
        return schema.revision(self.path) or ""

    def mend(self) -> list[str]:
        """Make anew what can be made from the rest of the database where it is damaged; return what, in words.

        Raises:
            StoreError: the damage goes further.
        """
        with self._session(self._writer, mends=False) as session:
            done = mending.mend(session)
            session.commit()
            return done

    def check(self) -> list[str]:
        """Return what is wrong with the database, in one line each; nothing when it is sound."""
        with self.reading() as session:
            found = health.faults(session)
        with self.transaction() as session:
            return found + health.index_faults(session)

    def close(self) -> None:
        """Close all connections."""
        self.writers.close()
        self._engine.dispose()
        self._leave()


def _secure(path: Path) -> None:
    """Create the file if it is missing, and take the access of others to it away.

    Raises:
        StoreError: it cannot be created or written.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileExistsError):
            # An existing file must not be opened here: closing it would drop the locks that SQLite holds on it.
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        for each in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
            with suppress(FileNotFoundError):
                mode = each.stat().st_mode
                if mode & 0o077 and each.is_file():
                    each.chmod(mode & 0o700)
    except OSError as error:
        raise StoreError(
            f"cannot write the database {path} ({error.strerror}): set ASSISTANT_HOME elsewhere"
        ) from error
    if not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
        raise StoreError(
            f"the database {path} or its folder is read-only: make it writable, or set ASSISTANT_HOME elsewhere"
        )


def _json(text: str) -> Any:
    """Return the value of a stored JSON text.

    Raises:
        Unreadable: it is none.
    """
    try:
        return json.loads(text)
    except (ValueError, TypeError, RecursionError) as error:
        raise Unreadable("a stored value is no JSON") from error


def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # transactions begin where `_begin` says, not where sqlite3 guesses
    for pragma in _PRAGMAS:
        connection.execute(pragma)
    connection.create_function("folded", 1, folded, deterministic=True)


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options()["begin"])
