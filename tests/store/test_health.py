"""What `db check` sees: each fault is made by hand, past the store."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from assistant.store import Store, User
from tests.store.conftest import NEUTRAL


@pytest.fixture
def ann(store: Store) -> User:
    """A person who has moved their voice twice and judged one of two replies."""
    ann = store.users.add("ann", NEUTRAL)
    store.profiles.change(ann.id, lambda profile: profile.with_alpha({"formality": 0.8}), "set", "one")
    store.profiles.undo(ann.id)
    conversation = store.conversations.create(ann.id)
    question = store.conversations.add(conversation.id, "user", "hi")
    reply = store.conversations.add(conversation.id, "assistant", "hello", parent_id=question.id)
    store.conversations.add(conversation.id, "user", "and on")
    store.feedback.add(reply.id, ann.id, 1)
    assert store.database.check() == []
    return ann


def broken(store: Store, *statements: str) -> list[str]:
    with store.database.transaction() as session:
        for statement in statements:
            session.execute(text(statement))
    return store.database.check()


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        (
            "INSERT INTO profile_revision (user_id, number, kind, cause, before, after, created_at) "
            "SELECT 1, 4, 'set', cause, after, after, created_at FROM profile_revision WHERE number = 3",
            "revision 4 of user 1 changes nothing: it is there twice",
        ),
        (
            "UPDATE profile_revision SET kind = 'redo' WHERE number = 3",
            "revision 3 of user 1 takes back or makes again what is not there",
        ),
        (
            "UPDATE profile_revision SET after = '[]' WHERE number = 3",
            "the profile of revision 3 of user 1 cannot be read",
        ),
        ("UPDATE message SET writer_pid = 5 WHERE id = 2", "message 2 has ended, and is said to be written still"),
        (
            "INSERT INTO feedback (message_id, user_id, value, created_at) "
            "SELECT message_id, user_id, -1, created_at FROM feedback",
            "message 2 has 2 thumbs of user 1",
        ),
        ("DELETE FROM message_search_docsize WHERE id = 1", "message 1 is missing in the search index"),
        (
            "INSERT INTO message_search (rowid, content) VALUES (77, 'nothing')",
            "the search index holds message 77, which is not there",
        ),
        (
            "INSERT INTO evidence (user_id, bank, number, after_revision, kind, content, why, created_at) "
            "VALUES (1, 'b', 2, 1, 'thumb', '{}', '', '2026-01-01')",
            "evidence 2 of user 1 is out of order",
        ),
        (
            "INSERT INTO learner_state (user_id, bank, evidence, revision, state) VALUES (1, 'b', 4, 1, '{}')",
            "what was learned of user 1 is ahead of the evidence",
        ),
    ],
)
@pytest.mark.usefixtures("ann")
def test_a_fault_is_told_in_one_line(store: Store, statement: str, fault: str) -> None:
    assert fault in broken(store, statement)


@pytest.mark.usefixtures("ann")
def test_an_index_of_other_words_is_told(store: Store) -> None:
    statement = "INSERT INTO message_search (message_search, rowid, content) VALUES ('delete', 1, 'hi')"
    assert broken(store, statement, "INSERT INTO message_search (rowid, content) VALUES (1, 'other')") == [
        "the search index does not match the messages"
    ]


@pytest.mark.usefixtures("ann")
def test_the_voice_of_another_person_is_told(store: Store) -> None:
    bob = store.users.add("bob", NEUTRAL)
    revision = store.profiles.current(bob.id)
    assert broken(store, f"UPDATE message SET revision_id = {revision.id} WHERE id = 2") == [
        "message 2 has the voice of another person"
    ]
