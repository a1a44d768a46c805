from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.store import NothingToRedo, NothingToUndo, Store, StoreInputError, User
from assistant.style import Profile
from tests.store.conftest import NEUTRAL


@pytest.fixture
def ann(store: Store) -> User:
    return store.users.ensure("Ann", NEUTRAL)


def formality(value: float) -> object:
    return lambda profile: profile.with_alpha({"formality": value})


def test_users_are_one_per_name_whatever_the_case(store: Store, ann: User) -> None:
    assert store.users.ensure("ANN", NEUTRAL).id == ann.id
    with pytest.raises(StoreInputError, match="already"):
        store.users.add("ann", NEUTRAL)
    assert store.users.rename("ann", "Änne 🌱").name == "Änne 🌱"
    assert store.users.require("änne 🌱").id == ann.id
    store.users.add("Bob", NEUTRAL)
    with pytest.raises(StoreInputError, match="already"):
        store.users.rename("bob", "Änne 🌱")
    with pytest.raises(StoreInputError, match="did you mean 'Bob'"):
        store.users.require("bobb")


@pytest.mark.parametrize("name", ["", "  ", "a/b", "..", "a\nb", "\x1b[31m", "x" * 65, "\ud800"])
def test_names_that_make_trouble_are_refused(store: Store, name: str) -> None:
    with pytest.raises(StoreInputError):
        store.users.ensure(name, NEUTRAL)


def test_deleting_a_user_takes_everything_of_theirs_and_nothing_else(store: Store, ann: User) -> None:
    bob = store.users.ensure("bob", NEUTRAL)
    for user in (ann, bob):
        conversation = store.conversations.create(user.id)
        question = store.conversations.add(conversation.id, "user", "hi")
        reply = store.conversations.add(conversation.id, "assistant", "hello", parent_id=question.id)
        store.feedback.add(reply.id, user.id, 1)
    store.users.delete("ann")
    assert [user.name for user in store.users.list()] == ["bob"]
    assert store.conversations.list(ann.id) == []
    assert len(store.conversations.list(bob.id)) == 1
    assert store.feedback.list(ann.id) == []
    assert store.database.check() == []


def test_a_change_is_a_revision_with_its_cause(store: Store, ann: User) -> None:
    revision = store.profiles.change(ann.id, formality(0.8), "set", "/formality 0.8")  # type: ignore[arg-type]
    assert (revision.number, revision.kind, revision.cause) == (2, "set", "/formality 0.8")
    assert revision.profile.alpha["formality"] == 0.8
    assert Profile.from_dict(revision.before) == NEUTRAL
    assert revision.created_at.utcoffset() is not None
    again = store.profiles.change(ann.id, formality(0.8), "set", "/formality 0.8")  # type: ignore[arg-type]
    assert again.number == 2
    assert store.profiles.current(ann.id).id == revision.id


def test_a_change_that_fails_leaves_no_trace(store: Store, ann: User) -> None:
    with pytest.raises(ZeroDivisionError):
        store.profiles.change(ann.id, lambda profile: 1 / 0, "set", "x")  # type: ignore[arg-type, return-value]
    assert len(store.profiles.history(ann.id)) == 1


@settings(max_examples=40)
@given(steps=st.lists(st.one_of(st.sampled_from(["undo", "redo"]), st.integers(0, 9)), max_size=14))
def test_undo_and_redo_walk_the_changes(store: Store, steps: list[str | int]) -> None:
    user = store.users.add(f"u{time.monotonic_ns()}", NEUTRAL)
    done, undone = [0.5], []
    for step in steps:
        try:
            if step == "undo":
                store.profiles.undo(user.id)
                undone.append(done.pop())
            elif step == "redo":
                store.profiles.redo(user.id)
                done.append(undone.pop())
            else:
                assert isinstance(step, int)
                store.profiles.change(user.id, formality(step / 10), "set", "s")  # type: ignore[arg-type]
                if step / 10 != done[-1]:
                    done.append(step / 10)
                    undone.clear()
        except NothingToUndo:
            assert len(done) == 1
        except NothingToRedo:
            assert not undone
        assert store.profiles.current(user.id).profile.alpha["formality"] == done[-1]
    numbers = [revision.number for revision in store.profiles.history(user.id)]
    assert numbers == list(range(len(numbers), 0, -1))


def test_the_first_message_names_the_conversation(store: Store, ann: User) -> None:
    conversation = store.conversations.create(ann.id)
    assert store.conversations.latest(ann.id) is None
    store.conversations.add(conversation.id, "user", "\n  How do I " + "very " * 30 + "often?\nmore")
    store.conversations.add(conversation.id, "user", "second")
    [summary] = store.conversations.list(ann.id)
    assert summary.title.startswith("How do I very")
    assert summary.title.endswith("…")
    assert len(summary.title) <= 60
    assert summary.messages == 2


