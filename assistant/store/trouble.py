"""What keeps a database from being used, in words: one line that says what happened and what to do."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from assistant.store.errors import StoreError

_DAMAGED = ("malformed", "not a database", "could not decode", "unsupported file format")
_SPARE = 64 * 1024
"""Bytes that must be free for the smallest write."""


class Unreadable(ValueError):
    """A value in the database is none that the program has written: a bit of the file was flipped."""


def backups(path: Path) -> list[Path]:
    """Return the backups that lie beside a database, the newest first."""
    try:
        found = [each for each in path.parent.glob(f"{path.name}.*.bak") if each.is_file()]
        return sorted(found, key=lambda each: (each.stat().st_mtime_ns, each.name), reverse=True)
    except OSError:  # a folder that cannot be read has none to offer; why it cannot is told by whoever opens it
        return []


def faults(path: Path, check: str = "integrity_check") -> list[str]:
    """Return what SQLite finds wrong with a file that nobody uses, in a few lines; nothing when it is sound."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            return [str(row[0]) for row in connection.execute(f"PRAGMA {check}(10)") if row[0] != "ok"]
    except (sqlite3.Error, UnicodeDecodeError) as error:
        return [str(error)]


def is_full(folder: Path) -> bool:
    """Return whether the disk of a folder has no room left."""
    with suppress(OSError):
        return shutil.disk_usage(folder).free < _SPARE
    return False


def is_damage(error: BaseException) -> bool:
    """Return whether an error means that the file's content is broken, not that it is out of reach."""
    code = getattr(error, "sqlite_errorcode", None)
    broken = code is not None and code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
    if broken or isinstance(error, Unreadable | UnicodeDecodeError):
        return True
    return any(words in str(error).lower() for words in _DAMAGED)


def outside(error: BaseException) -> bool:
    """Return whether what failed is none of the program's doing: the disk, a lock, permissions, damage."""
    words = ("locked", "readonly", "unable to open", "disk", "full")
    return is_damage(error) or any(each in str(error) for each in words)


def damaged(path: Path) -> str:
    """Return what to do about a damaged database: nothing of it is overwritten, whatever is done."""
    what = f"{path} is damaged or not a database"
    newest = next((each for each in backups(path) if not faults(each, "quick_check")), None)
    if newest is None:
        return (
            f"{what}, and there is no sound backup beside it: `assistant db rescue` takes over what can still be read, "
            "and keeps the damaged file"
        )
    return f"{what}: `assistant db restore {newest}` brings the newest sound backup back, and keeps the damaged file"


def explain(path: Path, error: BaseException) -> str:
    """Return one line that says what is wrong with the database and what to do."""
    if is_damage(error):
        return damaged(path)
    text = str(error)
    code = getattr(error, "sqlite_errorcode", 0) or 0
    if "locked" in text:
        return f"the database {path} is in use by another program: close it and try again"
    if code & 0xFF == sqlite3.SQLITE_FULL or "full" in text or ("disk" in text and is_full(path.parent)):
        return f"the disk is full, nothing can be written to the database {path}: free some space and try again"
    if "readonly" in text or "unable to open" in text:
        return (
            f"the database {path} cannot be opened for writing: check its permissions, or set ASSISTANT_HOME elsewhere"
        )
    if "disk" in text:
        return f"the database {path} cannot be read or written ({text}): check the disk that it is on"
    return f"the database {path} cannot be used: {text}"


def failure(path: Path, error: BaseException) -> StoreError:
    """Return the error to raise for one of SQLite's."""
    return StoreError(explain(path, error))
