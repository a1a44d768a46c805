"""Changing a whole database: bringing a backup back, going back to an older schema.

Nothing is overwritten: what was there before lies beside the database afterwards.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from assistant.store import backups, schema
from assistant.store.database import Database
from assistant.store.errors import StoreError, StoreInputError
from assistant.store.presence import alone
from assistant.store.trouble import failure, faults, is_damage


@dataclass(frozen=True, slots=True)
class Content:
    """What a database holds, in numbers."""

    users: int
    conversations: int
    messages: int
    revisions: int

    def __str__(self) -> str:
        counted = (
            (self.users, "person", "people"),
            (self.conversations, "conversation", "conversations"),
            (self.messages, "message", "messages"),
            (self.revisions, "profile revision", "profile revisions"),
        )
        return ", ".join(f"{count} {one if count == 1 else many}" for count, one, many in counted)


@contextmanager
def staged(backup: Path, path: Path) -> Iterator[tuple[Path, Content]]:
    """Give a checked copy of a backup at the newest schema, beside the database that it may replace, and its content.

    Raises:
        StoreInputError: there is no such file, or it is damaged or no database of ours.
        StoreError: it is from a newer program, or cannot be copied.
    """
    if not backup.is_file():
        raise StoreInputError(f"there is no backup {backup}")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{path.name}.restoring-", dir=path.parent))
    try:
        copy = folder / path.name
        _taken(backup, copy)
        wrong = faults(copy)
        if not wrong:
            database = Database.open(copy)
            try:
                wrong = database.check()
            finally:
                database.close()
        if wrong:
            more = f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""
            raise StoreInputError(f"the backup {backup} is damaged itself ({wrong[0]}{more}): name another one")
        yield copy, content(copy)
    except OSError as error:
        raise StoreError(f"cannot write into {path.parent} ({error.strerror}): nothing is changed") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _taken(backup: Path, copy: Path) -> None:
    """Copy a backup if it is one."""
    try:
        backups.copy(backup, copy)
    except StoreError as error:
        if error.__cause__ is not None and is_damage(error.__cause__):
            raise StoreInputError(f"{backup} is damaged or no backup at all: name another file") from error
        raise
    if schema.revision(copy) is None:
        raise StoreInputError(f"{backup} is empty: name another file")


def content(path: Path) -> Content:
    """Return what a database holds.

    Raises:
        StoreError: it cannot be read.
    """
    try:
        with closing(sqlite3.connect(path)) as connection:
            tables = ("user", "conversation", "message", "profile_revision")
            return Content(*(connection.execute(f"SELECT count(*) FROM {each}").fetchone()[0] for each in tables))
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise failure(path, error) from error


def replace(path: Path, copy: Path) -> Path | None:
    """Put a staged copy in the place of a database; return where the one that was there is kept, None if none was.

    Raises:
        StoreError: somebody has the database open, or it cannot be moved; nothing is changed.
    """
    with alone(path):
        try:
            kept = _set_aside(path)
            os.replace(copy, path)
        except OSError as error:
            raise StoreError(f"cannot write into {path.parent} ({error.strerror}): nothing is changed") from error
    return kept


def downgrade(path: Path, target: str) -> Path:
    """Bring a database back to an older schema, for an older program; return the copy that was made before.

    Raises:
        StoreInputError: there is no such schema below the present one.
        StoreError: somebody has the database open, or it cannot be changed.
    """
    with alone(path):
        if target not in older(path):
            listed = ", ".join(older(path)) or "none"
            raise StoreInputError(f"{path} cannot go back to schema {target}; older ones are: {listed}")
        copy = backups.before(path, target)
        schema.migrate(path, target)
    return copy


def older(path: Path) -> list[str]:
    """Return the schemas below that of a database, oldest first."""
    known, present = schema.known(), schema.revision(path)
    return known[: known.index(present)] if present in known else []


def _set_aside(path: Path) -> Path | None:
    """Give the database that is there a second name, and leave no log that would be taken for the next one's."""
    if not path.exists() or path.stat().st_size == 0:
        return None
    wrong = faults(path)  # a sound one takes its log in: closing the last connection does that
    kept = backups.unused(path, "damaged-" if wrong else "before-restore-", "" if wrong else ".bak")
    try:
        os.link(path, kept)
    except OSError:  # a file system without links
        shutil.copyfile(path, kept)
        kept.chmod(0o600)
    log = Path(f"{path}-wal")
    if log.exists():
        os.rename(log, f"{kept}-wal")
    with suppress(FileNotFoundError):
        Path(f"{path}-shm").unlink()
    return kept
