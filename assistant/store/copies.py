"""Copies of the database that lie beside it, and what a deletion for good does about them.

Those that the program made by itself, before a migration, lose what is deleted, as the database does. Those that a
person made are theirs: they are named, and left as they are.
"""

from __future__ import annotations

import glob
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True)
class Gone:
    """A row that was deleted with all that belongs to it."""

    table: Literal["user", "conversation"]
    id: int
    created_at: str
    """As it is stored: with the id it tells the row from a later one of the same id."""


def scrub(database: Path, gone: Sequence[Gone]) -> list[Path]:
    """Take deleted rows out of the program's own copies; return the copies that hold some of them still."""
    for partial in _beside(database, f".{glob.escape(database.name)}-*.partial*"):
        partial.unlink(missing_ok=True)  # left by a copy that was killed, or overtaken by this deletion
    own = [copy for copy in _automatic(database) if _holds(copy, gone) and not _scrubbed(copy, gone)]
    others = set(_beside(database, f"{glob.escape(database.name)}.*")) - set(_automatic(database))
    return own + [copy for copy in sorted(others) if not copy.name.endswith(("-wal", "-shm")) and _holds(copy, gone)]


def _beside(database: Path, pattern: str) -> list[Path]:
    return sorted(path for path in database.parent.glob(pattern) if path.is_file())


def _automatic(database: Path) -> list[Path]:
    return _beside(database, f"{glob.escape(database.name)}.before-*.bak")


def _holds(copy: Path, gone: Iterable[Gone]) -> bool:
    """Return whether a copy has one of the rows; one that cannot be read may have it."""
    try:
        with closing(sqlite3.connect(f"{copy.absolute().as_uri()}?immutable=1", uri=True)) as connection:
            return any(
                connection.execute(f"SELECT 1 FROM {each.table} WHERE id = ? AND created_at = ?", found).fetchone()
                for each, found in _keys(gone)
            )
    except sqlite3.Error:
        return True


def _scrubbed(copy: Path, gone: Iterable[Gone]) -> bool:
    """Delete rows from a copy and write it anew without them; return whether that was possible."""
    try:
        with closing(sqlite3.connect(copy, timeout=5, isolation_level=None)) as connection:
            for pragma in ("foreign_keys = ON", "secure_delete = ON", "temp_store = MEMORY", "journal_mode = DELETE"):
                connection.execute(f"PRAGMA {pragma}")
            for each, found in _keys(gone):
                connection.execute(f"DELETE FROM {each.table} WHERE id = ? AND created_at = ?", found)
            for (index,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE sql LIKE '%USING fts5%'"
            ).fetchall():
                connection.execute(f"INSERT INTO {index} ({index}) VALUES ('optimize')")
            connection.execute("VACUUM")
    except sqlite3.Error:
        return False
    return True


def _keys(gone: Iterable[Gone]) -> Iterator[tuple[Gone, tuple[int, str]]]:
    return ((each, (each.id, each.created_at)) for each in gone)