def test_people_see_only_their_own_conversations(store: Store, ann: User) -> None:
    bob = store.users.ensure("bob", NEUTRAL)
    conversation = store.conversations.create(ann.id)
    store.conversations.add(conversation.id, "user", "my 100%_secret")
    with pytest.raises(StoreInputError, match="no conversation"):
        store.conversations.get(bob.id, conversation.id)
    assert store.search(bob.id, "secret") == []
    assert len(store.search(ann.id, "100%_S")) == 1
    assert store.search(ann.id, "100x") == []


def test_odd_text_is_kept_as_well_as_can_be(store: Store, ann: User) -> None:
    conversation = store.conversations.create(ann.id)
    for text, kept in (("a\ud800b", "a?b"), ("nul\0nul", "nulnul"), ("\x1b[2J [bold]x[/] 🌱", "\x1b[2J [bold]x[/] 🌱")):
        message = store.conversations.add(conversation.id, "user", text)
        assert store.conversations.messages(conversation.id)[-1].content == kept == message.content


def test_a_second_thumb_takes_the_first_one_back(store: Store, ann: User) -> None:
    revision = store.profiles.current(ann.id)
    conversation = store.conversations.create(ann.id)
    question = store.conversations.add(conversation.id, "user", "hi")
    reply = store.conversations.add(conversation.id, "assistant", "hello", revision_id=revision.id, profile=NEUTRAL)
    store.feedback.add(reply.id, ann.id, 1)
    thumb = store.feedback.add(reply.id, ann.id, -1)
    assert (thumb.revision_id, thumb.profile) == (revision.id, NEUTRAL.as_dict())
    active = store.feedback.active(reply.id)
    assert active is not None
    assert active.value == -1
    assert [entry.withdrawn_at is None for entry in store.feedback.list(ann.id)] == [False, True]
    assert store.feedback.withdraw(reply.id, ann.id)
    assert store.feedback.active(reply.id) is None
    with pytest.raises(StoreInputError):
        store.feedback.add(question.id, ann.id, 1)


def test_threads_may_write_and_read_at_once(store: Store, ann: User) -> None:
    conversation = store.conversations.create(ann.id)
    reply = store.conversations.add(conversation.id, "assistant", "", status="streaming")
    failures: list[Exception] = []

    def write() -> None:
        try:
            for count in range(150):
                store.conversations.extend(reply.id, "x" * count, count)
        except Exception as error:  # noqa: BLE001 - handed to the test's own thread
            failures.append(error)

    thread = threading.Thread(target=write)
    thread.start()
    for step in range(30):
        store.profiles.change(ann.id, formality(step / 100), "set", "s")  # type: ignore[arg-type]
        store.conversations.messages(conversation.id)
    thread.join()
    assert failures == []
    assert len(store.conversations.messages(conversation.id)[0].content) == 149


def test_saving_a_token_is_fast(store: Store, ann: User) -> None:
    conversation = store.conversations.create(ann.id)
    reply = store.conversations.add(conversation.id, "assistant", "", status="streaming")
    began = time.perf_counter()
    for count in range(200):
        store.conversations.extend(reply.id, "word " * count, count)
    assert (time.perf_counter() - began) / 200 < 0.02


WRITER = """
import sys, time
from pathlib import Path
from assistant.store import Store
from assistant.style import Profile
from tests.store.conftest import NEUTRAL
store = Store.open(Path(sys.argv[1]))
user = store.users.ensure("ann", Profile.neutral(("formality",)))
conversation = store.conversations.create(user.id)
store.conversations.add(conversation.id, "user", "count for me")
reply = store.conversations.add(conversation.id, "assistant", "", status="streaming")
text = ""
for number in range(100000):
    text += f"{number} "
    store.conversations.extend(reply.id, text, number)
    print(number, flush=True)
"""


def test_a_kill_loses_at_most_the_token_being_written(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        shown = -1
        while shown < 40:
            shown = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
        rest = process.stdout.read().split()
    shown = int(rest[-1]) if rest else shown
    with Store.open(path) as store:
        assert store.database.check() == []
        user = store.users.require("ann")
        latest = store.conversations.latest(user.id)
        assert latest is not None
        question, reply = store.conversations.messages(latest.id)
        assert question.content == "count for me"
        assert reply.status == "streaming"
        assert int(reply.content.split()[-1]) in (shown, shown + 1)
        assert store.conversations.recover(latest.id) == 1
        assert store.conversations.messages(latest.id)[1].status == "interrupted"
        assert store.conversations.recover(latest.id) == 0
