"""Which processes are writing replies. Each holds the lock of a file for as long as it lives.

The system drops a lock with its process, however that ends, so a writer that was killed is known to be dead even when
another program has its process id by now.
"""

from __future__ import annotations

import fcntl
import os
import threading
from contextlib import suppress
from pathlib import Path

from assistant.store.errors import StoreError


class Writers:
    """The processes that write replies into one database, this one among them."""

    def __init__(self, database: Path) -> None:
        self._stem = database.parent / f".{database.name}.writer-"
        self._number: int | None = None
        self._held = -1
        self._lock = threading.Lock()

    @property
    def taken(self) -> int | None:
        """Number of this process, None if it has not written yet."""
        return self._number

    def take(self) -> int:
        """Return the number of this process: its id, or the next one that no writer holds.

        Raises:
            StoreError: the file of the lock cannot be made.
        """
        with self._lock:
            if self._number is None:
                self._sweep()
                number = os.getpid()
                while (held := _hold(self._file(number), create=True)) is None:
                    number += 1
                self._number, self._held = number, held
            return self._number

    def alive(self, number: int | None) -> bool:
        """Return whether another writer of that number lives."""
        if number is None or number == self._number:
            return False
        path = self._file(number)
        return path.exists() and not _remove_dead(path)

    def close(self) -> None:
        """Give this process's number back."""
        with self._lock:
            if self._number is not None:
                self._file(self._number).unlink(missing_ok=True)
                os.close(self._held)
                self._number, self._held = None, -1

    def _file(self, number: int) -> Path:
        return self._stem.with_name(f"{self._stem.name}{number}")

    def _sweep(self) -> None:
        """Remove what writers that were killed have left."""
        for path in self._stem.parent.iterdir():
            if path.name.startswith(self._stem.name):
                _remove_dead(path)


def _remove_dead(path: Path) -> bool:
    """Remove the file of a writer unless it lives; return whether it is dead."""
    held = _hold(path, create=False)
    if held is None:
        return not path.exists()
    with suppress(OSError):
        path.unlink()
    os.close(held)
    return True


def _hold(path: Path, create: bool) -> int | None:
    """Lock a file and return its descriptor, None where another one holds it or, unless it is created, it is missing.

    Raises:
        StoreError: it cannot be opened or locked.
    """
    flags = os.O_RDWR | os.O_CLOEXEC | (os.O_CREAT if create else 0)
    while True:
        try:
            file = os.open(path, flags, 0o600)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreError(f"cannot write {path} ({error.strerror}): set ASSISTANT_HOME elsewhere") from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return None
        except OSError as error:
            os.close(file)
            raise StoreError(f"cannot lock {path} ({error.strerror}): set ASSISTANT_HOME elsewhere") from error
        with suppress(FileNotFoundError):  # the lock counts on the file that others see, not on one removed meanwhile
            if os.path.samestat(os.stat(path), os.fstat(file)):
                return file
        os.close(file)
