"""Searching in messages that hold a word many thousand times."""

from __future__ import annotations

import time

from assistant.store import Store
from assistant.style import Profile


def test_a_word_that_comes_very_often_in_a_message_is_found_at_once(store: Store) -> None:
    person = store.users.add("ann", Profile.neutral(("formality",)))
    place = store.conversations.create(person.id)
    store.conversations.add(place.id, "user", "hay " * 500 + "needle word " * 100_000)
    began = time.process_time()
    [hit] = store.search(person.id, "needle")
    assert time.process_time() - began < 5  # it took minutes
    assert hit.snippet.startswith("…")
    assert len(hit.snippet) < 200
    assert [hit.snippet[begin:end] for begin, end in hit.marks] == ["needle"]
