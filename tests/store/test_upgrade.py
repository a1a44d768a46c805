"""Upgrades, by a second migration that exists in these tests alone."""

from __future__ import annotations

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
SECOND = """
from alembic import op
import sqlalchemy as sa

revision = "0002"
down_revision = "0001"

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
    (folder / "versions" / "0002_second.py").write_text(SECOND.format(statement=statement))
    monkeypatch.setattr(locations, "migrations", lambda: folder)
    monkeypatch.setattr(schema, "HEAD", "0002")


def tables(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def test_an_older_database_is_copied_and_upgraded(old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program_of_tomorrow(monkeypatch, tmp_path, "UPDATE user SET name = 'upgraded'")
    with Store.open(old) as store:
        assert store.database.revision() == "0002"
        assert [user.name for user in store.users.list()] == ["upgraded"]
        assert store.database.check() == []
    copy = old.with_name("a.db.before-0002.bak")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert schema.revision(copy) == "0001"
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT name FROM user").fetchall() == [("ann",)]


def test_a_failing_upgrade_changes_nothing(old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as tomorrow:
        program_of_tomorrow(tomorrow, tmp_path, "UPDATE nowhere SET x = 1")
        with pytest.raises(StoreError, match=r"could not be brought to schema 0002 .*nowhere.* is as before"):
            Store.open(old)
    assert "added" not in tables(old)
    with Store.open(old) as store:
        assert store.database.revision() == "0001"
        assert store.users.require("ann").name == "ann"
