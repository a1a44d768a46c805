"""A few of the 200 kills of `python -m tests.reliability.kill`, each scenario once; and that the checks can fail."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from assistant import locations
from assistant.store import Store
from assistant.style import Profile
from tests.reliability.kill.book import NOTHING, Content, content, verify
from tests.reliability.kill.chatting import Chatting, ask
from tests.reliability.kill.outcome import Outcome
from tests.reliability.kill.place import USER, Place
from tests.reliability.kill.reading import Seen, read, read_plain
from tests.reliability.kill.scenarios import BLOCK, Scenario, plan, shares

SCRIPTED = [share.scenario for share in shares() if share.scenario.scripted]
REAL = [share.scenario for share in shares() if not share.scenario.scripted]


def killed(scenario: Scenario, folder: Path, seed: int) -> None:
    place = Place(folder, locations.cache(), scenario.scripted)
    try:
        outcome = scenario.run(place, 1, random.Random(seed))
    finally:
        place.close()
    assert outcome.faults == []
    assert outcome.again
    assert outcome.sound


@pytest.mark.parametrize("scenario", SCRIPTED, ids=lambda each: each.name)
def test_a_kill_loses_nothing(scenario: Scenario, tmp_path: Path) -> None:
    killed(scenario, tmp_path, 3)


@pytest.mark.model
@pytest.mark.parametrize("scenario", REAL, ids=lambda each: each.name)
def test_a_kill_loses_nothing_of_the_real_model(scenario: Scenario, tmp_path: Path) -> None:
    killed(scenario, tmp_path, 4)


def test_the_plan_has_200_runs_and_all_scenarios_come_early() -> None:
    chosen = shares()
    names = [scenario.name for scenario in plan(200, chosen)]
    assert {share.scenario.name: names.count(share.scenario.name) for share in chosen} == {
        share.scenario.name: share.runs for share in chosen
    }
    assert len(names) == 200
    assert len(set(names[: BLOCK * len(chosen)])) == len(chosen)


SCREEN = """\

  ▌ hello there                                 ▏  ann      revision 3
  ▌ edit                                        ▏
                                                ▏
    General Kenobi, you are **bold**            ▏
    one.                                        ▏
    👍  👎  copy  interrupted – the program     ▏
                  was closed while this was being written
    Formality 0.50 → 0.80.                      ▏
                                                ▏
  ▌ /pick needs 1 or 2                          ▏
                                                ▏
  ▌ and on to a second                          ▏
  ▌ line                                        ▏
  ▌ ‹ 2/2 › edit                                ▏
                                                ▏
    thinking …                                  ▏
 ╭─────────────────────────────────────────────╮▏
 │   ▌ not sent                                │▏
 ╰─────────────────────────────────────────────╯▏
