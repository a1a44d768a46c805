"""Copies of a database: made while it is in use, whole or not at all, readable by their owner alone."""

from __future__ import annotations

import logging
import os
import shutil
import sqlite3
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from assistant.store import unfinished
from assistant.store.errors import StoreError
from assistant.store.trouble import backups, failure, is_damage

KEPT = 5
"""Copies from before changes of the schema that are kept; the oldest go when another one has been made."""
_WAIT = 5.0
"""Seconds to wait for a program that has locked the whole file."""
_log = logging.getLogger(__name__)


def unused(path: Path, what: str, ending: str = ".bak") -> Path:
    """Return the name for a new file beside a database, with the time in it."""
    stem = f"{path.name}.{what}{datetime.now():%Y%m%d-%H%M%S}"
    found, number = path.with_name(f"{stem}{ending}"), 1
    while os.path.lexists(found):
        number += 1
        found = path.with_name(f"{stem}-{number}{ending}")
    return found


def before(path: Path, target: str) -> Path:
    """Copy a database before its schema is changed and return the copy; the oldest of such copies go.

    Raises:
        StoreError: the copy cannot be made.
    """
    made = path.with_name(f"{path.name}.before-{target}.bak")
    if os.path.lexists(made):
        made = unused(path, f"before-{target}-")
    copy(path, made)
    earlier = [each for each in backups(path) if each.name.startswith(f"{path.name}.before-") and each != made]
    for old in earlier[KEPT - 1 :]:
        with suppress(OSError):  # a copy too many does no harm
            old.unlink()
            _log.warning("removed %s: there are %d newer copies from before upgrades", old, KEPT)
    return made


def copy(source: Path, target: Path) -> None:
    """Copy a database while it may be in use; the copy appears whole or not at all.

    Raises:
        StoreError: the source cannot be read, or the copy cannot be written.
    """
    try:
        with unfinished.whole(source, target) as partial:
            if not _copied(source, partial):
                _carried(source, partial)
    except (OSError, sqlite3.Error, UnicodeDecodeError) as error:
        if is_damage(error) or (isinstance(error, sqlite3.Error) and "locked" in str(error)):
            raise failure(source, error) from error
        reason = getattr(error, "strerror", None) or error
        raise StoreError(
            f"cannot write the copy {target} ({reason}): make room there, or choose a folder that can be written"
        ) from error


def _copied(source: Path, partial: Path) -> bool:
    """Copy page by page, as of one moment; return False where the source's folder has no room for SQLite to do so."""
    with closing(sqlite3.connect(source, timeout=_WAIT, isolation_level=None)) as ours:
        try:
            ours.execute("BEGIN")  # held, so that the copying itself never waits, which it would do without end
            ours.execute("SELECT count(*) FROM sqlite_master")
        except sqlite3.OperationalError as error:
            if is_damage(error) or "locked" in str(error):
                raise
            return False
        with closing(sqlite3.connect(partial)) as theirs:
            ours.backup(theirs)
    return True


def _carried(source: Path, partial: Path) -> None:
    """Copy the files themselves. Nobody writes to them: SQLite could open them if anybody had them open."""
    shutil.copyfile(source, partial)
    with suppress(FileNotFoundError):
        shutil.copyfile(f"{source}-wal", f"{partial}-wal")
    with closing(sqlite3.connect(partial)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")  # takes the log into the file
