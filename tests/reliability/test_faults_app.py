"""The app when the database cannot be written or read: one line says so, nothing is lost, and it goes on."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests import fake
from tests.reliability.disks import Full, small_disk
from tests.tui.screen import Screen, opened

LONG = "word " * 3000
"""More than a full database has room for in its last page."""


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for a lock for a moment, not for seconds."""
    from assistant.store import database

    pragmas = tuple(each for each in database._PRAGMAS if "busy_timeout" not in each)
    monkeypatch.setattr(database, "_PRAGMAS", ("PRAGMA busy_timeout = 700", *pragmas))


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Have another program keep everybody from writing."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


async def said(screen: Screen, words: str) -> None:
    await screen.until(lambda: any(words in text for text in screen.shown))


async def test_a_message_that_a_full_disk_refuses_stays_in_the_field(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    full = Full(chat.workspace.store)
    async with opened(chat) as screen:
        await screen.say("first")
        await screen.answered()
        full.on = True
        await screen.say(LONG)
        await said(screen, "the disk is full, nothing can be written")
        assert screen.prompt.text == LONG
        assert sum("the disk is full" in text for text in screen.shown) == 1
        full.on = False
        await screen.press("enter")
        await screen.until(lambda: len(chat.messages()) == 4 and not screen.app.writing)
        assert [each.content for each in chat.messages() if each.role == "user"] == ["first", LONG]


async def test_a_disk_that_fills_while_a_reply_is_written_costs_nothing_of_it(tmp_path: Path) -> None:
    engine = fake.FakeEngine(f"one {'x' * 20000} three", gate=True)
    chat = fake.chat(tmp_path, engine)
    full = Full(chat.workspace.store)
    async with opened(chat) as screen:
        await screen.say("count")
        engine.let(1)
        await screen.until(lambda: chat.messages()[-1].content == "one")
        await screen.type("typed meanwhile")
        full.on = True
        engine.let(2)
        await said(screen, "the disk is full, nothing can be written")
        await screen.answered()
        assert screen.prompt.text == "typed meanwhile"
        assert screen.replies[0].startswith("one xxx")
        assert "failed" in screen.shown[1]
        full.on = False
        engine.let(9)
        await screen.press("enter")
        await screen.answered(2)
        stored = chat.messages()
        assert [each.status for each in stored] == ["complete", "failed", "complete", "complete"]
        assert stored[1].content.startswith("one xxx")


@pytest.mark.parametrize("line", ["hello?", "/more formal", "/good", "/retry", "/voice save mine"])
async def test_a_locked_database_is_waited_for_and_then_said(tmp_path: Path, line: str) -> None:
    chat = fake.chat(tmp_path)
    async with opened(chat) as screen:
        await screen.say("first")
        await screen.answered()
        with locked(tmp_path / "a.db"):
            await screen.say(line)
            await said(screen, "is in use by another program: close it and try again")
        assert screen.app.is_running
        assert chat.profile == chat.workspace.neutral
        if not line.startswith("/"):
            assert screen.prompt.text == line
        await screen.say(line)
        await screen.answered_any()
        questions = [each.content for each in chat.messages() if each.role == "user"]
        assert questions == (["first"] if line.startswith("/") else ["first", line])
        assert chat.workspace.store.database.check() == []


async def test_one_types_on_while_the_database_is_waited_for(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    async with opened(chat) as screen:
        with locked(tmp_path / "a.db"):
            screen.prompt.text = "hello?"
            pressing = asyncio.create_task(screen.press("enter"))  # which ends when all that follows from it is done
            await screen.until(lambda: "waiting for the database" in str(screen.prompt.border_subtitle))
            screen.prompt.insert("typed since")
            await said(screen, "is in use by another program")
            assert screen.prompt.text == "hello?\ntyped since"
            await pressing


async def test_a_lock_between_question_and_reply_does_not_ask_twice(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    add = chat.workspace.store.conversations.add
    async with opened(chat) as screen:
        other = sqlite3.connect(tmp_path / "a.db", isolation_level=None, check_same_thread=False)

        def add_and_lock(*arguments: object, **named: object) -> object:
            made = add(*arguments, **named)  # type: ignore[arg-type]
            other.execute("BEGIN IMMEDIATE")
            return made

        chat.workspace.store.conversations.add = add_and_lock  # type: ignore[method-assign, assignment]
        await screen.say("once")
        await said(screen, "is in use by another program")
        other.execute("ROLLBACK")
        other.close()
        chat.workspace.store.conversations.add = add  # type: ignore[method-assign]
        assert screen.prompt.text == "once"
        await screen.press("enter")
        await screen.answered()
        assert [each.content for each in chat.messages()] == ["once", "Hello to you too."]


async def test_a_database_that_gets_damaged_does_not_close_the_app(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    async with opened(chat) as screen:
        await screen.say("first")
        await screen.answered()
        with chat.workspace.store.database.transaction() as session:
            connection = session.connection()
            connection.exec_driver_sql("UPDATE profile_revision SET after = '{broken'")
        await screen.say("second")
        await said(screen, "is damaged or not a database")
        assert screen.prompt.text == "second"
        for key in ("f3", "ctrl+r", "ctrl+g", "f2", "ctrl+o", "escape", "ctrl+t"):
            await screen.press(key)
        await screen.say("/more formal")
        await screen.say("/sessions")
        await screen.pilot.pause()
        assert screen.app.is_running


async def test_the_disk_itself_fills_and_has_room_again(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        chat = fake.chat(disk.folder)
        async with opened(chat) as screen:
            await screen.say("first")
            await screen.answered()
            disk.fill()
            await screen.say(LONG)
            await said(screen, "the disk is full, nothing can be written")
            assert screen.prompt.text == LONG
            disk.clear()
            await screen.press("enter")
            await screen.until(lambda: len(chat.messages()) == 4 and not screen.app.writing)
            assert chat.messages()[2].content == LONG
        assert chat.workspace.store.database.check() == []
        chat.workspace.close()
