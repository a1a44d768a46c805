"""What was learned comes from the log of evidence alone, whatever becomes of the state that is kept of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest

from assistant.chat import learning, retelling
from assistant.preference import Event, Learner, state
from assistant.store import Evidence, Set
from tests import fake
from tests.chat.taught import FORMAL, answer, kinds, rebuilt, run, settle


def test_the_log_rebuilds_the_learner_to_the_bit(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    for number, line in enumerate(("/bad", "/good", "/bad not formal enough", "/bad")):
        answer(chat, FORMAL if number % 2 else "casual casual positive")
        run(chat, line)
    run(chat, "/sentiment 0.8")
    run(chat, "/lock sentiment")
    run(chat, "/like formal positive positive words")
    answer(chat)
    run(chat, "/bad")
    run(chat, "/undo")
    answer(chat)
    answer(chat)
    run(chat, "/good")
    settle(chat)
    assert rebuilt(chat) == state(chat.learning.learner(chat.user.id))
    assert {"silence", "complaint"} <= set(kinds(chat))


@pytest.mark.parametrize("damage", ["DELETE FROM learner_state", "UPDATE learner_state SET state = '{\"version\": 1}'"])
def test_a_lost_or_damaged_state_is_rebuilt_from_the_log(tmp_path: Path, damage: str) -> None:
    def twice(folder: Path, between: Callable[[], None]) -> dict[str, object]:
        folder.mkdir()
        chat = fake.chat(folder)
        answer(chat)
        run(chat, "/bad")
        between()
        answer(chat)
        run(chat, "/bad too formal")
        return chat.profile.as_dict()

    def harm() -> None:
        with closing(sqlite3.connect(tmp_path / "harmed" / "a.db")) as connection:
            connection.execute(damage)
            connection.commit()

    assert twice(tmp_path / "harmed", harm) == twice(tmp_path / "sound", lambda: None)


@pytest.mark.parametrize("damaged", [True, False])
def test_a_long_log_is_replayed_while_others_may_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damaged: bool
) -> None:
    monkeypatch.setattr(learning, "FEW", 1)
    chat = fake.chat(tmp_path)
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection:
        for number in range(3):
            answer(chat)
            run(chat, "/bad")
            settle(chat)
            if number == 0:  # what another window knew that has not learned since
                row = connection.execute("SELECT evidence, revision, state FROM learner_state").fetchone()
        connection.execute("UPDATE learner_state SET evidence = ?, revision = ?, state = ?", row)
        if damaged:
            connection.execute("UPDATE learner_state SET state = '{\"version\": 1}'")
        connection.commit()
    replayed = []

    def events(entry: Set | Evidence, learner: Learner) -> Iterator[Event]:
        with closing(sqlite3.connect(tmp_path / "a.db", timeout=0)) as connection:
            connection.execute("BEGIN IMMEDIATE")  # fails where it is locked
        replayed.append(entry)
        return retelling.events(entry, learner)

    monkeypatch.setattr(learning, "retelling", SimpleNamespace(events=events, settled=retelling.settled))
    run(chat, "/good")
    assert len(replayed) >= 2
    assert rebuilt(chat) == state(chat.learning.learner(chat.user.id))
