"""Finer points of conversations and thumbs: who may refer to what, who writes, what a search finds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import text

from assistant.store import Conversation, Store, StoreInputError, User
from assistant.store.text import title
from assistant.style import Profile
from tests.store.conftest import NEUTRAL


@pytest.fixture
def ann(store: Store) -> User:
    return store.users.add("ann", NEUTRAL)


@pytest.fixture
def conversation(store: Store, ann: User) -> Conversation:
    return store.conversations.create(ann.id, model="tiny")


WRITER = """
import os, signal, sys
from pathlib import Path
from assistant.store import Store
with Store.open(Path(sys.argv[1])) as store:
    reply = store.conversations.add(int(sys.argv[2]), "assistant", "so far", status="streaming")
    print(reply.writer_pid, flush=True)
    sys.stdin.read()
"""


@contextmanager
def another_writer(store: Store, conversation: Conversation) -> Iterator[subprocess.Popen[str]]:
    """Have another process write a reply, until it is killed."""
    arguments = [sys.executable, "-c", WRITER, str(store.database.path), str(conversation.id)]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert int(process.stdout.readline()) == process.pid
        yield process
        process.kill()


def statuses(store: Store, conversation: Conversation) -> list[tuple[str, str, int | None]]:
    return [(each.status, each.content, each.writer_pid) for each in store.conversations.messages(conversation.id)]


def test_a_reply_answers_a_message_of_its_own_conversation(store: Store, ann: User, conversation: Conversation) -> None:
    elsewhere = store.conversations.add(store.conversations.create(ann.id).id, "user", "hi")
    for parent in (elsewhere.id, 999):
        with pytest.raises(StoreInputError, match="in this conversation to answer"):
            store.conversations.add(conversation.id, "assistant", "hello", parent_id=parent)
    here = store.conversations.add(conversation.id, "user", "hi")
    reply = store.conversations.add(conversation.id, "assistant", "hello", parent_id=here.id)
    sibling = store.conversations.add(conversation.id, "assistant", "hello again", parent_id=here.id)
    assert [message.id for message in store.conversations.messages(conversation.id)] == [here.id, reply.id, sibling.id]
    with store.database.transaction() as session:
        session.execute(
            text("UPDATE message SET parent_id = :other WHERE id = :id"), {"other": elsewhere.id, "id": reply.id}
        )
    assert store.database.check() == [f"message {reply.id} answers one of another conversation"]


def test_a_reply_that_another_living_process_writes_is_left_alone(store: Store, conversation: Conversation) -> None:
    with another_writer(store, conversation) as writer:
        assert store.conversations.recover(conversation.id) == 0
        writer.kill()
        writer.wait()
        assert store.conversations.recover(conversation.id) == 1
    assert statuses(store, conversation) == [("interrupted", "so far", None)]
    assert list(store.database.path.parent.glob(".*writer*")) == []


def test_the_process_id_of_a_killed_writer_may_be_anybodys_by_now(store: Store, conversation: Conversation) -> None:
    store.conversations.add(conversation.id, "assistant", "so far", status="streaming")
    for number in (os.getppid(), os.getpid(), None):
        with store.database.transaction() as session:
            session.execute(text("UPDATE message SET status = 'streaming', writer_pid = :number"), {"number": number})
        assert store.conversations.recover(conversation.id) == 1
        assert statuses(store, conversation) == [("interrupted", "so far", None)]


def test_who_gets_the_number_of_a_killed_writer_takes_up_none_of_its_replies(
    store: Store, conversation: Conversation
) -> None:
    with another_writer(store, conversation) as writer:
        writer.kill()
        writer.wait()
    number = os.getpid()
    with store.database.transaction() as session:
        session.execute(text("UPDATE message SET writer_pid = :number"), {"number": number})
    store.conversations.add(conversation.id, "assistant", "mine", status="streaming")
    assert statuses(store, conversation) == [("interrupted", "so far", None), ("streaming", "mine", number)]


def test_two_writers_never_have_one_number(store: Store, conversation: Conversation) -> None:
    first = store.conversations.add(conversation.id, "assistant", "one", status="streaming")
    with Store.open(store.database.path) as other:
        second = other.conversations.add(conversation.id, "assistant", "two", status="streaming")
        assert (first.writer_pid, second.writer_pid) == (os.getpid(), os.getpid() + 1)
        assert store.database.writers.alive(second.writer_pid)
    assert not store.database.writers.alive(second.writer_pid)


def test_finish_keeps_how_the_writing_ended(store: Store, conversation: Conversation) -> None:
    reply = store.conversations.add(conversation.id, "assistant", "", status="streaming", seed=7, settings={"t": 0.5})
    store.conversations.extend(reply.id, "hel\ud800", 1)
    store.conversations.finish(reply.id, "hello", "stopped", 2, 0.5)
    [message] = store.conversations.messages(conversation.id)
    assert (message.content, message.status, message.tokens, message.seconds) == ("hello", "stopped", 2, 0.5)
    assert (message.writer_pid, message.seed, message.settings) == (None, 7, {"t": 0.5})
    assert message.updated_at >= message.created_at


@pytest.mark.parametrize(
    ("said", "sought"), [("STRASSE", "straße"), ("Привет", "ПРИВЕТ"), ("a_b", "A_B"), ("x\\y", "X\\Y")]
)
def test_a_search_ignores_case_in_any_script(store: Store, conversation: Conversation, said: str, sought: str) -> None:
    store.conversations.add(conversation.id, "user", f"one {said} two")
    assert [hit.message.content for hit in store.search(conversation.user_id, sought)] == [f"one {said} two"]
    assert store.search(conversation.user_id, "one three") == []


def test_latest_is_the_one_written_to_last(store: Store, ann: User, conversation: Conversation) -> None:
    newer = store.conversations.create(ann.id)
    store.conversations.add(newer.id, "user", "second")
    store.conversations.add(conversation.id, "user", "first, but later")
    store.conversations.create(ann.id)
    latest = store.conversations.latest(ann.id)
    assert latest is not None
    assert latest.id == conversation.id
    assert [each.id for each in store.conversations.list(ann.id)] == [conversation.id, newer.id]


def test_an_export_is_plain_json(store: Store, ann: User, conversation: Conversation) -> None:
    question = store.conversations.add(conversation.id, "user", "hi 🌱")
    store.conversations.add(
        conversation.id, "assistant", "hello", parent_id=question.id, profile=NEUTRAL, settings={"k": 1}
    )
    data = json.loads(json.dumps(store.exchange.dump(ann.id, conversation.id)))
    assert (data["title"], data["model"]) == ("hi 🌱", "tiny")
    assert [message["content"] for message in data["messages"]] == ["hi 🌱", "hello"]
    assert Profile.from_dict(data["messages"][1]["profile"]) == NEUTRAL


def test_a_message_to_a_deleted_conversation_is_refused(store: Store, ann: User, conversation: Conversation) -> None:
    store.conversations.add(conversation.id, "user", "hi")
    store.conversations.purge(ann.id, conversation.id)
    with pytest.raises(StoreInputError, match="deleted meanwhile"):
        store.conversations.add(conversation.id, "user", "more")
    with pytest.raises(StoreInputError, match="no conversation"):
        store.conversations.get(ann.id, 10**30)


@pytest.mark.parametrize(
    ("said", "called"),
    [
        ("", ""),
        ("\n \n", ""),
        ("short\nrest", "short"),
        ("x" * 80, "x" * 59 + "…"),
        ("word " * 20, "word " * 11 + "word…"),
    ],
)
def test_titles_are_one_line_cut_at_a_word(said: str, called: str) -> None:
    assert title(said) == called
    assert len(title(said)) <= 60
