"""What can still be read of a damaged database is taken over; the damaged file is kept."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from assistant.cli.app import run
from assistant.store import Store, StoreError, StoreInputError, rescuing
from tests.reliability import flips
from tests.store import fixtures


@pytest.fixture
def database(home: Path) -> Path:
    home.mkdir(mode=0o700)
    path = fixtures.load(fixtures.revisions()[-1], home / "assistant.db")
    with Store.open(path) as store:
        ann = store.users.require("Ann")
        for number in range(40):
            talk = store.conversations.create(ann.id)
            for turn in range(5):
                store.conversations.add(talk.id, "user", f"talk {number}, turn {turn}: {'word ' * 40}")
    return path


def page_of(path: Path, words: bytes) -> int:
    return path.read_bytes().index(words) // flips.PAGE


def test_all_but_a_broken_page_is_taken_over(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = bytearray(database.read_bytes())
    page = page_of(database, b"talk 20, turn 2")
    content[page * flips.PAGE : (page + 1) * flips.PAGE] = random.Random(1).randbytes(flips.PAGE)
    database.write_bytes(content)
    assert run(["db", "check"]) == 1
    assert (
        "`assistant db rescue` takes over what can still be read, and keeps the damaged file" in capsys.readouterr().err
    )
    assert run(["db", "rescue", "--yes"]) == 0
    kept = next(database.parent.glob("assistant.db.damaged-*"))
    assert kept.read_bytes() == bytes(content)
    with Store.open(database) as store:
        assert store.database.check() == []
        ann = store.users.require("Ann")
        texts = [
            each.content for talk in store.conversations.list(ann.id) for each in store.conversations.messages(talk.id)
        ]
        assert 150 < sum(text.startswith("talk") for text in texts) < 200
        assert store.profiles.current(ann.id).number == 6
        assert [hit.message.content for hit in store.search(ann.id, "bananas")] == ["Where do bananas grow?"]
    assert run(["db", "check"]) == 0


def test_lost_people_conversations_and_revisions_are_made_up_for(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("DELETE FROM user WHERE id = 2")
        connection.execute("DELETE FROM profile_revision WHERE number = 3")
        connection.execute("UPDATE profile_revision SET after = '{' WHERE number = 4")
        connection.execute("DELETE FROM evidence WHERE number = 2")
        connection.execute("DELETE FROM message WHERE id = 3")
        connection.execute("UPDATE message SET created_at = 'x', profile = '{' WHERE id = 5")
        connection.commit()
    with rescuing.staged(database) as (copy, content):
        assert (content.users, content.conversations) == (2, 43)
        database.write_bytes(copy.read_bytes())
    with Store.open(database) as store:
        assert store.database.check() == []
        assert [user.name for user in store.users.list()] == ["Ann", "rescued 2"]
        ann = store.users.require("Ann")
        assert [each.number for each in store.profiles.history(ann.id)] == [4, 3, 2, 1]


def test_a_pick_whose_other_reply_is_lost_is_not_taken_for_a_thumb(database: Path) -> None:
    query = "SELECT message_id, other_id, value FROM owed_lesson ORDER BY id"
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute(query).fetchall() == [(7, None, -1), (4, 5, 1)]
        connection.execute("DELETE FROM message WHERE id = 5")
        connection.commit()
    with rescuing.staged(database) as (copy, _), closing(sqlite3.connect(copy)) as connection:
        assert connection.execute(query).fetchall() == [(7, None, -1)]


def test_what_is_sound_or_no_database_is_not_rescued(database: Path) -> None:
    with pytest.raises(StoreInputError, match="is sound: there is nothing to rescue"), rescuing.staged(database):
        pass
    database.write_bytes(b"noise" * 5000)
    with pytest.raises(StoreError, match="nothing can be read"), rescuing.staged(database):
        pass
    assert [each.name for each in database.parent.iterdir() if "rescuing" in each.name] == []


@pytest.mark.parametrize("revision", fixtures.revisions())
def test_a_database_of_any_schema_is_rescued(home: Path, revision: str) -> None:
    home.mkdir()
    path = fixtures.load(revision, home / "assistant.db")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE profile_revision SET after = '{' WHERE number = 4")
        connection.commit()
    with rescuing.staged(path) as (_, content):
        assert content.users == 2
        assert content.revisions == 7


def test_any_damage_gives_a_sound_database_or_one_line(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sound, chance = database.read_bytes(), random.Random(4)
    rescued = 0
    for _ in range(25):
        for each in database.parent.iterdir():
            each.unlink()
        database.write_bytes(flips.damaged(sound, chance))
        code = run(["db", "rescue", "--yes"])
        said = capsys.readouterr()
        assert code in (0, 1, 2), said
        assert said.err.count("\n") == bool(code)
        if code == 0:
            rescued += 1
            with Store.open(database) as store:
                assert store.database.check() == []
    assert rescued > 5
