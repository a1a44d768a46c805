"""Copies of a database that appear whole or not at all, also when the program is killed while it makes one."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_MARK = ".partial"
_ENDINGS = ("", "-journal", "-wal", "-shm")
"""Of the files that SQLite makes beside a database."""


@contextmanager
def whole(source: Path, target: Path) -> Iterator[Path]:
    """Give an empty file for a copy of `source`, readable by its owner alone; it becomes `target` at the end.

    What other copyings of the same database have left in that folder when they were killed goes first.

    Raises:
        OSError: the file cannot be made; or whatever is raised within, and then nothing is left of it.
    """
    sweep(source, target.parent)
    partial = target.with_name(f"{_beginning(source)}{target.name}{_MARK}")
    held = os.open(partial, os.O_CREAT | os.O_RDWR | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)  # for as long as this process lives, nobody sweeps it away
        yield partial
        os.replace(partial, target)
    except BaseException:
        with suppress(OSError):  # the failure itself is what to tell
            _remove(partial)
        raise
    finally:
        os.close(held)


def sweep(source: Path, folder: Path) -> None:
    """Remove from a folder the unfinished copies of a database whose makers were killed.

    Raises:
        OSError: the folder or such a file cannot be written.
    """
    for name in os.listdir(folder):
        stem, mark, ending = name.rpartition(_MARK)
        if mark and ending in _ENDINGS and name.startswith(_beginning(source)):
            partial = folder / f"{stem}{mark}"
            if not _in_work(partial):
                _remove(partial)


def _remove(partial: Path) -> None:
    for ending in _ENDINGS:
        Path(f"{partial}{ending}").unlink(missing_ok=True)


def _in_work(partial: Path) -> bool:
    """Return whether a living process makes the copy."""
    try:
        file = os.open(partial, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False


def _beginning(source: Path) -> str:
    """Return how the names of a database's unfinished copies begin."""
    return f".{source.name}-"
