"""Every schema that was ever released comes to the newest one with its data, and back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory

from assistant import locations
from assistant.chat import commands
from assistant.store import Store, StoreError, StoreInputError, backups, restoring, schema
from assistant.store.trouble import backups as listed
from tests import fake
from tests.store import fixtures

RELEASED = fixtures.revisions()
OLDER = [each for each in RELEASED if each != schema.HEAD]
Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture(params=RELEASED)
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return fixtures.load(request.param, tmp_path / "a.db")


def rows(path: Path) -> Rows:
    """Return all rows of all tables of a database, by the names of their columns."""
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        names = [
            row["name"]
            for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if not row["name"].startswith("message_search") and row["name"] != "alembic_version"
        ]
        return {
            name: [dict(row) for row in connection.execute(f'SELECT * FROM "{name}" ORDER BY id')] for name in names
        }


def lost(before: Rows, after: Rows) -> Iterator[tuple[str, int, str]]:
    """Yield table, row and column of every value of `before` that `after` does not have."""
    for table, old_rows in before.items():
        found = {row["id"]: row for row in after.get(table, [])}
        for row in old_rows:
            for column, value in row.items():
                if found.get(row["id"], {}).get(column, ...) != value:
                    yield table, row["id"], column


def test_there_is_a_database_of_every_schema_and_every_schema_says_what_going_back_loses() -> None:
    assert schema.known() == RELEASED
    for script in ScriptDirectory(str(locations.migrations())).walk_revisions():
        assert isinstance(script.module.loses, str), script.revision


def test_the_databases_hold_data_in_every_table(tmp_path: Path) -> None:
    for revision in RELEASED:
        assert [name for name, found in rows(fixtures.load(revision, tmp_path / revision)).items() if not found] == []


def test_an_old_database_comes_to_the_newest_schema_with_all_its_data(old: Path, tmp_path: Path) -> None:
    before, revision = rows(old), schema.revision(old)
    with Store.open(old) as store:
        assert store.database.revision() == schema.HEAD
        assert store.database.check() == []
        ann = store.users.require("ann")
        assert [hit.message.content for hit in store.search(ann.id, "bananas")] == ["Where do bananas grow?"]
        path = store.branches.path(1)
        assert [each.content for each in path if each.role == "user"][:2] == ["Where do bananas grow?", "And figs?"]
        assert [each.number for each in store.profiles.history(ann.id)] == [6, 5, 4, 3, 2, 1]
    linked = {("message", each, "parent_id") for each in (3, 6)}  # questions follow the reply before them since 0003
    assert set(lost(before, rows(old))) - linked == set()
    copies = listed(old)
    assert [schema.revision(each) for each in copies] == ([] if revision == schema.HEAD else [revision])
    for each in copies:
        assert rows(each) == before


def test_one_chats_and_learns_on_from_an_old_database(old: Path) -> None:
    with closing(sqlite3.connect(old)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    chat = fake.chat(old.parent)
    assert chat.resume()
    list(chat.ask("And on?").stream())
    assert "Formality" in commands.run(chat, "/more formal").text
    outcome = commands.run(chat, "/good")
    assert outcome.later is not None
    assert outcome.later.result(fake.DEADLINE).level != "error"
    assert chat.workspace.store.database.check() == []


@pytest.mark.parametrize("target", OLDER)
def test_going_up_and_back_gives_the_old_database_again(tmp_path: Path, target: str) -> None:
    path = fixtures.load(target, tmp_path / "a.db")
    before = rows(path)
    Store.open(path).close()
    copy = restoring.downgrade(path, target)
    assert schema.revision(copy) == schema.HEAD
    assert schema.revision(path) == target
    assert rows(path) == before


@pytest.mark.parametrize("target", OLDER)
def test_going_back_loses_what_it_says_and_nothing_else(tmp_path: Path, target: str) -> None:
    path = fixtures.load(RELEASED[-1], tmp_path / "a.db")
    Store.open(path).close()
    before = rows(path)
    told = schema.losses(path, target)
    assert len(told) == len(schema.known()) - schema.known().index(target) - 1
    restoring.downgrade(path, target)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    assert (b"to be deleted" in path.read_bytes()) == (target >= "0003"), "older schemas know no deleted conversations"
    after = rows(path)
    kept = {table: [row for row in found if table in after] for table, found in before.items()}
    columns = {table: set(found[0]) for table, found in after.items() if found}
    gone = {
        (table, column)
        for table, _, column in lost(kept, after)
        if table in after and column in columns[table] and (table, "id") not in {(table, column)}
    }
    assert gone - {("message", "parent_id"), ("message", "superseded"), ("profile_revision", "kind")} <= {
        (table, column)
        for table, ids in {"conversation": {3}, "message": {11, 12}}.items()
        for column in columns[table]
        if {row["id"] for row in before[table]} - {row["id"] for row in after[table]} == ids
    }


def test_a_newer_schema_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = fixtures.load(RELEASED[-1], tmp_path / "a.db")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"was written by a newer version of this program \(schema 9999\)"):
        Store.open(path)
    with pytest.raises(StoreError, match="newer version"), restoring.staged(path, tmp_path / "other.db"):
        pass
    with pytest.raises(StoreInputError, match="older ones are: none"):
        restoring.downgrade(path, "0001")
    assert path.read_bytes() == before
    assert not (tmp_path / "other.db").exists()


@pytest.mark.slow
def test_the_oldest_copies_from_before_upgrades_go_and_a_persons_own_stay(tmp_path: Path) -> None:
    path = fixtures.load(OLDER[0], tmp_path / "a.db")
    own = backups.unused(path, "")
    backups.copy(path, own)
    for _ in range(backups.KEPT + 2):
        Store.open(path).close()
        restoring.downgrade(path, OLDER[0])
    automatic = [each for each in listed(path) if ".before-" in each.name]
    assert len(automatic) == backups.KEPT
    assert own.exists()
    assert rows(automatic[0]) != rows(automatic[1])  # the newest two: of the newest schema, and of the old one
