"""Anything at all, typed, named, imported or set: an answer or one clear line, never a crash."""

from __future__ import annotations

import json
import math
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import tomlkit
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.chat import commands
from assistant.chat.display import one_line, printable
from assistant.chat.session import Chat
from assistant.cli.text import as_json
from assistant.errors import AssistantError
from assistant.settings import SettingsError, SettingsFile
from assistant.store import Store
from assistant.store.errors import StoreInputError
from assistant.style import Compose, Profile, ProfileError, parse_assignments
from assistant.style.composition import coefficients
from tests import fake
from tests.reliability.hostile import TEXTS, text

FEW = settings(max_examples=40)
MANY = settings(max_examples=2000)
NAMES = sorted(commands.registry(fake.ATTRIBUTES))
ODD_NUMBERS = ["nan", "inf", "-inf", "1e308", "-1e308", "1e-320", "9" * 400, "-0", "٣", "½", "1_0", "0x10", "", "--1"]
arguments = st.one_of(
    text,
    st.sampled_from([*ODD_NUMBERS, "#1 x", "9" * 30, "1#1", "#", f"{2**63}", f"{2**63}#{2**63}", "next 1", "-1"]),
    st.tuples(st.sampled_from(["formality", "save", "delete", "too", "not", "bad"]), text).map(" ".join),
    st.tuples(st.sampled_from(["formality", "formal", "1d", "sentiment"]), st.sampled_from(ODD_NUMBERS)).map(" ".join),
)
lines = st.one_of(
    st.tuples(st.sampled_from(NAMES), arguments).map(lambda words: f"/{words[0]} {words[1]}"), text.map("/".__add__)
)
NEVER_TYPED = ("quit", "compare", "retry", "like", "edit")
"""Commands that ask the model, which is slow, or leave."""


@pytest.fixture
def chat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Chat:
    monkeypatch.chdir(tmp_path)  # where /export writes
    made = fake.chat(tmp_path)
    for each in TEXTS:
        made.ask(each)
    return made


def typed(chat: Chat, line: str) -> None:
    """Have a line typed, letter by letter at its end, and run."""
    if commands.is_command(line):
        for part in (line[:-1], line):
            assert all(isinstance(each.text, str) for each in commands.complete(chat, part))
        if any(line.lower().startswith(f"/{name}") for name in NEVER_TYPED):
            return
        outcome = commands.run(chat, line)
        if outcome.later is not None:
            assert "unexpectedly" not in outcome.later.result(fake.DEADLINE).text
        if outcome.level == "error":
            assert outcome.text.strip()
    else:
        with suppress(AssistantError):
            chat.ask(commands.literal(line))
    assert math.isclose(sum(chat.profile.lambda_.values()), 1)
    assert all(map(math.isfinite, [*chat.profile.alpha.values(), chat.profile.strength]))


@pytest.mark.parametrize("command", ["/train", "/bank", "/export", "/export json"])
@pytest.mark.parametrize("name", ["PWNED\0", "\ud800", "a" * 300, "~nobody-of-that-name/x", "'", "a/" * 3000])
def test_names_that_no_file_can_have(chat: Chat, command: str, name: str) -> None:
    typed(chat, f"{command} {name}")


@FEW
@given(line=lines)
def test_any_line_typed(chat: Chat, line: str) -> None:
    typed(chat, line)


@MANY
@given(line=lines)
def test_any_of_many_lines_typed(chat: Chat, line: str) -> None:
    typed(chat, line)


NUMBERS = st.one_of(
    st.floats(),
    st.integers(),
    st.sampled_from([math.nan, math.inf, -math.inf, 1e308, -1e308, 5e-324, 10**400, -1, 0, 1, 0.5, True, None, "1"]),
)


@FEW
@given(
    alpha=st.dictionaries(st.sampled_from(["formality", "sentiment", ""]) | text, NUMBERS, max_size=3),
    share=st.dictionaries(st.sampled_from(["formality", "sentiment", ""]) | text, NUMBERS, max_size=3),
    strength=NUMBERS,
    compose=st.sampled_from([*map(str, Compose), "", "\x1b", None, 5, []]),
)
def test_any_profile(alpha: dict[str, Any], share: dict[str, Any], strength: Any, compose: Any) -> None:
    values = {"alpha": alpha, "lambda": share, "strength": strength, "compose": compose}
    names = tuple(each.name for each in fake.ATTRIBUTES)
    with suppress(ProfileError):
        profile = Profile.from_dict(values)
        assert Profile.from_dict(json.loads(as_json(profile.as_dict()))) == profile
        coefficients(profile.aligned(names), names)
    with suppress(ProfileError):
        Profile.neutral(names).with_options(alpha, share, strength if isinstance(strength, float) else None)


@pytest.mark.parametrize(
    ("alpha", "share"),
    [
        ({}, {}),
        ({"formality": 0.5}, {"formality": 0.0}),
        ({"formality": 0.5, "sentiment": 0.5}, {"formality": 0.0, "sentiment": 0.0}),
        ({"formality": 0.5, "sentiment": 0.5}, {"formality": 1.5, "sentiment": -0.5}),
        ({"formality": math.nan}, {"formality": 1.0}),
        ({"formality": math.inf}, {"formality": 1.0}),
        ({"formality": 0.5}, {"formality": math.nan}),
        ({"formality": 0.5}, {"formality": 10**400}),
        ({"formality": "1"}, {"formality": 1.0}),
        ({"formality": True}, {"formality": 1.0}),
        ([], {}),
        (None, None),
    ],
)
def test_profiles_that_are_none(alpha: Any, share: Any) -> None:
    with pytest.raises(ProfileError):
        Profile.from_dict({"alpha": alpha, "lambda": share})


