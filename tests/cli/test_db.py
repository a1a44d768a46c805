from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from assistant.store import Store
from assistant.store.schema import HEAD
from tests.cli.conftest import Assistant


def test_upgrade_says_where_the_database_is_and_its_schema(assistant: Assistant, home: Path) -> None:
    assert assistant("db", "upgrade").out == f"{home / 'assistant.db'} is at schema {HEAD}.\n"


def test_backup_copies_to_a_new_file(assistant: Assistant, tmp_path: Path, home: Path) -> None:
    assistant("users", "add", "ann")
    copy = tmp_path / "copy.db"
    assert assistant("db", "backup", "--to", str(copy)).code == 0
    with Store.open(copy) as store:
        assert [user.name for user in store.users.list()] == ["ann"]
    assert assistant("db", "backup", "--to", str(copy)).code == 2
    assert assistant("db", "backup", "--to", str(tmp_path / "missing" / "copy.db")).code == 1
    assert assistant("db", "backup").code == 0
    assert len(list(home.glob("assistant.db.*.bak"))) == 1


def test_check_says_what_is_wrong_and_fails(assistant: Assistant, home: Path) -> None:
    assistant("users", "add", "ann")
    assert "is sound" in assistant("db", "check").out
    with closing(sqlite3.connect(home / "assistant.db")) as connection:
        connection.execute("UPDATE profile_revision SET number = 3")
        connection.commit()
    broken = assistant("db", "check")
    assert (broken.code, broken.out) == (1, "revision 3 of user 1 is out of order\n")


def test_a_file_that_is_no_database_is_one_line(assistant: Assistant, home: Path) -> None:
    home.mkdir(parents=True)
    (home / "assistant.db").write_bytes(b"something else entirely " * 100)
    for command in (("db", "check"), ("db", "backup"), ("users", "list"), ("profile", "show")):
        refused = assistant(*command)
        assert (refused.code, refused.out) == (1, "")
        assert refused.err.count("\n") == 1
        assert "not a database" in refused.err
