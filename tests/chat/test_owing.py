"""What is not learned from yet, because the program ended before, is learned from at its next start."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path

import pytest

from assistant.chat import commands
from assistant.chat.learning import Learning
from assistant.chat.outcome import Outcome
from assistant.chat.session import Chat
from assistant.errors import AssistantError
from assistant.store import Message
from tests import fake
from tests.chat.taught import answer, dies, dying, kinds, rebuilt, run

pytestmark = pytest.mark.slow  # half a second each: two starts and what lies between


def again(folder: Path) -> tuple[Chat, Outcome | None]:
    """Start anew; return the chat and what it learns from last time."""
    chat = fake.chat(folder)
    overdue = chat.overdue()
    return chat, None if overdue is None else overdue.result(fake.DEADLINE)


def dying_after_a_pick(folder: Path) -> Chat:
    """Return a chat in which the second of two replies was picked just before its program ends."""
    chat = fake.chat(folder)
    answer(chat)
    for begin in commands.run(chat, "/compare").turns:
        list(begin().stream())
    dies(chat)
    commands.run(chat, "/pick 2")
    return chat


def test_a_thumb_is_learned_from_once_at_the_next_start(tmp_path: Path) -> None:
    commands.run(dying(tmp_path), "/bad too formal")
    chat, outcome = again(tmp_path)
    assert kinds(chat) == ["complaint"]
    assert outcome is not None
    assert outcome.text.startswith(
        "From last time: Too formal, should be more casual (formality was 0.95): formality 0.50"
    )
    assert chat.profile.alpha["formality"] < 0.5
    assert chat.revision.kind == "learn"
    assert rebuilt(chat)
    chat, outcome = again(tmp_path)
    assert outcome is None
    assert kinds(chat) == ["complaint"]


def test_nothing_is_owed_after_a_lesson(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    answer(chat)
    for line in ("/good", "/bad", "/bad too formal", "/bad", "/good", "/good"):
        run(chat, line)
    assert chat.workspace.store.owed.list(chat.user.id, chat.learning.bank) == []
    assert chat.overdue() is None


@pytest.mark.parametrize(
    ("lines", "learned"),
    [
        (["/good"], [("thumb", True)]),
        (["/bad", "/bad too formal"], [("thumb", False), ("reason", None)]),
        (["/good", "/bad"], [("thumb", False)]),
        (["/good", "/good"], []),
        (["/bad too formal", "/good"], [("thumb", True)]),
    ],
)
def test_what_was_said_last_counts(tmp_path: Path, lines: list[str], learned: list[tuple[str, bool | None]]) -> None:
    chat = dying(tmp_path)
    for line in lines:
        commands.run(chat, line)
    chat, _ = again(tmp_path)
    found = chat.workspace.store.learning.list(chat.user.id)
    assert [(each.kind, each.content.get("up")) for each in reversed(found)] == learned
    assert again(tmp_path)[1] is None


def test_a_thumb_that_was_taken_back_is_taken_back_at_the_next_start(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    answer(chat)
    run(chat, "/bad too formal")
    moved = chat.profile
    dies(chat)
    commands.run(chat, "/bad")
    chat, outcome = again(tmp_path)
    assert kinds(chat) == ["complaint", "retraction"]
    assert outcome is not None
    assert chat.profile != moved


def test_a_pick_is_learned_from_at_the_next_start(tmp_path: Path) -> None:
    dying_after_a_pick(tmp_path)
    chat, outcome = again(tmp_path)
    assert kinds(chat) == ["pick"]
    assert outcome is not None
    assert again(tmp_path)[1] is None


def test_two_windows_learn_it_once(tmp_path: Path) -> None:
    commands.run(dying(tmp_path), "/bad too formal")
    one, other = fake.chat(tmp_path), fake.chat(tmp_path)
    futures = [one.overdue(), other.overdue()]
    told = [each.result(fake.DEADLINE).text for each in futures if each is not None]
    assert sum(bool(text) for text in told) == 1
    assert kinds(one) == ["complaint"]


def test_a_thumb_in_one_window_is_not_learned_again_by_another(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    answer(chat)
    waiting: Future[Outcome] = Future()
    chat.later(lambda: waiting.result(fake.DEADLINE))  # what is learned waits behind this
    outcome = commands.run(chat, "/bad too formal")
    other, learned = again(tmp_path)
    assert learned is not None
    waiting.set_result(Outcome(""))
    assert outcome.later is not None
    assert outcome.later.result(fake.DEADLINE) == Outcome("")
    assert kinds(other) == ["complaint"]


def test_a_lesson_is_not_taken_for_a_later_one(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    first = answer(chat)
    waiting: Future[Outcome] = Future()
    chat.later(lambda: waiting.result(fake.DEADLINE))
    outcome = commands.run(chat, "/good")
    other, _ = again(tmp_path)
    other.resume()
    second = answer(other)
    held: Future[Outcome] = Future()
    other.later(lambda: held.result(fake.DEADLINE))
    later = commands.run(other, "/bad")
    waiting.set_result(Outcome(""))
    held.set_result(Outcome(""))
    for each in (outcome, later):
        assert each.later is not None
        each.later.result(fake.DEADLINE)
    log = other.workspace.store.learning
    assert [each.kind for each in log.on(other.user.id, first.id)] == ["thumb"]
    assert [each.content["up"] for each in log.on(other.user.id, second.id)] == [False]


def test_a_reply_that_is_being_written_here_is_not_taken_for_a_killed_one(tmp_path: Path) -> None:
    commands.run(dying(tmp_path), "/bad")
    engine = fake.FakeEngine("one two three", gate=True)
    chat = fake.chat(tmp_path, engine)
    waiting: Future[Outcome] = Future()
    chat.later(lambda: waiting.result(fake.DEADLINE))
    overdue = chat.overdue()
    turn = chat.ask("hello")
    pieces = turn.stream()
    engine.let(1)
    next(pieces)
    outcome = commands.run(chat, "/good")
    waiting.set_result(Outcome(""))
    assert overdue is not None
    assert overdue.result(fake.DEADLINE).text.startswith("From last time: Thumbs down")
    assert chat.workspace.store.branches.path(turn.reply.conversation_id)[-1].status == "streaming"
    engine.let(5)
    list(pieces)
    assert outcome.later is not None
    assert outcome.later.result(fake.DEADLINE).text.startswith("Thumbs up")
    assert kinds(chat) == ["thumb", "thumb"]


def test_what_was_said_before_does_not_come_after_what_is_said_now(tmp_path: Path) -> None:
    commands.run(dying(tmp_path), "/bad")
    chat = fake.chat(tmp_path)
    chat.resume()
    run(chat, "/bad too formal")
    assert again(tmp_path)[1] is None
    assert kinds(chat) == ["complaint"]


def test_a_later_pick_takes_the_place_of_one_that_is_owed(tmp_path: Path) -> None:
    chat = dying_after_a_pick(tmp_path)
    commands.run(chat, "/learning off")
    chat, outcome = again(tmp_path)
    assert outcome is None
    chat.resume()
    commands.run(chat, "/pick 1")
    commands.run(chat, "/learning on")
    assert again(tmp_path)[1] is None
    assert kinds(chat) == []


def test_one_lesson_that_fails_stops_no_other(tmp_path: Path) -> None:
    chat = dying(tmp_path)
    commands.run(chat, "/bad too formal")
    broken = chat.newest_reply()
    answer(chat)
    commands.run(chat, "/good")
    with chat.workspace.store.database.transaction() as session:
        message = session.get_one(Message, broken.id)
        message.profile = {"alpha": "none"}
        session.add(message)
    chat, outcome = again(tmp_path)
    assert outcome is not None
    assert outcome.level == "error"
    assert outcome.text.startswith("From last time: Thumbs up")
    assert (
        "Not learned from what you did last time: the voice that this reply was made in cannot be used" in outcome.text
    )
    assert kinds(chat) == ["thumb"]
    assert again(tmp_path)[1] is None


def test_with_learning_off_nothing_is_owed_and_what_was_waits(tmp_path: Path) -> None:
    chat = dying(tmp_path)
    commands.run(chat, "/bad")
    commands.run(chat, "/learning off")
    chat, outcome = again(tmp_path)
    assert (outcome, kinds(chat)) == (None, [])
    commands.run(chat, "/learning on")
    assert kinds(again(tmp_path)[0]) == ["thumb"]
    commands.run(chat, "/learning off")
    commands.run(chat, "/good")
    assert chat.workspace.store.owed.list(chat.user.id, chat.learning.bank) == []


def test_what_cannot_be_learned_now_stays_owed_and_what_never_can_does_not(tmp_path: Path) -> None:
    commands.run(dying(tmp_path), "/bad")

    def broken(text: str) -> dict[str, float]:
        raise AssistantError("the heads are missing: run assistant train-scorers")

    chat = fake.chat(tmp_path)
    chat.learning = Learning(chat.workspace, broken)
    overdue = chat.overdue()
    assert overdue is not None
    outcome = overdue.result(fake.DEADLINE)
    assert outcome.level == "error"
    assert outcome.text.startswith("Not learned from what you did last time: the heads are missing")
    owed = chat.workspace.store.owed.list(chat.user.id, chat.learning.bank)
    assert len(owed) == 1
    with chat.workspace.store.database.transaction() as session:
        message = owed[0][1]
        message.content = " "
        session.add(message)
    chat, learned = again(tmp_path)
    assert learned is not None
    assert (learned.level, learned.text) == (
        "error",
        "Not learned from what you did last time: this reply is empty: there is nothing to learn from.",
    )
    assert again(tmp_path)[1] is None


def test_a_reply_that_another_window_writes_is_left_to_it(tmp_path: Path) -> None:
    engine = fake.FakeEngine("one two three", gate=True)
    chat = fake.chat(tmp_path, engine)
    turn = chat.ask("hello")
    pieces = turn.stream()
    engine.let(1)
    next(pieces)
    dies(chat)
    commands.run(chat, "/good")
    other, outcome = again(tmp_path)
    assert outcome == Outcome("")
    assert kinds(other) == []
    engine.let(5)
    list(pieces)
    assert kinds(again(tmp_path)[0]) == ["thumb"]


def test_going_over_to_another_person_learns_what_they_are_owed(tmp_path: Path) -> None:
    commands.run(dying(tmp_path), "/bad too formal")
    bob = fake.chat(tmp_path, user="bob")
    outcome = commands.run(bob, "/user ann")
    assert outcome.later is not None
    assert outcome.later.result(fake.DEADLINE).text.startswith("From last time: Too formal")
    assert bob.profile.alpha["formality"] < 0.5
