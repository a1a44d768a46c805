"""The database is kept by another program while the real model speaks."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from assistant.store import Store

PATIENCE = 240.0


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)


def test_a_lock_in_the_middle_of_a_reply_costs_no_word_of_it(home: Path) -> None:
    home.mkdir(mode=0o700)
    (home / "settings.toml").write_text("max_tokens = 100\n")
    process = subprocess.Popen(
        [sys.executable, "-m", "assistant", "--plain", "--user", "ann"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("Tell me a long story about a river and all that it sees on its way.\n")
    process.stdin.flush()
    database = home / "assistant.db"
    until(database.exists)

    def written() -> int:
        try:
            with closing(sqlite3.connect(database)) as connection:
                return int(
                    connection.execute("SELECT max(length(content)) FROM message WHERE id = 2").fetchone()[0] or 0
                )
        except sqlite3.OperationalError:  # the tables are still being made
            return 0

    until(lambda: written() > 10)
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        story = process.stdout.readline()
        line = process.stdout.readline()
        while "error: " not in line:
            story, line = story + line, process.stdout.readline()
        other.execute("ROLLBACK")
    assert line == f"error: the database {database} is in use by another program: close it and try again\n"
    _, err = process.communicate("/quit\n", timeout=PATIENCE)  # what could not be saved then is saved on leaving
    assert (process.returncode, err) == (0, "")
    with Store.open(database) as store:
        messages = store.branches.path(1)
        assert [each.status for each in messages] == ["complete", "failed"]
        assert messages[1].content.startswith(story.strip()[:10])
        assert len(messages[1].content) >= len(story.strip())
        assert store.database.check() == []