@FEW
@given(words=st.lists(text, max_size=3))
def test_any_assignment(words: list[str]) -> None:
    with suppress(ProfileError):
        assert all(map(math.isfinite, parse_assignments(words, "--alpha").values()))


@FEW
@given(names=st.lists(text, min_size=1, max_size=3))
def test_any_name(tmp_path: Path, names: list[str]) -> None:
    with Store.open(tmp_path / "a.db") as store:
        neutral = Profile.neutral(("formality",))
        for name in [*names, "a" * 10_000, "\U0001f468\u200d\U0001f4bb", "../../etc/passwd", "می\u200cخواهم"]:
            with suppress(StoreInputError):
                added = store.users.ensure(name, neutral)
                assert one_line(added.name) == added.name  # shown as it is stored
                assert "/" not in added.name
                assert len(added.name) <= 64
                store.voices.save(added.id, name, neutral)
            with suppress(StoreInputError):
                store.users.require(name)
        known = [user.name for user in store.users.list()]
        assert "\U0001f468\u200d\U0001f4bb" in known
        assert "می\u200cخواهم" in known
    assert sorted(path.name for path in tmp_path.iterdir()) == [".a.db.lock", ".a.db.open", "a.db"]


@pytest.mark.parametrize(
    "name",
    [
        "an\u200bn",
        "an\u200dn",
        "\u202eann",
        "ann\u2066",
        "\ufeffann",
        "an\u00adn",
        "\u3164",
        "\u2800",
        "a\u034fnn",
        "ann\u200f",
    ],
)
def test_nobody_looks_like_another_by_what_cannot_be_seen(tmp_path: Path, name: str) -> None:
    with Store.open(tmp_path / "a.db") as store, pytest.raises(StoreInputError):
        store.users.add(name, Profile.neutral(("formality",)))


def test_a_person_whose_name_is_no_longer_taken_can_be_renamed_and_deleted(tmp_path: Path) -> None:
    with Store.open(tmp_path / "a.db") as store:
        store.users.add("ann", Profile.neutral(("formality",)))
        with store.database.transaction() as session:
            session.connection().exec_driver_sql("UPDATE user SET name = 'a\u202enn', key = 'a\u202enn'")
        assert store.users.rename("a\u202enn", "nan").name == "nan"
        store.users.delete("nan")


PLAIN = st.recursive(
    st.none() | st.booleans() | NUMBERS | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
FIELDS = ["id", "parent_id", "role", "content", "status", "profile", "model", "seed", "settings", "tokens", "seconds"]
FIELDS += ["scores", "context", "superseded", "created_at", "updated_at"]
rows = st.builds(
    lambda base, more: base | more,
    st.fixed_dictionaries({"id": st.integers(1, 4), "role": st.sampled_from(["user", "assistant"]), "content": text}),
    st.dictionaries(st.sampled_from(FIELDS), PLAIN, max_size=2),
)
imports = st.one_of(
    PLAIN,
    st.fixed_dictionaries(
        {"messages": st.lists(rows, max_size=4)},
        optional=dict.fromkeys(("version", "title", "model", "pinned", "created_at", "updated_at"), PLAIN),
    ),
)


def imported(folder: Path, values: object) -> None:
    with Store.open(folder / "a.db") as store:
        person = store.users.ensure("ann", Profile.neutral(("formality",)))
        before = len(store.conversations.list(person.id))
        try:
            made = store.exchange.load(person.id, values)
        except StoreInputError:
            assert len(store.conversations.list(person.id)) == before
        else:
            again = store.exchange.dump(person.id, made.id)
            assert store.exchange.load(person.id, json.loads(as_json(again))).title == made.title
            assert store.search(person.id, "PWNED") is not None
        assert store.database.check() == []


@FEW
@given(values=imports)
def test_any_import(tmp_path: Path, values: object) -> None:
    imported(tmp_path, values)


@settings(MANY, max_examples=150)
@given(values=imports)
def test_any_of_many_imports(tmp_path: Path, values: object) -> None:
    imported(tmp_path, values)


SETTINGS = st.dictionaries(
    st.sampled_from(["theme", "temperature", "max_tokens", "model", "keys", "panel", "animations"])
    | st.text(st.characters(codec="utf-8"), max_size=8),
    st.one_of(
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(st.characters(codec="utf-8"), max_size=20),
        st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=8), st.just("f1\x1b"), max_size=2),
        st.lists(st.integers(), max_size=2),
    ),
    max_size=4,
)


@FEW
@given(values=SETTINGS, raw=st.binary(max_size=60), as_bytes=st.booleans())
def test_any_settings_file(tmp_path: Path, values: dict[str, Any], raw: bytes, as_bytes: bool) -> None:
    path = tmp_path / "settings.toml"
    before = raw if as_bytes else tomlkit.dumps(values).encode()
    path.write_bytes(before)
    file = SettingsFile(path)
    assert "\x1b" not in one_line(file.problem)
    assert 0 <= file.settings.temperature <= 5
    with suppress(SettingsError):
        file.change(temperature=0.7)
        assert SettingsFile(path).settings.temperature == 0.7
    if "cannot be read" in file.problem:
        assert path.read_bytes() == before


@FEW
@given(said=text)
def test_nothing_that_steers_is_left(said: str) -> None:
    for shown in (printable(said), one_line(said), as_json({said: said})):
        assert not any(character in shown for character in "\x1b\x9b\x07\0\r\x7f\u202e\u2066")
        shown.encode()  # no lone surrogate
    assert len(one_line(said).splitlines()) <= 1
    assert json.loads(as_json([said])) == [said]
