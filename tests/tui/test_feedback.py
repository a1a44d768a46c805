"""Thumbs, reasons, comparisons and locks, by key and on the screen."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from assistant.chat import commands
from assistant.chat.session import Chat
from assistant.preference import Learner
from assistant.style import Profile
from assistant.tui.pair import Pair
from assistant.tui.profile_row import AttributeRow
from assistant.tui.reply import Reply
from tests import fake
from tests.chat.taught import dying
from tests.tui.screen import opened


async def test_thumbs_by_key(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    async with opened(chat) as screen:
        await screen.press("f3")
        assert "no reply" in screen.shown[-1]
        await screen.say("hi")
        await screen.answered()
        await screen.press("f4")
        await screen.until(lambda: "Hello to you too.|👎" in screen.shown)
        await screen.press("f3")
        await screen.until(lambda: "Hello to you too.|👍" in screen.shown)
        await screen.until(lambda: screen.shown[-1].startswith("Thumbs up"))
    assert [thumb.value for thumb in chat.workspace.store.feedback.list(chat.user.id)] == [-1, 1]


async def test_a_thumb_down_moves_the_voice_and_asks_why(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path, fake.FakeEngine("formal formal formal words"))
    async with opened(chat) as screen:
        await screen.say("hi")
        await screen.answered()
        await screen.press("f4")
        await screen.until(lambda: "F5 too formal" in screen.drawn)
        assert screen.shown[-1].startswith("Thumbs down")
        await screen.type("I type on")
        await screen.press("f5")
        await screen.until(lambda: screen.shown[-1].startswith("Too formal, should be more casual"))
        assert screen.prompt.text == "I type on"
        assert "F5" not in screen.drawn
        row = screen.app.query_one("#row-formality", AttributeRow)
        await screen.until(lambda: row.alpha == chat.profile.alpha["formality"] < 0.5)


async def test_what_was_not_learned_before_a_kill_is_learned_and_told(tmp_path: Path) -> None:
    commands.run(dying(tmp_path), "/bad too formal")
    chat = fake.chat(tmp_path)
    async with opened(chat) as screen:
        await screen.until(lambda: "From last time: Too formal, should be more casual" in screen.shown[-1])
        row = screen.app.query_one("#row-formality", AttributeRow)
        await screen.until(lambda: row.alpha == chat.profile.alpha["formality"] < 0.5)


async def test_a_question_may_be_left_unanswered(tmp_path: Path) -> None:
    async with opened(fake.chat(tmp_path)) as screen:
        await screen.say("hi")
        await screen.answered()
        for leave in ("escape", "enter"):
            await screen.press("f4")
            await screen.until(lambda: "What was wrong?" in screen.drawn)
            await screen.type("no matter")
            await screen.press(leave)
            await screen.until(lambda: "What was wrong?" not in screen.drawn)
            await screen.press("f4")  # taken back
        await screen.answered(2)
        await screen.press("f5")


async def test_two_replies_are_compared_and_one_is_picked(tmp_path: Path) -> None:
    engine = fake.FakeEngine("the same words")
    chat = fake.chat(tmp_path, engine)
    async with opened(chat) as screen:
        await screen.say("/compare")
        assert screen.shown[-1] == "There is no reply to judge yet"
        await screen.say("/compare what now?")
        await screen.answered(2)
        await screen.until(lambda: "Which do you like better?" in screen.drawn)
        first, second = (Profile.from_dict(each.profile or {}) for each in chat.forks()[0].messages)
        assert first == chat.workspace.neutral != second
        await screen.press("f6")
        await screen.until(lambda: screen.shown[-1].startswith("Picked"))
        assert [each.superseded for each in chat.forks()[0].messages] == [True, False]
        assert "set aside" in screen.shown[2]
        await screen.say("go on")
        await screen.answered(3)
        assert [each["content"] for each in engine.asked[-1]] == ["what now?", "the same words", "go on"]
        await screen.say("/compare")
        await screen.answered(4)
        await screen.press("f5")
        await screen.until(lambda: screen.shown[-1].startswith("Picked"))


async def test_a_comparison_is_a_pair_again_when_the_conversation_is_resumed(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path, fake.FakeEngine("the same words"))
    _, turns = chat.compare("what now?")
    for begin in turns:
        list(begin().stream())
    list(chat.ask("go on").stream())
    again = fake.chat(tmp_path, fake.FakeEngine("other words"))
    again.resume()

    def kinds() -> list[str]:
        found = reversed(again.workspace.store.learning.list(again.user.id))
        return [each.kind for each in found if each.kind != "silence"]

    async with opened(again) as screen:
        pair = screen.app.query_one(Pair)
        first, second = pair.query(Reply)
        assert (first.entry.aside, second.entry.aside) == (False, True)
        assert first.region.y == second.region.y
        screen.app.action_pick(second.message_id)
        await screen.until(lambda: kinds() == ["pick"])
        await screen.until(lambda: [each.entry.aside for each in screen.app.query(Reply)] == [True, False])
        assert [each.content for each in again.messages()] == ["what now?", "the same words"]
        screen.app.action_pick(first.message_id)
        await screen.until(lambda: kinds() == ["pick", "retraction", "pick"])  # the last of two choices counts
        await screen.until(lambda: [each.entry.aside for each in screen.app.query(Reply)] == [False, True, False])
        assert len(again.messages()) == 4


async def test_a_locked_attribute_is_marked(tmp_path: Path) -> None:
    async with opened(fake.chat(tmp_path)) as screen:
        await screen.say("/lock formality")
        await screen.until(lambda: "formality (locked)" in screen.drawn)
        await screen.say("/unlock formality")
        await screen.until(lambda: "(locked)" not in screen.drawn)


def slow(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Have the learner come up to date only once the event is set."""
    ready, learner = threading.Event(), chat.learning.learner

    def late(user_id: int) -> Learner:
        assert ready.wait(fake.DEADLINE)
        return learner(user_id)

    monkeypatch.setattr(chat.learning, "learner", late)
    monkeypatch.setattr(chat.learning, "lock", lambda *_: ready.wait(fake.DEADLINE))
    return ready


