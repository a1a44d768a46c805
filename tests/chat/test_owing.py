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
from tests import fake
from tests.chat.taught import answer, dies, dying, kinds, rebuilt, run


def again(folder: Path) -> tuple[Chat, Outcome | None]:
    """Start anew; return the chat and what it learns from last time."""
    chat = fake.chat(folder)
    overdue = chat.overdue()
    return chat, None if overdue is None else overdue.result(fake.DEADLINE)


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
    chat = fake.chat(tmp_path)
    answer(chat)
    for begin in commands.run(chat, "/compare").turns:
        list(begin().stream())
    dies(chat)
    commands.run(chat, "/pick 2")
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
        "info",
        "From last time: this reply is empty: there is nothing to learn from.",
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