""".splitlines()


def test_the_screen_is_read_as_a_person_reads_it() -> None:
    seen = read(SCREEN)
    assert seen.questions == ["hello there", "and on to a second line"]
    assert seen.replies == {"hello there": ["General Kenobi, you are **bold**", "one."]}
    assert (seen.moved, seen.revision) == (["0.80"], 3)
    scripted = read([line.replace("General", "word0001") for line in SCREEN], scripted=True)
    assert scripted.replies["hello there"] == ["word0001"]
    plain = [
        "Hello ann.",
        "ann: hi",
        "assistant: one tw",
        "o three",
        "(The oldest turn was left out)",
        "ann: unanswered",
    ]
    assert read_plain(plain, "ann").questions == ["hi"]
    assert read_plain(plain, "ann").replies == {"hi": ["one two three"]}


def test_what_surrounds_the_conversation_is_not_taken_for_it() -> None:
    seen = read(
        [
            "  ▌ the end of a message              ▏",
            "  ▌ edit                              ▏",
            "    word0001                          ▏",
            "                                      ▏",
            "  ▌ hello                           ▅ ▏",
            "  ▌ edit                            ▆ ▏",
            "    word0002 word0003               ▇ ▏",
            "                                      ▏",
            "    Undone: formality 0.90 →          ▏",
            "    0.80; weights formality           ▏",
            "    0.20 → 0.26, formality 0.2 → 0.30 ▏",
        ],
        scripted=True,
    )
    assert seen.questions == ["hello"]
    assert seen.replies == {"hello": ["word0002", "word0003"]}
    assert seen.moved == ["0.80"]


def test_the_screen_is_back_where_it_shows_what_was_seen_or_what_was_saved_unseen() -> None:
    def back(now: list[str], saved: dict[str, list[str]]) -> bool:
        before = ["", "  ▌ hello", "  ▌ edit", "    word0001 word0002"]
        chat = Chatting("streaming", ask, 1.0)
        return chat._back([*now, "▏ ann"], Content(saved, {}), chat._read(before))

    hello, reply = {"1": ["", "user", "hello"]}, {"2": ["1", "assistant", "word0001 word0002"]}
    shown = ["", "  ▌ hello", "  ▌ edit", "    word0001"]
    assert back([*shown[:3], "    word0001 word0002"], hello | reply)
    assert not back(shown, hello | reply)
    assert not back([""], hello | reply)
    assert back(shown, hello | reply | {"3": ["1", "assistant", "word0001"]})  # another reply had begun
    anew = {"3": ["", "user", "hello there"]}  # worded anew
    assert back(["", "  ▌ hello there", "  ▌ edit"], hello | reply | anew)
    assert not back(shown, hello | reply | anew)


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with one exchange and a changed profile."""
    path = tmp_path_factory.mktemp("exchange") / "assistant.db"
    with Store.open(path) as store:
        ann = store.users.add(USER, Profile.neutral(("formality",)))
        store.profiles.change(ann.id, lambda profile: profile.with_alpha({"formality": 0.8}), "set", "/formality 0.8")
        conversation = store.conversations.create(ann.id)
        question = store.conversations.add(conversation.id, "user", "hello there")
        store.conversations.add(conversation.id, "assistant", "General Kenobi", parent_id=question.id)
    return path


@pytest.fixture
def place(exchange: Path, tmp_path: Path) -> Iterator[Place]:
    """A home with that database, in which nothing runs."""
    made = Place(tmp_path / "place", tmp_path)
    made.home.mkdir()
    shutil.copyfile(exchange, made.database)
    yield made
    made.close()


SEEN = Seen(["hello there"], {"hello there": ["General"]}, ["0.80"], 2, asked=["/formality 0.8"])


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("", ""),
        ("DELETE FROM message WHERE role = 'user'", "the message 'hello there' is there 0 times"),
        ("UPDATE message SET content = 'Gen' WHERE role = 'assistant'", "'General' was seen in the reply"),
        (
            "INSERT INTO message (conversation_id, role, content, status, model, superseded, created_at, updated_at) "
            "SELECT 1, role, content, status, model, 1, created_at, updated_at FROM message WHERE role = 'user'",
            "the message 'hello there' is there 2 times",
        ),
        ("DELETE FROM profile_revision WHERE number = 2", "revision 2 was seen, the newest is 1"),
        ("UPDATE profile_revision SET cause = 'x' WHERE number = 2", "asked for ['/formality 0.8'], stored were ['x']"),
        (
            "INSERT INTO profile_revision (user_id, number, kind, cause, before, after, created_at) "
            "SELECT 1, 3, kind, cause, after, after, created_at FROM profile_revision WHERE number = 2",
            "a change to 0.80 was seen, and is there 2 times",
        ),
    ],
)
def test_what_is_lost_or_doubled_is_found(place: Place, statement: str, fault: str) -> None:
    with closing(sqlite3.connect(place.database)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.executescript(statement)
    outcome = Outcome("test")
    verify(place, outcome, NOTHING, SEEN)
    assert any(each.startswith(fault) for each in outcome.faults) if fault else outcome.faults == []


def test_what_was_there_before_must_stay(place: Place) -> None:
    before = content(place.database)
    with closing(sqlite3.connect(place.database)) as connection:
        connection.execute("UPDATE message SET content = 'other' WHERE role = 'assistant'")
        connection.commit()
    outcome = Outcome("test")
    verify(place, outcome, before, Seen())
    assert outcome.faults == ["message 2 of an earlier run is lost or another"]
    assert outcome.sound
