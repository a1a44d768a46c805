"""Pinning, renaming, deleting with a way back; saved voices; conversations as JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from assistant.store import Conversation, Store, StoreInputError, User
from assistant.style import Profile
from tests.store.conftest import NEUTRAL


@pytest.fixture
def ann(store: Store) -> User:
    return store.users.add("ann", NEUTRAL)


def spoken(store: Store, user: User, words: str) -> Conversation:
    conversation = store.conversations.create(user.id, model="tiny")
    store.conversations.add(conversation.id, "user", words)
    return conversation


def titles(store: Store, user: User, **options: bool) -> list[str]:
    return [each.title for each in store.conversations.list(user.id, **options)]


def test_pinned_conversations_stand_first(store: Store, ann: User) -> None:
    first, _ = spoken(store, ann, "one"), spoken(store, ann, "two")
    store.conversations.pin(ann.id, first.id)
    assert titles(store, ann) == ["one", "two"]
    store.conversations.pin(ann.id, first.id, False)
    assert titles(store, ann) == ["two", "one"]
    latest = store.conversations.latest(ann.id)
    assert latest is not None
    assert latest.title == "two"


def test_a_title_is_one_line_and_stays(store: Store, ann: User) -> None:
    conversation = spoken(store, ann, "one")
    assert store.conversations.rename(ann.id, conversation.id, " a\n better  name ") == "a better name"
    store.conversations.add(conversation.id, "user", "more")
    assert titles(store, ann) == ["a better name"]
    for bad in ("", " \n", "x" * 121, "\x1b[31m"):
        with pytest.raises(StoreInputError, match="1 to 120 characters"):
            store.conversations.rename(ann.id, conversation.id, bad)


def test_a_deleted_conversation_comes_back_until_it_is_purged(store: Store, ann: User) -> None:
    one, two = spoken(store, ann, "one"), spoken(store, ann, "two")
    for each in (one, two):
        store.conversations.delete(ann.id, each.id)
    assert titles(store, ann) == []
    assert sorted(titles(store, ann, deleted=True)) == ["one", "two"]
    assert store.conversations.latest(ann.id) is None
    with pytest.raises(StoreInputError, match="undelete"):
        store.conversations.get(ann.id, one.id)
    with pytest.raises(StoreInputError, match="deleted meanwhile"):
        store.conversations.add(one.id, "user", "more")
    assert store.conversations.undelete(ann.id).id == two.id
    with store.database.transaction() as session:
        old = (datetime.now(UTC) - timedelta(days=31)).strftime("%Y-%m-%d %H:%M:%S.%f")
        session.execute(text("UPDATE conversation SET deleted_at = :old WHERE deleted_at IS NOT NULL"), {"old": old})
    assert store.conversations.purge_old() == 1
    assert store.conversations.purge_old() == 0
    assert titles(store, ann) == ["two"]
    with pytest.raises(StoreInputError, match="no deleted conversation"):
        store.conversations.undelete(ann.id)


def test_nobody_moves_the_conversations_of_another(store: Store, ann: User) -> None:
    conversation, bob = spoken(store, ann, "one"), store.users.add("bob", NEUTRAL)
    for act in (store.conversations.delete, store.conversations.pin, store.conversations.purge):
        with pytest.raises(StoreInputError, match="no conversation"):
            act(bob.id, conversation.id)
    store.conversations.delete(ann.id, conversation.id)
    with pytest.raises(StoreInputError, match="no deleted conversation"):
        store.conversations.undelete(bob.id, conversation.id)


def test_voices_are_saved_by_name(store: Store, ann: User) -> None:
    loud = NEUTRAL.with_alpha({"formality": 1})
    assert not store.voices.save(ann.id, " My  Butler ", NEUTRAL)
    assert store.voices.save(ann.id, "my butler", loud)
    [voice] = store.voices.list(ann.id)
    assert (voice.name, Profile.from_dict(voice.profile)) == ("my butler", loud)
    assert store.voices.list(store.users.add("bob", NEUTRAL).id) == []
    store.voices.delete(ann.id, "MY BUTLER")
    with pytest.raises(StoreInputError, match="no saved voice"):
        store.voices.delete(ann.id, "my butler")
    with pytest.raises(StoreInputError, match="characters"):
        store.voices.save(ann.id, "", loud)


def branched(store: Store, user: User) -> Conversation:
    conversation = spoken(store, user, "hi 🌱")
    question = store.branches.path(conversation.id)[0]
    profile = NEUTRAL.with_alpha({"formality": 0.9})
    first = store.conversations.add(
        conversation.id, "assistant", "hello", profile=profile, settings={"temperature": 0.5}, seed=7, model="tiny"
    )
    store.conversations.finish(first.id, "hello", "stopped", 2, 0.25)
    store.conversations.measured(first.id, {"formality": 0.75})
    store.conversations.fitted(first.id, {"tokens": 5})
    store.conversations.add(conversation.id, "assistant", "again", parent_id=question.id)
    store.conversations.pin(user.id, conversation.id)
    return conversation


def unnumbered(values: dict[str, Any]) -> dict[str, Any]:
    """Return an export with messages numbered by their places."""
    places = {row["id"]: place for place, row in enumerate(values["messages"])}
    rows = [{**row, "id": places[row["id"]], "parent_id": places.get(row["parent_id"])} for row in values["messages"]]
    return {**values, "id": 0, "messages": rows}


def test_an_exported_conversation_can_be_imported_whole(store: Store, ann: User) -> None:
    written = json.loads(json.dumps(store.exchange.dump(ann.id, branched(store, ann).id)))
    bob = store.users.add("bob", NEUTRAL)
    copy = store.exchange.load(bob.id, written)
    again = store.exchange.dump(bob.id, copy.id)
    assert again["id"] != written["id"]
    assert unnumbered(again) == unnumbered(written)
    assert [each.content for each in store.branches.path(copy.id)] == ["hi 🌱", "again"]
    assert len(store.search(bob.id, "hello")) == 1
    assert store.database.check() == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ((), []),
        ((), "x"),
        (("version",), 99),
        (("messages",), {}),
        (("messages",), []),
        (("messages", 0), 3),
        (("messages", 0, "role"), "root"),
        (("messages", 0, "content"), 5),
        (("messages", 0, "content"), None),
        (("messages", 0, "id"), "1"),
        (("messages", 0, "id"), 10**30),
        (("messages", 0, "parent_id"), 1),
        (("messages", 1, "parent_id"), 999),
        (("messages", 1, "parent_id"), True),
        (("messages", 1, "parent_id"), {}),
        (("messages", 1, "status"), "exploded"),
        (("messages", 1, "seed"), 1.5),
        (("messages", 1, "seconds"), float("inf")),
        (("messages", 1, "seconds"), 10**400),
        (("messages", 1, "scores"), {"formality": "high"}),
        (("messages", 1, "settings"), {"a": {"b": {}}}),
        (("messages", 1, "profile"), {"alpha": {}}),
        (("messages", 1, "profile"), {"alpha": {"formality": 10**400}, "lambda": {"formality": 1}}),
        (("messages", 1, "created_at"), "yesterday"),
        (("messages", 1, "created_at"), 7),
        (("messages", 1, "superseded"), "no"),
        (("messages", 1, "rival_of"), 1),
        (("messages", 1, "rival_of"), 2.5),
        (("messages", 1, "settings"), {"a": float("nan")}),
        (("messages", 1, "context"), {"size": 1.5}),
        (("title",), 4),
        (("pinned",), 1),
    ],
)
def test_hostile_files_are_refused_in_one_line_and_leave_nothing(
    store: Store, ann: User, path: tuple[str | int, ...], value: object
) -> None:
    written: Any = store.exchange.dump(ann.id, branched(store, ann).id)
    spot = written
    for step in path[:-1]:
        spot = spot[step]
    if path:
        spot[path[-1]] = value
    bob = store.users.add("bob", NEUTRAL)
    with pytest.raises(StoreInputError) as refused:
        store.exchange.load(bob.id, written if path else value)
    assert "\n" not in str(refused.value)
    assert titles(store, bob) == []


def test_an_import_keeps_one_of_siblings_active(store: Store, ann: User) -> None:
    written = store.exchange.dump(ann.id, branched(store, ann).id)
    for row in written["messages"]:
        row["superseded"] = False
    store.exchange.load(ann.id, written)
    assert store.database.check() == []
