"""Bringing a database to the newest schema, by the Alembic migrations that ship with the program."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import takewhile
from pathlib import Path

from assistant import locations
from assistant.store import backups
from assistant.store.errors import StoreError
from assistant.store.trouble import failure, outside

HEAD = "0006"
"""The newest revision in migrations/versions."""


def revision(path: Path) -> str | None:
    """Return the schema revision of a database file, or None when it is missing or empty.

    Raises:
        StoreError: the file is not one of our databases, or cannot be read.
    """
    if not path.exists() or path.stat().st_size == 0:
        return None
    try:
        with closing(sqlite3.connect(path, timeout=5)) as connection:
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if not tables:
                return None
            if "alembic_version" not in tables:
                raise StoreError(
                    f"{path} is a database of another program: move it away, or set ASSISTANT_HOME elsewhere"
                )
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        raise failure(path, error) from error
    return None if row is None else str(row[0])


def ensure(path: Path) -> None:
    """Create the database or upgrade it to HEAD; an older one is copied aside first.

    Raises:
        StoreError: it is from a newer program, or cannot be upgraded.
    """
    if revision(path) == HEAD:
        return
    with _lock(path):
        present = revision(path)
        if present == HEAD:
            return
        if present is not None:
            if present not in known():
                raise StoreError(
                    f"{path} was written by a newer version of this program (schema {present}): "
                    "install that version again, or set ASSISTANT_HOME elsewhere"
                )
            backups.before(path, HEAD)
        migrate(path, HEAD)
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")  # here, where no other process is in the way of the switch


def known() -> list[str]:
    """Return the revisions that this program knows, oldest first."""
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory(str(locations.migrations())).walk_revisions()
    return [script.revision for script in scripts][::-1]


def losses(path: Path, target: str) -> list[str]:
    """Return what a database loses on its way back to an older schema, in words, newest first; empty for nothing."""
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory(str(locations.migrations())).walk_revisions(head=revision(path) or "base")
    return [str(script.module.loses) for script in takewhile(lambda script: script.revision != target, scripts)]


def migrate(path: Path, target: str) -> None:
    """Run the migrations that lead from the database's revision to `target`, up or down.

    Raises:
        StoreError: one of them fails; the database is as before.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError
    from sqlalchemy.exc import DBAPIError, SQLAlchemyError

    config = Config()
    config.set_main_option("script_location", str(locations.migrations()).replace("%", "%%"))
    config.attributes["database"] = path.absolute()
    present = revision(path)
    order = [None, *known()]
    try:
        if present in order and order.index(present) > order.index(None if target == "base" else target):
            command.downgrade(config, target)
        else:
            command.upgrade(config, target)
    except (SQLAlchemyError, CommandError, sqlite3.Error) as error:
        cause = (error.orig or error) if isinstance(error, DBAPIError) else error
        if isinstance(cause, sqlite3.Error) and outside(cause):
            raise failure(path, cause) from error
        raise StoreError(
            f"{path} could not be brought to schema {target} ({cause}) and is as before: please report this"
        ) from error


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    """Let one process at a time change the schema."""
    try:
        file = os.open(path.with_name(f".{path.name}.lock"), os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        raise StoreError(f"cannot write into {path.parent} ({error.strerror}): set ASSISTANT_HOME elsewhere") from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        os.close(file)
