from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from sqlmodel import SQLModel

from assistant.store import Store, StoreError, StoreInputError, schema
from assistant.style import Profile

NEUTRAL = Profile.neutral(("formality", "sentiment"))


def test_the_migrations_make_exactly_the_tables(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    Store.open(path).close()
    with create_engine(f"sqlite:///{path}").connect() as connection:
        own = {"include_name": lambda name, kind, _: kind != "table" or not name.startswith("message_search")}
        assert compare_metadata(MigrationContext.configure(connection, opts=own), SQLModel.metadata) == []


def test_head_is_the_newest_migration() -> None:
    assert schema.known()[-1] == schema.HEAD


def test_down_and_up_again(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    Store.open(path).close()
    schema.migrate(path, "base")
    assert schema.revision(path) is None
    with Store.open(path) as store:
        assert store.users.ensure("ann", NEUTRAL).name == "ann"


def test_a_current_database_opens_without_alembic(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    Store.open(path).close()
    code = (
        "import sys; from pathlib import Path; from assistant.store import Store; "
        f"Store.open(Path({str(path)!r})).close(); assert 'alembic' not in sys.modules and 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.slow
def test_two_processes_may_open_a_new_database_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    code = (
        "from pathlib import Path; from assistant.store import Store; from assistant.style import Profile; "
        f"s = Store.open(Path({str(path)!r})); s.users.ensure('ann', Profile.neutral(('formality',)))"
    )
    running = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(4)]
    assert [process.wait() for process in running] == [0] * 4
    with Store.open(path) as store:
        assert len(store.users.list()) == 1
        assert store.database.check() == []


def test_a_newer_schema_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    Store.open(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    with pytest.raises(StoreError, match="newer version"):
        Store.open(path)
    assert schema.revision(path) == "9999"


@pytest.mark.parametrize(
    ("content", "says"), [(b"not a database at all " * 400, "damaged or not a database"), (None, "another program")]
)
def test_other_files_are_refused_and_left_alone(tmp_path: Path, content: bytes | None, says: str) -> None:
    path = tmp_path / "a.db"
    if content is None:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("CREATE TABLE theirs (x)")
            connection.commit()
    else:
        path.write_bytes(content)
    before = path.read_bytes()
    with pytest.raises(StoreError, match=says):
        Store.open(path)
    assert path.read_bytes() == before


def test_files_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "private"
    with Store.open(folder / "a.db") as store:
        store.users.ensure("ann", NEUTRAL)
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {
            path.name: 0o600 for path in folder.iterdir()
        }


def test_backup_copies_everything_and_overwrites_nothing(tmp_path: Path) -> None:
    with Store.open(tmp_path / "a.db") as store:
        store.users.ensure("ann", NEUTRAL)
        store.database.backup(tmp_path / "copy.db")
        with pytest.raises(StoreInputError, match="exists already"):
            store.database.backup(tmp_path / "copy.db")
    with Store.open(tmp_path / "copy.db") as copy:
        assert [user.name for user in copy.users.list()] == ["ann"]


def test_check_sees_a_broken_log(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with Store.open(path) as store:
        user = store.users.ensure("ann", NEUTRAL)
        store.profiles.change(user.id, lambda p: p.with_alpha({"formality": 1}), "set", "x")
        assert store.database.check() == []
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("UPDATE profile_revision SET number = 7 WHERE number = 2")
            connection.commit()
        assert store.database.check() == ["revision 7 of user 1 is out of order"]


def test_a_locked_database_is_said_plainly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.store.database._PRAGMAS", ("PRAGMA busy_timeout = 50",))
    path = tmp_path / "a.db"
    with Store.open(path) as store, closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError, match="in use by another program"):
            store.users.ensure("ann", NEUTRAL)
