"""Several connections, threads and processes on one file, and what happens to it when they fail."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from assistant.store import Store, StoreError, StoreInputError
from assistant.style import Profile

NEUTRAL = Profile.neutral(("formality", "sentiment"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store.open(path) as opened:
        yield opened


def python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)


def test_a_reader_waits_for_no_writer_and_sees_what_was_committed(store: Store, path: Path) -> None:
    store.users.add("ann", NEUTRAL)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("UPDATE user SET name = 'changed'")
        assert [user.name for user in store.users.list()] == ["ann"]
        assert store.users.ensure("ann", NEUTRAL).name == "ann"


def test_a_check_sees_one_moment(store: Store) -> None:
    store.users.add("ann", NEUTRAL)
    with store.database.reading() as session:
        before = session.connection().exec_driver_sql("SELECT count(*) FROM user").scalar()
        store.users.add("bob", NEUTRAL)
        assert session.connection().exec_driver_sql("SELECT count(*) FROM user").scalar() == before


def test_opening_twice_in_a_process_keeps_the_locks_of_the_first(store: Store, path: Path) -> None:
    store.users.add("ann", NEUTRAL)
    Store.open(path)
    read = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); "
        "print([r[0] for r in c.execute('SELECT name FROM user')]); c.close()"
    )
    assert python(read, str(path)).stdout.strip() == "['ann']"
    store.users.add("bob", NEUTRAL)
    assert python(read, str(path)).stdout.strip() == "['ann', 'bob']"


def test_a_kill_in_the_first_migration_leaves_nothing_behind(path: Path) -> None:
    code = """
import os, sys
from pathlib import Path
from alembic import op
from assistant.store import Store
create = op.create_table
op.create_table = lambda name, *columns: os._exit(9) if name == "message" else create(name, *columns)
Store.open(Path(sys.argv[1]))
"""
    assert python(code, str(path)).returncode == 9
    with Store.open(path) as store:
        assert store.users.ensure("ann", NEUTRAL).name == "ann"


@pytest.mark.parametrize("folder", ["what?mode=ro", "100%41", "hash#tag", "ünï cödé 🌱"])
def test_any_folder_name_will_do(tmp_path: Path, folder: str) -> None:
    with Store.open(tmp_path / folder / "a.db") as store:
        store.users.add("ann", NEUTRAL)
        assert (tmp_path / folder / "a.db").stat().st_size > 0
    assert [each.name for each in tmp_path.iterdir()] == [folder]


def test_deleted_text_is_in_no_file(store: Store, path: Path) -> None:
    user = store.users.add("ann", NEUTRAL)
    conversations = [store.conversations.create(user.id), store.conversations.create(user.id)]
    for conversation in conversations:
        store.conversations.add(conversation.id, "user", "confidential " * 900)

    def found() -> bool:
        return any(b"confidential" in file.read_bytes() for file in path.parent.iterdir() if file.is_file())

    assert found()
    store.conversations.purge(user.id, conversations[0].id)
    assert found()
    store.users.delete("ann")
    assert not found()


def test_what_belongs_to_nobody_is_refused(store: Store) -> None:
    with pytest.raises(StoreInputError, match="deleted meanwhile"):
        store.conversations.create(77)


def test_a_failing_transaction_leaves_no_trace(store: Store) -> None:
    user = store.users.add("ann", NEUTRAL)

    def write_and_fail() -> None:
        with store.database.transaction() as session:
            session.connection().exec_driver_sql("DELETE FROM user")
            raise KeyError("stop")

    with pytest.raises(KeyError):
        write_and_fail()
    assert store.users.require("ann").id == user.id


def test_read_only_places_are_said_plainly(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Store.open(path).close()
    monkeypatch.setattr("assistant.store.database.os.access", lambda *_: False)  # the tests may run as root
    with pytest.raises(StoreError, match="read-only: make it writable"):
        Store.open(path)


def test_a_folder_in_place_of_the_file_is_said_plainly(path: Path) -> None:
    path.mkdir()
    with pytest.raises(StoreError, match=r"a\.db"):
        Store.open(path)
    assert list(path.iterdir()) == []


def test_a_file_in_place_of_the_folder_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("x")
    with pytest.raises(StoreError, match="ASSISTANT_HOME"):
        Store.open(tmp_path / "home" / "a.db")


def test_a_truncated_database_is_said_plainly(path: Path) -> None:
    Store.open(path).close()
    path.write_bytes(path.read_bytes()[:6000])

    def use() -> list[str]:
        with Store.open(path) as store:
            return store.database.check()

    with pytest.raises(StoreError, match="damaged or not a database"):
        use()


def test_a_backup_that_cannot_be_written_leaves_nothing(store: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot write the copy"):
        store.database.backup(tmp_path / "missing" / "copy.db")
    assert not (tmp_path / "missing").exists()
