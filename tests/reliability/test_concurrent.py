"""Several chats on one database: of one person, of ten people, and with a clock that goes back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assistant.chat import commands
from assistant.chat.turn import Turn
from assistant.store import Store, WentOn, tables
from tests import fake
from tests.reliability.calling import Program
from tests.tui.screen import opened


def said(turn: Turn) -> str:
    return "".join(turn.stream())


def test_a_profile_changed_in_one_window_counts_in_the_other_from_the_next_turn(tmp_path: Path) -> None:
    here, there = fake.chat(tmp_path), fake.chat(tmp_path)
    said(here.ask("one"))
    commands.run(there, "/formality 0.9")
    said(here.ask("two"))
    assert here.profile.alpha["formality"] == 0.9
    assert here.messages()[-1].profile == there.profile.as_dict()


def test_changes_of_two_windows_are_neither_lost_nor_doubled(tmp_path: Path) -> None:
    here, there = fake.chat(tmp_path), fake.chat(tmp_path)
    assert commands.run(here, "/formality 0.6").text == "Formality 0.50 → 0.60."
    assert commands.run(there, "/formality +").text == "Formality 0.60 → 0.70."
    assert commands.run(here, "/formality +").text == "Formality 0.70 → 0.80."
    assert "0.80 → 0.70" in commands.run(there, "/undo").text
    store = here.workspace.store
    assert [each.number for each in store.profiles.history(here.user.id)] == [5, 4, 3, 2, 1]
    assert store.database.check() == []


def test_two_new_conversations_stay_apart(tmp_path: Path) -> None:
    here, there = fake.chat(tmp_path), fake.chat(tmp_path)
    turns = [here.ask("one"), there.ask("two")]
    streams = [turn.stream() for turn in turns]
    for _ in zip(*streams, strict=True):  # word by word, by turns
        pass
    assert [[each.content for each in chat.messages()] for chat in (here, there)] == [
        ["one", "Hello to you too."],
        ["two", "Hello to you too."],
    ]


def test_a_conversation_that_went_on_in_another_window_is_refused_until_it_was_read(tmp_path: Path) -> None:
    here = fake.chat(tmp_path)
    said(here.ask("one"))
    there = fake.chat(tmp_path)
    there.resume()
    said(there.ask("two"))
    with pytest.raises(WentOn, match="went on in another window"):
        here.ask("three")
    assert [each.content for each in here.messages()][::2] == ["one", "two"]
    here.look()
    said(here.ask("three"))
    assert [each.content for each in here.messages()][::2] == ["one", "two", "three"]
    assert here.workspace.store.database.check() == []


def test_branches_of_ones_own_are_nobody_elses(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    said(chat.ask("one"))
    said(chat.retry())
    commands.run(chat, "/sibling previous")
    said(chat.ask("two"))
    for begin in chat.compare("which?")[1]:
        said(begin())
    commands.run(chat, "/pick 2")
    said(chat.ask("three"))
    said(chat.edit(chat.messages()[0].id, "one, in other words"))
    said(chat.ask("four"))
    assert [each.content for each in chat.messages()][::2] == ["one, in other words", "four"]


async def test_the_app_shows_what_was_said_in_another_window_and_keeps_what_was_typed(tmp_path: Path) -> None:
    here = fake.chat(tmp_path)
    async with opened(here) as screen:
        await screen.say("one")
        await screen.answered()
        there = fake.chat(tmp_path)
        there.resume()
        said(there.ask("two"))
        await screen.say("three")
        await screen.until(lambda: any("went on in another window" in text for text in screen.shown))
        assert screen.shown[:4] == ["one", "Hello to you too.|", "two", "Hello to you too.|"]
        assert screen.prompt.text == "three"
        await screen.press("enter")
        await screen.answered(3)


def test_a_person_deleted_in_another_window_is_said(tmp_path: Path) -> None:
    here = fake.chat(tmp_path)
    fake.workspace(tmp_path).store.users.delete("ann")
    assert commands.run(here, "/formality 0.9").text == "This user was deleted meanwhile"
    assert commands.run(here, "/help").level != "error"


def test_a_clock_that_goes_back_changes_no_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chat = fake.chat(tmp_path)
    said(chat.ask("today"))
    commands.run(chat, "/formality 0.6")
    real = datetime.now(UTC)

    class Earlier(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return (real - timedelta(days=400)).astimezone(UTC if tz is not None else None)

    monkeypatch.setattr(tables, "datetime", Earlier)
    said(chat.ask("later, by a clock that is a year behind"))
    chat.new()
    said(chat.ask("another conversation"))
    commands.run(chat, "/formality 0.7")
    commands.run(chat, "/formality 0.8")
    monkeypatch.undo()
    store = chat.workspace.store
    again = fake.chat(tmp_path)
    assert again.resume()
    assert again.messages()[0].content == "another conversation"
    assert [each.title for each in again.sessions()] == ["another conversation", "today"]
    assert [each.number for each in store.profiles.history(chat.user.id)] == [4, 3, 2, 1]
    assert again.profile.alpha["formality"] == 0.8
    assert "0.80" in commands.run(again, "/as 1d ago").text
    assert "0.80 → 0.70" in commands.run(again, "/undo").text
    again.open("today")
    assert [each.content for each in again.messages()][::2] == ["today", "later, by a clock that is a year behind"]
    assert store.database.check() == []


@pytest.mark.parametrize("people", [["ann"] * 2, [f"person{number}" for number in range(10)]], ids=["two", "ten"])
def test_chats_at_once_lose_and_mix_nothing(tmp_path: Path, home: Path, people: list[str]) -> None:
    """Each process of the real program answers its messages and changes its profile; then the database is counted."""
    program = Program(home, tmp_path)
    running = []
    for number, name in enumerate(people):
        lines = "".join(f"chat {number} message {each}\n/formality 0.{number}{each + 1}\n" for each in range(4))
        process = program.start("--plain", "--new", "--user", name, ASSISTANT_TEST_WORDS="15")
        running.append((process, lines))
    for process, lines in running:
        assert process.stdin is not None
        process.stdin.write(lines)
        process.stdin.close()
        process.stdin = None
    for process, _ in running:
        out, err = process.communicate(timeout=200)
        assert (process.returncode, err) == (0, ""), out
        assert out.count("word14") == 4
    with Store.open() as store:
        assert store.database.check() == []
        for name in set(people):
            user = store.users.require(name)
            assert store.profiles.current(user.id).number == 1 + 4 * people.count(name)
            talks = store.conversations.list(user.id)
            assert len(talks) == people.count(name)
            for talk in talks:
                path = store.branches.path(talk.id)
                number = path[0].content.split()[1]
                assert [each.content for each in path[::2]] == [f"chat {number} message {each}" for each in range(4)]
                assert all(each.status == "complete" and each.content.count("word") == 15 for each in path[1::2])