async def test_the_field_is_free_while_the_learner_comes_up_to_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = fake.chat(tmp_path)
    ready = slow(chat, monkeypatch)
    async with opened(chat) as screen:
        await screen.say("/compare what now?")
        await screen.until(lambda: "finding the other voice" in str(screen.prompt.border_subtitle))
        assert screen.app.writing
        await screen.say("more")
        assert "still writing" in str(screen.prompt.border_subtitle)
        assert screen.prompt.text == "more"
        screen.prompt.clear()
        await screen.say("/lock formality")
        ready.set()
        await screen.answered(2)
        await screen.until(lambda: "Which do you like better?" in screen.drawn)
        await screen.until(lambda: any("Formality is locked" in line for line in screen.shown))
        assert [len(each.messages) for each in chat.forks()] == [2]


async def test_a_comparison_can_be_stopped_before_its_second_voice_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = fake.chat(tmp_path)
    ready = slow(chat, monkeypatch)
    async with opened(chat) as screen:
        await screen.say("/compare what now?")
        await screen.until(lambda: "finding the other voice" in str(screen.prompt.border_subtitle))
        await screen.press("escape")
        assert not screen.app.writing
        ready.set()
        await screen.until(lambda: "pick 1" not in screen.drawn)
        assert chat.forks() == []


async def test_a_second_voice_that_cannot_be_found_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chat = fake.chat(tmp_path)

    def fails(user_id: int) -> Learner:
        raise ValueError("no such luck")

    async with opened(chat) as screen:
        await screen.say("hi")
        await screen.answered()
        monkeypatch.setattr(chat.learning, "learner", fails)
        await screen.say("/compare")
        await screen.until(lambda: "failed unexpectedly (ValueError)" in screen.shown[-1])
        assert not screen.app.writing
        await screen.say("on")
        await screen.answered(2)
