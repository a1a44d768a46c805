from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.store import Conversation, Store
from assistant.style import Profile

NEUTRAL = Profile.neutral(("formality", "sentiment"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "a.db") as opened:
        yield opened


@pytest.fixture
def conversation(store: Store) -> Conversation:
    return store.conversations.create(store.users.ensure("ann", NEUTRAL).id)
