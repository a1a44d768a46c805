"""Who has a database open: so that no file is replaced under a chat that goes on writing to it."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assistant.store.errors import StoreError

_WAIT = 5.0
"""Seconds to wait for the one who replaces the file."""


def enter(path: Path) -> int:
    """Say that a database is about to be opened; the file descriptor that is returned says so until it is closed.

    Raises:
        StoreError: the file is just being replaced, or its folder cannot be written.
    """
    deadline = time.monotonic() + _WAIT
    file = _open(path)
    while not _locked(file, fcntl.LOCK_SH):
        if time.monotonic() > deadline:
            os.close(file)
            raise StoreError(f"the database {path} is just being restored or changed: try again in a moment")
        time.sleep(0.05)
    return file


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Keep everybody else from opening a database.

    Raises:
        StoreError: somebody has it open.
    """
    file = _open(path)
    try:
        if not _locked(file, fcntl.LOCK_EX):
            raise StoreError(f"the database {path} is open in a chat or another command: close it and try again")
        yield
    finally:
        os.close(file)


def _open(path: Path) -> int:
    path = path.resolve()  # a link to a database elsewhere is that database
    try:
        file = os.open(path.with_name(f".{path.name}.open"), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        os.fchmod(file, 0o600)
    except OSError as error:
        raise StoreError(f"cannot write into {path.parent} ({error.strerror}): set ASSISTANT_HOME elsewhere") from error
    return file


def _locked(file: int, kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
