"""Upgrades, by a second migration that exists in these tests alone."""

from __future__ import annotations

import json
import shutil
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from assistant import locations
from assistant.store import Store, StoreError, schema
from assistant.style import Profile

NEUTRAL = Profile.neutral(("formality",))
HEAD = schema.HEAD
SECOND = """
from alembic import op
import sqlalchemy as sa

revision = "9999"
down_revision = {head!r}

def upgrade():
    op.create_table("added", sa.Column("id", sa.Integer, primary_key=True))
    op.execute({statement!r})

def downgrade():
    op.drop_table("added")
"""


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "a.db"
    with Store.open(path) as store:
        store.users.add("ann", NEUTRAL)
    return path


def program_of_tomorrow(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, statement: str) -> None:
    folder = tmp_path / "migrations"
    shutil.copytree(locations.migrations(), folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / "9999_tomorrow.py").write_text(SECOND.format(statement=statement, head=HEAD))
    monkeypatch.setattr(locations, "migrations", lambda: folder)
    monkeypatch.setattr(schema, "HEAD", "9999")


def tables(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def test_an_older_database_is_copied_and_upgraded(old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program_of_tomorrow(monkeypatch, tmp_path, "UPDATE user SET name = 'upgraded'")
    with Store.open(old) as store:
        assert store.database.revision() == "9999"
        assert [user.name for user in store.users.list()] == ["upgraded"]
        assert store.database.check() == []
    copy = old.with_name("a.db.before-9999.bak")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert schema.revision(copy) == HEAD
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT name FROM user").fetchall() == [("ann",)]


def test_a_failing_upgrade_changes_nothing(old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as tomorrow:
        program_of_tomorrow(tomorrow, tmp_path, "UPDATE nowhere SET x = 1")
        with pytest.raises(StoreError, match=r"could not be brought to schema 9999 .*nowhere.* is as before"):
            Store.open(old)
    assert "added" not in tables(old)
    with Store.open(old) as store:
        assert store.database.revision() == HEAD
        assert store.users.require("ann").name == "ann"


def test_learning_comes_and_goes_with_every_row_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    schema.migrate(path, "0001")
    with closing(sqlite3.connect(path)) as connection:
        profile = f"'{json.dumps(NEUTRAL.as_dict())}'"
        connection.executescript(
            f"""INSERT INTO user VALUES (1, 'ann', 'ann', '2026-01-01');
            INSERT INTO profile_revision VALUES (1, 1, 1, 'create', 'x', NULL, {profile}, '2026-01-01');
            INSERT INTO conversation VALUES (1, 1, 't', 'm', '2026-01-01', '2026-01-01');
            INSERT INTO message VALUES (1, 1, NULL, 'assistant', 'hi', 'complete', NULL, 1, NULL, 'm', 1, NULL, 2, 0.5,
                '2026-01-01', '2026-01-01');
            INSERT INTO feedback VALUES (1, 1, 1, 1, 1, NULL, '2026-01-01', NULL);"""
        )
    before = rows(path)
    with Store.open(path) as store:
        assert store.learning.mode(1) == "on"
        assert [(each.scores, each.superseded) for each in store.conversations.messages(1)] == [(None, False)]
        assert store.database.check() == []
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(
                f"INSERT INTO profile_revision VALUES (2, 1, 2, 'learn', 'x', {profile}, {profile}, '2026-01-01')"
            )
            connection.commit()
    schema.migrate(path, "0001")
    after = rows(path)
    assert after.pop("profile_revision")[1][3] == "set"
    assert before.pop("profile_revision")
    assert after == before


def test_conversations_become_trees_that_can_be_searched_and_go_back(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    schema.migrate(path, "0002")
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            f"""INSERT INTO user VALUES (1, 'ann', 'ann', '2026-01-01', 'on');
            INSERT INTO profile_revision VALUES
                (1, 1, 1, 'create', 'x', NULL, '{json.dumps(NEUTRAL.as_dict())}', '2026-01-01');
            INSERT INTO conversation VALUES (1, 1, 't', 'm', '2026-01-01', '2026-01-01');"""
        )
        for key, parent, role, content, superseded in (
            (1, None, "user", "hi", 0),
            (2, 1, "assistant", "set aside", 1),
            (3, 1, "assistant", "hello banana", 0),
            (4, None, "user", "on", 0),
            (5, 4, "assistant", "and on", 0),
        ):
            connection.execute(
                "INSERT INTO message (id, conversation_id, parent_id, role, content, status, model, superseded, "
                "created_at, updated_at) VALUES (?, 1, ?, ?, ?, 'complete', 'm', ?, '2026-01-01', '2026-01-01')",
                (key, parent, role, content, superseded),
            )
        connection.commit()
    before = rows(path)
    with Store.open(path) as store:
        assert [each.id for each in store.branches.path(1)] == [1, 3, 4, 5]
        assert [each.parent_id for each in store.branches.path(1)] == [None, 1, 3, 4]
        assert [hit.message.id for hit in store.search(1, "banana")] == [3]
        assert store.database.check() == []
    schema.migrate(path, "0002")
    assert rows(path) == before
    with Store.open(path) as store:
        store.conversations.add(1, "assistant", "instead", parent_id=1)
        assert [each.content for each in store.branches.path(1)] == ["hi", "instead"]
    schema.migrate(path, "0002")
    assert [row for row in rows(path)["message"] if not row[-1]] == [
        row for row in rows(path)["message"] if row[0] in (1, 6)
    ]


def test_comparisons_come_and_go_with_every_row_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    schema.migrate(path, "0003")
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            """INSERT INTO user VALUES (1, 'ann', 'ann', '2026-01-01', 'on');
            INSERT INTO profile_revision VALUES (1, 1, 1, 'create', 'x', NULL,
                '{"alpha": {"formality": 0.5}, "lambda": {"formality": 1}, "strength": 1, "compose": "full"}',
                '2026-01-01');
            INSERT INTO conversation VALUES (1, 1, 't', 'm', '2026-01-01', '2026-01-01', 0, NULL);
            INSERT INTO message (id, conversation_id, parent_id, role, content, status, model, created_at, updated_at)
                VALUES (1, 1, NULL, 'user', 'hi', 'complete', '', '2026-01-01', '2026-01-01'),
                (2, 1, 1, 'assistant', 'hello banana', 'complete', 'm', '2026-01-01', '2026-01-01');"""
        )
    before = rows(path)
    with Store.open(path) as store:
        assert [each.rival_of for each in store.conversations.messages(1)] == [None, None]
        store.conversations.add(1, "assistant", "good day", parent_id=1, rival_of=2)
        assert [each.id for each in store.branches.path(1)] == [1, 2]
        assert [hit.message.id for hit in store.search(1, "banana")] == [2]
        assert store.database.check() == []
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("UPDATE message SET rival_of = 1 WHERE id = 3")
            connection.commit()
        assert store.database.check() == ["message 3 is compared with no sibling of it"]
    schema.migrate(path, "0003")
    assert rows(path)["message"][:2] == before["message"]
    with Store.open(path) as store:
        assert [(each.id, each.superseded) for each in store.branches.siblings(2)] == [(2, False), (3, True)]
        assert [hit.message.id for hit in store.search(1, "day")] == [3]


def rows(path: Path) -> dict[str, list[tuple[object, ...]]]:
    with closing(sqlite3.connect(path)) as connection:
        return {
            table: connection.execute(f"SELECT * FROM {table}").fetchall()
            for table in tables(path) - {"alembic_version"}
        }
