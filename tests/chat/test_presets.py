"""Voices by name, and the profile as it was."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from assistant import locations
from assistant.anchors.card import read_card
from assistant.chat import commands
from assistant.chat.moments import moment
from assistant.chat.presets import presets
from assistant.chat.session import Chat
from assistant.errors import BadInput
from tests import fake

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


@pytest.fixture
def chat(tmp_path: Path) -> Chat:
    return fake.chat(tmp_path)


def test_every_shipped_voice_is_usable_on_the_shipped_bank(chat: Chat) -> None:
    names = read_card(locations.default_bank()).names
    found = presets(chat.workspace.store, chat.user.id, names)
    assert len(found) >= 8
    assert len({each.profile for each in found}) == len(found)
    for each in found:
        assert not each.own
        assert all(0 <= alpha <= 1 for alpha in each.profile.alpha.values())
        assert 0.5 < each.profile.strength <= 1
        assert each.about


def test_a_voice_is_one_change_that_can_be_undone(chat: Chat) -> None:
    commands.run(chat, "/formality 0.3")
    before = chat.revision.number
    outcome = commands.run(chat, "/voice Best  Friend")
    assert outcome.text.startswith("Best friend: formality 0.30 → 0.00; sentiment 0.50 → 0.85")
    assert chat.revision.number == before + 1
    commands.run(chat, "/undo")
    assert chat.profile.alpha["formality"] == 0.3


def test_own_voices_are_saved_listed_and_deleted(chat: Chat) -> None:
    commands.run(chat, "/formality 0.9")
    assert "/voice Evening brings it back" in commands.run(chat, "/voice save Evening").text
    assert commands.run(chat, "/voice").text.splitlines()[0].split() == ["Evening", "saved", "by", "you"]
    commands.run(chat, "/reset")
    commands.run(chat, "/voice evening")
    assert chat.profile.alpha["formality"] == 0.9
    assert "did you mean Evening?" in commands.run(chat, "/voice evenin").text
    offered = [each.text for each in commands.complete(chat, "/voice ")]
    assert {"/voice Evening", "/voice butler", "/voice save ", "/voice delete Evening"} <= set(offered)
    commands.run(chat, "/voice delete evening")
    assert commands.run(chat, "/voice evening").level == "error"
    assert "comes with the program" in commands.run(chat, "/voice delete butler").text


def test_a_saved_voice_hides_a_shipped_one_of_its_name(chat: Chat) -> None:
    commands.run(chat, "/formality 0.1")
    commands.run(chat, "/voice save Butler")
    commands.run(chat, "/reset")
    commands.run(chat, "/voice butler")
    assert chat.profile.alpha["formality"] == 0.1
    assert [each.name.casefold() for each in chat.voices()].count("butler") == 1


def older(chat: Chat, number: int, days: int) -> None:
    with chat.workspace.store.database.transaction() as session:
        session.execute(
            text("UPDATE profile_revision SET created_at = :then WHERE number <= :number"),
            {"then": (datetime.now(UTC) - timedelta(days=days)).strftime("%Y-%m-%d %H:%M:%S.%f"), "number": number},
        )


def test_the_profile_as_it_was_and_back_to_it(chat: Chat) -> None:
    commands.run(chat, "/formality 0.9")
    older(chat, chat.revision.number, 3)
    commands.run(chat, "/formality 0.2")
    outcome = commands.run(chat, "/as 1d ago")
    assert outcome.text.startswith("ann 1d ago: revision 2 of ")
    assert "α  0.90" in outcome.text
    assert "Since then: formality 0.90 → 0.20." in outcome.text
    assert chat.profile.alpha["formality"] == 0.2
    assert "no profile of yours yet" in commands.run(chat, "/as 1w ago").text
    assert "same now" in commands.run(chat, "/as 0 min ago").text
    assert "formality 0.20 → 0.90" in commands.run(chat, "/as 1d ago restore").text
    assert chat.profile.alpha["formality"] == 0.9
    commands.run(chat, "/undo")
    assert chat.profile.alpha["formality"] == 0.2
    for line in ("/as", "/as then", "/as 5 moons ago", "/as 2999-01-01"):
        assert commands.run(chat, line).level == "error"


@pytest.mark.parametrize(
    ("words", "then"),
    [
        ("1d ago", NOW - timedelta(days=1)),
        ("2 hours ago", NOW - timedelta(hours=2)),
        ("2h", NOW - timedelta(hours=2)),
        ("3 weeks ago", NOW - timedelta(weeks=3)),
        ("yesterday", datetime(2026, 11, 24, 23, 59, 59, 999_999, tzinfo=UTC)),
        ("2026-11-20T14:30+00:00", datetime(2026, 11, 20, 14, 30, tzinfo=UTC)),
    ],
)
def test_moments(words: str, then: datetime) -> None:
    assert moment(words, NOW) == then


@given(words=st.text(max_size=20) | st.from_regex(r"\d{1,30} ?[a-z]{1,6}( ago)?", fullmatch=True))
def test_no_words_for_a_time_crash(words: str) -> None:
    with suppress(BadInput):
        assert moment(words, NOW) <= NOW
