"""Full-text search: what is found, and that the index stays in step with the messages."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text as sql

from assistant.store import Conversation, Store


def sound(store: Store) -> bool:
    """Whether the index holds exactly the messages; SQLite raises when it does not."""
    with store.database.transaction() as session:
        session.execute(sql("INSERT INTO message_search (message_search, rank) VALUES ('integrity-check', 1)"))
    return True


@pytest.mark.parametrize(
    ("said", "sought"),
    [
        ("All about trains and boats", "train boat"),
        ("All about trains and boats", '"trains and boats"'),
        ("Café au lait", "cafe"),
        ("Die Straße", "STRASSE"),
        ("I don't know", "don't"),
        ("use C++ and a AND b", "AND"),
        ("我的猫很好", "猫"),
        ("x NEAR(y, 3)", "NEAR(y, 3)"),
    ],
)
def test_what_is_found(store: Store, conversation: Conversation, said: str, sought: str) -> None:
    message = store.conversations.add(conversation.id, "user", said)
    store.conversations.add(conversation.id, "assistant", "something else")
    [hit] = store.search(conversation.user_id, sought)
    assert (hit.message.id, hit.conversation_id, hit.title) == (message.id, conversation.id, said)
    assert hit.snippet == said
    assert hit.marks
    start, end = hit.marks[0]
    assert hit.snippet[start:end].casefold().startswith(said[start:end].casefold())
    assert end > start


def test_a_snippet_shows_the_place(store: Store, conversation: Conversation) -> None:
    store.conversations.add(conversation.id, "user", f"{'word ' * 100}needle\n{'hay ' * 100}")
    [hit] = store.search(conversation.user_id, "needle")
    [(start, end)] = hit.marks
    assert hit.snippet[start:end] == "needle"
    assert len(hit.snippet) < 120
    assert hit.snippet[0] == hit.snippet[-1] == "…"


def test_the_index_follows_writing_deleting_and_recovering(store: Store, conversation: Conversation) -> None:
    user = conversation.user_id
    reply = store.conversations.add(conversation.id, "assistant", "", status="streaming")
    store.conversations.extend(reply.id, "half a pineapple", 3)
    assert [hit.message.status for hit in store.search(user, "pineapple")] == ["interrupted"]  # its writer is gone
    store.conversations.finish(reply.id, "a whole banana", "complete", 3, 0.1)
    assert store.search(user, "pineapple") == []
    assert len(store.search(user, "banana")) == 1
    assert sound(store)
    store.conversations.delete(user, conversation.id)
    assert store.search(user, "banana") == []
    store.conversations.undelete(user)
    assert len(store.search(user, "banana")) == 1
    store.conversations.purge(user, conversation.id)
    assert store.search(user, "banana") == []
    assert sound(store)


def test_deleting_a_person_empties_their_index(store: Store, conversation: Conversation) -> None:
    store.conversations.add(conversation.id, "user", "banana")
    store.users.delete("ann")
    with store.database.reading() as session:
        assert (
            session.execute(sql("SELECT count(*) FROM message_search WHERE message_search MATCH 'banana'")).scalar()
            == 0
        )
    assert sound(store)


def test_the_latest_come_first_and_no_more_than_wanted(store: Store, conversation: Conversation) -> None:
    ids = [store.conversations.add(conversation.id, "user", f"apple {number}").id for number in range(5)]
    assert [hit.message.id for hit in store.search(conversation.user_id, "apple", limit=3)] == ids[:1:-1]


@settings(max_examples=200)
@given(text=st.text(st.sampled_from("a\"*()^:+-{}AND OR NOT NEAR\0\ud800猫ß\n'%_") | st.characters(), max_size=20))
def test_no_text_is_an_error(store: Store, conversation: Conversation, text: str) -> None:
    store.search(conversation.user_id, text)
