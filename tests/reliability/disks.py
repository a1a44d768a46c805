"""Disks without room and other places where nothing can be written, for the tests of this package."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from assistant.store import Store


class Disk:
    """A file system of its own, of a few megabytes, in memory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filler = folder / "filler"

    def fill(self, spare: int = 0) -> None:
        """Leave no room but `spare` bytes."""
        with suppress(OSError), self._filler.open("ab", buffering=0) as file:
            while True:
                file.write(bytes(4096))
        os.truncate(self._filler, max(self._filler.stat().st_size - spare, 0))

    def clear(self) -> None:
        """Make room again."""
        self._filler.unlink()

    def read_only(self, only: bool = True) -> None:
        """Let nothing be written, or again."""
        subprocess.run(["mount", "-o", f"remount,{'ro' if only else 'rw'}", self.folder], check=True)


@contextmanager
def small_disk(folder: Path, megabytes: int = 3) -> Iterator[Disk]:
    """Mount a small disk; where that is not allowed, the test is skipped."""
    folder.mkdir()
    if shutil.which("mount") is None or os.geteuid() != 0:
        pytest.skip("only root may mount a small disk")
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", folder]
    mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {mounted.stderr.strip()}")
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


class Full:
    """A database that cannot grow: SQLite says that the disk is full, as it does on one that is."""

    def __init__(self, store: Store) -> None:
        self._engine: Any = store.database._engine
        self.on = False
        event.listen(self._engine, "checkout", self._limit)

    def _limit(self, connection: Any, *_: Any) -> None:
        pages = 2**30
        if self.on:
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")
