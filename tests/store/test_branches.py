"""Retried replies, edited messages, and the path that is active among them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.store import Conversation, Message, OwedLesson, Store, StoreInputError
from tests.store.conftest import NEUTRAL


def contents(messages: list[Message]) -> list[str]:
    return [message.content for message in messages]


def test_messages_follow_each_other_and_a_second_reply_takes_the_place_of_the_first(
    store: Store, conversation: Conversation
) -> None:
    hi = store.conversations.add(conversation.id, "user", "hi")
    first = store.conversations.add(conversation.id, "assistant", "one")
    after = store.conversations.add(conversation.id, "user", "after one")
    assert (hi.parent_id, first.parent_id, after.parent_id) == (None, hi.id, first.id)
    second = store.conversations.add(conversation.id, "assistant", "two", parent_id=hi.id)
    assert contents(store.branches.path(conversation.id)) == ["hi", "two"]
    assert contents(store.branches.siblings(second.id)) == ["one", "two"]
    store.branches.choose(first.id)
    assert contents(store.branches.path(conversation.id)) == ["hi", "one", "after one"]
    aside = store.conversations.add(conversation.id, "assistant", "three", parent_id=hi.id, rival_of=first.id)
    assert contents(store.branches.path(conversation.id)) == ["hi", "one", "after one"]
    [(at, group)] = store.branches.forks(conversation.id)
    assert (at.id, [each.id for each in group]) == (first.id, [first.id, second.id, aside.id])
    assert store.database.check() == []


def test_the_first_message_can_be_worded_anew(store: Store, conversation: Conversation) -> None:
    hi = store.conversations.add(conversation.id, "user", "hi")
    store.conversations.add(conversation.id, "assistant", "hello")
    edited = store.conversations.beside(hi.id, "good day")
    assert contents(store.branches.path(conversation.id)) == ["good day"]
    store.conversations.add(conversation.id, "assistant", "and to you")
    assert contents(store.branches.path(conversation.id)) == ["good day", "and to you"]
    assert contents(store.branches.siblings(edited.id)) == ["hi", "good day"]
    store.branches.choose(hi.id)
    assert contents(store.branches.path(conversation.id)) == ["hi", "hello"]
    assert store.database.check() == []


def test_what_is_not_there_cannot_be_chosen_or_edited(store: Store, conversation: Conversation) -> None:
    store.conversations.add(conversation.id, "user", "hi")
    reply = store.conversations.add(conversation.id, "assistant", "hello")
    with pytest.raises(StoreInputError, match="no such message of yours"):
        store.conversations.beside(reply.id, "x")
    for act in (store.branches.choose, store.branches.siblings):
        with pytest.raises(StoreInputError, match="no such message"):
            act(999)


def test_a_pick_and_what_is_to_be_learned_from_it_are_stored_together(store: Store) -> None:
    ann = store.users.ensure("ann", NEUTRAL)
    here = store.conversations.create(ann.id).id
    question = store.conversations.add(here, "user", "hi")
    one, two = (store.conversations.add(here, "assistant", text, parent_id=question.id) for text in ("hello", "hey"))
    gone = OwedLesson(user_id=ann.id + 1, bank="b", message_id=one.id, other_id=two.id, value=1)
    with pytest.raises(StoreInputError):
        store.branches.pick(ann.id, one.id, two.id, gone)
    assert [each.content for each in store.branches.path(here)] == ["hi", "hey"]
    for chosen, other in ((one, two), (two, one)):
        owed = OwedLesson(user_id=ann.id, bank="b", message_id=chosen.id, other_id=other.id, value=1)
        store.branches.pick(ann.id, chosen.id, other.id, owed)
        assert store.branches.path(here)[-1].content == chosen.content
    assert [(each.message_id, beside and beside.id) for each, _, beside in store.owed.list(ann.id, "b")] == [
        (two.id, one.id)
    ]


@settings(max_examples=30)
@given(steps=st.lists(st.tuples(st.sampled_from(["say", "retry", "edit", "choose"]), st.integers(0, 30)), max_size=14))
def test_every_walk_leaves_one_unbroken_path(store: Store, steps: list[tuple[str, int]]) -> None:
    here = store.conversations.create(store.users.ensure("ann", NEUTRAL).id).id
    store.conversations.add(here, "user", "0")
    store.conversations.add(here, "assistant", "0")
    for step, number in steps:
        everything = store.conversations.messages(here)
        message = everything[number % len(everything)]
        if step == "say":
            store.conversations.add(here, "user", "said")
            store.conversations.add(here, "assistant", "answered")
        elif step == "retry":
            question = message.parent_id if message.role == "assistant" else message.id
            store.conversations.add(here, "assistant", "again", parent_id=question)
        elif step == "edit" and message.role == "user":
            edited = store.conversations.beside(message.id, "edited")
            store.conversations.add(here, "assistant", "answered", parent_id=edited.id)
        else:
            store.branches.choose(message.id)
            assert len([each for each in store.branches.siblings(message.id) if not each.superseded]) == 1
        path = store.branches.path(here)
        assert [each.parent_id for each in path] == [None, *(each.id for each in path[:-1])]
        assert [each.role for each in path] == ["user", "assistant"] * (len(path) // 2) + ["user"] * (len(path) % 2)
    assert store.database.check() == []
