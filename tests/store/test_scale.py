"""What keeps the store quick when it is large: how SQLite goes about the queries that every search and list needs."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from assistant.store import Store, search
from assistant.style import Profile

NEUTRAL = Profile.neutral(("formality",))


def plan(store: Store, statement: str, **values: object) -> str:
    with closing(sqlite3.connect(store.database.path)) as connection:
        return "\n".join(str(row[3]) for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", values))


@pytest.fixture
def asked() -> Iterator[list[str]]:
    """The statements that are sent to any database from now on."""
    found: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        found.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield found
    event.remove(Engine, "before_cursor_execute", note)


def test_unfinished_replies_are_found_without_reading_all_messages(store: Store, asked: list[str]) -> None:
    store.conversations.recover()
    (query,) = [each for each in asked if "FROM message" in each]
    assert "USING INDEX ix_message_unfinished" in plan(store, query.replace("?", "1"))


def test_a_search_reads_the_index_backwards_and_sorts_nothing(store: Store) -> None:
    found = plan(store, search._MATCHES.text, query="word", user=1, most=50)
    assert found.startswith("SCAN message_search VIRTUAL TABLE")
    assert "TEMP B-TREE" not in found


def test_people_are_listed_with_what_is_theirs_by_one_query(store: Store, asked: list[str]) -> None:
    for name in ("cid", "ann", "Bob"):
        person = store.users.add(name, NEUTRAL)
        for number in range(len(name)):
            here = store.conversations.create(person.id)
            if number:
                store.conversations.add(here.id, "user", "hello")
    ann = store.users.require("ann")
    store.profiles.change(ann.id, lambda profile: profile.with_alpha({"formality": 1.0}), "set", "/more formal")
    store.conversations.delete(ann.id, store.conversations.list(ann.id)[0].id)
    asked.clear()
    found = store.users.summaries()
    assert [(each.user.name, each.conversations, each.revision) for each in found] == [
        ("ann", 1, 2),
        ("Bob", 2, 1),
        ("cid", 2, 1),
    ]
    assert len([each for each in asked if each.startswith("SELECT")]) == 1


def test_standing_thumbs_are_those_of_one_conversation_and_not_taken_back(store: Store) -> None:
    ann = store.users.add("ann", NEUTRAL)
    replies = []
    for _ in range(2):
        here = store.conversations.create(ann.id)
        store.conversations.add(here.id, "user", "hello")
        for _ in range(3):
            replies.append((here.id, store.conversations.add(here.id, "assistant", "hi").id))
    for (_, reply), value in zip(replies, (1, -1, 1, 1, 1, -1), strict=True):
        store.feedback.add(reply, ann.id, value)
    store.feedback.withdraw(replies[0][1], ann.id)
    assert store.feedback.standing(ann.id, replies[0][0]) == {replies[1][1]: -1, replies[2][1]: 1}
