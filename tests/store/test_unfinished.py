"""Copies whose making was killed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from assistant.store import Store

KILLED = """
import os, sys, sqlite3
from pathlib import Path
from assistant.store import unfinished
with unfinished.whole(Path(sys.argv[1]), Path(sys.argv[2])) as partial:
    sqlite3.connect(partial).executescript("PRAGMA journal_mode = PERSIST; CREATE TABLE t (x)")
    print(flush=True)
    sys.stdin.read()
"""


def test_a_copy_in_the_making_is_left_alone_until_its_maker_is_killed(store: Store, tmp_path: Path) -> None:
    path, copy = store.database.path, tmp_path / "copies" / "copy.db"
    copy.parent.mkdir()
    command = [sys.executable, "-c", KILLED, str(path), str(copy)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        left = {each.name for each in copy.parent.iterdir()}
        assert left == {".a.db-copy.db.partial", ".a.db-copy.db.partial-journal"}
        store.database.backup(copy.with_name("other.db"))
        assert {each.name for each in copy.parent.iterdir()} == {*left, "other.db"}
        process.kill()
    store.database.backup(copy.with_name("third.db"))
    assert {each.name for each in copy.parent.iterdir()} == {"other.db", "third.db"}


def test_the_next_start_removes_what_a_killed_backup_left(store: Store) -> None:
    path = store.database.path
    left = path.with_name(f".{path.name}-x.bak.partial")
    left.write_bytes(b"half")
    Store.open(path).close()
    assert not left.exists()
