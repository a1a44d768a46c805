"""A person exported and brought back under another name: from a real chat, and from files that are damaged."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from assistant.chat.importing import import_person
from assistant.chat.session import Chat
from assistant.errors import BadInput
from assistant.preference import state
from assistant.store.people import everything
from tests import fake
from tests.chat.taught import answer, rebuilt, run, settle

LINKS = {"id": "", "parent_id": "message", "rival_of": "message", "message_id": "message", "revision_id": "revision"}


def compared(chat: Chat, text: str) -> None:
    _, turns = chat.compare(text)
    for begin in turns:
        list(begin().stream())


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Chat:
    """Return the chat of someone who has done everything that is kept."""
    chat = fake.chat(tmp_path_factory.mktemp("lived"), fake.FakeEngine("formal positive words"))
    answer(chat, "A formal formal answer.")
    run(chat, "/bad too formal")
    run(chat, "/formality +")
    run(chat, f"/rename {'a long title ' * 9}")
    answer(chat, "casual words")
    run(chat, "/bad")
    run(chat, "/undo")
    run(chat, "/pin")
    run(chat, "/new")
    compared(chat, "Say two things 🌱")
    run(chat, "/pick 2")
    list(chat.retry().stream())
    run(chat, "/good")
    run(chat, "/good")
    run(chat, "/voice save Brisk")
    run(chat, "/lock sentiment")
    run(chat, "/like formal positive positive words")
    run(chat, "/learning weak")
    run(chat, "/new")
    answer(chat, "positive positive words")
    run(chat, "/good")
    answer(chat)
    settle(chat)
    run(chat, "/delete")
    chat.new()
    return chat


def export(chat: Chat, name: str) -> dict[str, Any]:
    store = chat.workspace.store
    values: dict[str, Any] = json.loads(json.dumps(everything(store.database, store.users.require(name))))
    return values


def unnumbered(values: dict[str, Any]) -> dict[str, Any]:
    """Return an export whose ids are places: the nth message, the nth revision …"""
    messages = sorted(row["id"] for each in values["conversations"] for row in each["messages"])
    places = {
        "message": {number: place for place, number in enumerate(messages)},
        "revision": {row["id"]: row["number"] for row in values["revisions"]},
    }

    def plain(row: Any) -> Any:
        if isinstance(row, list):
            return [plain(each) for each in row]
        if not isinstance(row, dict):
            return row
        return {
            key: value
            if key not in LINKS
            else places[LINKS[key]].get(value)
            if LINKS[key] and value is not None
            else None
            for key, value in ((key, plain(value)) for key, value in row.items())
        }

    found: dict[str, Any] = plain(values)
    for each, row in zip(found["evidence"], values["evidence"], strict=True):
        each["content"] = row["content"]  # its id is the number of the evidence
    return found


def test_an_imported_person_is_exported_as_they_were(lived: Chat) -> None:
    store, written = lived.workspace.store, export(lived, "ann")
    back = import_person(store, written, "Bea")
    assert (back.user.name, back.conversations, back.left_out) == ("Bea", 2, 0)
    again = export(lived, "bea")
    assert again.pop("name") == "Bea"
    assert unnumbered(again) == {key: value for key, value in unnumbered(written).items() if key != "name"}
    assert store.database.check() == []
    assert {each["kind"] for each in written["evidence"]} >= {
        "complaint",
        "thumb",
        "pick",
        "retraction",
        "lock",
        "sample",
    }
    assert any(row["rival_of"] for each in written["conversations"] for row in each["messages"])
    hits = store.search(back.user.id, "two things")
    assert [hit.message.content for hit in hits] == ["Say two things 🌱"]


def test_what_was_learned_comes_back_to_the_bit_and_goes_on(lived: Chat) -> None:
    store = lived.workspace.store
    import_person(store, export(lived, "ann"), "Cem")
    before = lived.user.name
    lived.switch_user("cem")
    assert state(lived.learning.learner(lived.user.id)) == rebuilt(lived)
    theirs = state(lived.learning.learner(store.users.require(before).id))
    assert state(lived.learning.learner(lived.user.id)) == theirs
    lived.resume()
    profile = lived.profile
    run(lived, "/sentiment +")
    run(lived, "/undo")
    assert lived.profile == profile
    lived.switch_user(before)


def test_nobody_is_overwritten(lived: Chat) -> None:
    store, written = lived.workspace.store, export(lived, "ann")
    for name in (None, "ANN"):
        with pytest.raises(BadInput, match=r"(?i)a user 'ann' already: --as gives another name"):
            import_person(store, written, name)
    assert export(lived, "ann") == written


def test_a_file_of_the_first_version_is_read(lived: Chat) -> None:
    written = export(lived, "ann")
    written["version"] = 1
    for each in written["conversations"]:
        for row in each["messages"]:
            del row["revision_id"], row["rival_of"]
    written["thumbs"].append({**written["thumbs"][0], "id": 999, "message_id": 10**6})  # of a deleted conversation
    written["evidence"][0]["message_id"] = 10**6
    back = import_person(lived.workspace.store, written, "Dee")
    assert back.left_out == 1
    again = export(lived, "dee")
    assert len(again["thumbs"]) == len(written["thumbs"]) - 1
    assert again["evidence"][0]["message_id"] is None
    assert lived.workspace.store.database.check() == []


HOSTILE: list[tuple[tuple[str | int, ...], Any]] = [
    ((), []),
    ((), {"revisions": []}),
    (("version",), 3),
    (("version",), True),
    (("name",), "a/b"),
    (("name",), None),
    (("learning",), "maybe"),
    (("created_at",), "9" * 40),
    (("revisions",), []),
    (("revisions",), {}),
    (("revisions", 0), None),
    (("revisions", 0, "kind"), "undo"),
    (("revisions", 0, "number"), 2),
    (("revisions", 1, "before"), None),
    (("revisions", 1, "after", "alpha", "formality"), float("nan")),
    (("revisions", 1, "after", "lambda", "formality"), 10**400),
    (("revisions", 1, "cause"), ["x"]),
    (("revisions", 1, "id"), {}),
    (("voices", 0, "name"), "\x1b[31m"),
    (("voices", 0, "profile"), None),
    (("conversations",), None),
    (("conversations", 0), "x"),
    (("conversations", 1, "messages", 0, "id"), 1),
    (("conversations", 1, "messages", 2, "rival_of"), 999),
    (("conversations", 1, "messages", 2, "rival_of"), [1]),
    (("conversations", 1, "messages", 1, "scores"), {"formality": float("inf")}),
    (("thumbs", 0, "value"), 5),
    (("thumbs", 0, "value"), 10**30),
    (("thumbs", 0, "revision_id"), 999),
    (("thumbs", 0, "message_id"), "1"),
    (("thumbs", 0, "withdrawn_at"), False),
    (("evidence",), 3),
    (("evidence", 0, "number"), 0),
    (("evidence", 0, "after_revision"), 10**6),
    (("evidence", 0, "bank"), "of nothing"),
    (("evidence", 0, "kind"), "thumb"),
    (("evidence", 0, "content"), None),
    (("evidence", 0, "content", "kind"), {}),
    (("evidence", 0, "content", "version"), 99),
    (("evidence", 0, "content", "scores"), [0.5]),
    (("evidence", 0, "content", "scores", "formality"), float("nan")),
    (("evidence", 0, "content", "scores", "formality"), "0x"),
    (("evidence", 0, "content", "scores", "formality"), 10**308),
    (("evidence", 0, "content", "direction"), 7),
    (("evidence", 0, "content", "attribute"), "charm"),
    (("evidence", 0, "content", "profile"), 1),
    (("evidence", 0, "content", "surprise"), 1),
    (("evidence", 0, "revision_id"), 999),
]


@pytest.mark.parametrize(("path", "value"), HOSTILE, ids=lambda each: str(each)[:40])
def test_damaged_files_are_refused_in_one_line_and_leave_nothing(
    lived: Chat, path: tuple[str | int, ...], value: Any
) -> None:
    written = copy.deepcopy(export(lived, "ann"))
    spot: Any = written
    for step in path[:-1]:
        spot = spot[step]
    if path:
        spot[path[-1]] = value
    store = lived.workspace.store
    before = [user.name for user in store.users.list()], len(store.conversations.list(lived.user.id))
    with pytest.raises(BadInput) as refused:
        import_person(store, written if path else value, None if path == ("name",) else "Eve")
    assert "\n" not in str(refused.value)
    assert ([user.name for user in store.users.list()], len(store.conversations.list(lived.user.id))) == before


def test_evidence_cannot_take_back_what_is_no_number(lived: Chat) -> None:
    written = export(lived, "ann")
    taken = next(each for each in written["evidence"] if each["kind"] == "retraction")
    for value in ([1], "1", 1.5, True, None):
        taken["content"]["of"] = value
        with pytest.raises(BadInput, match=r"evidence \d+ of the person cannot be learned from"):
            import_person(lived.workspace.store, written, "Eve")


def test_a_fault_while_storing_leaves_nothing(lived: Chat, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from assistant.store import exchange

    def fails(*_: object) -> None:
        raise RuntimeError("the disk is gone")

    place = fake.workspace(tmp_path)
    monkeypatch.setattr(exchange, "add", fails)
    with pytest.raises(RuntimeError):
        import_person(place.store, export(lived, "ann"))
    assert place.store.users.list() == []
