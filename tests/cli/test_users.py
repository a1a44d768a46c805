from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Assistant


def names(assistant: Assistant) -> list[str]:
    return [entry["name"] for entry in json.loads(assistant("users", "list", "--json").out)]


def test_people_are_added_renamed_and_listed(assistant: Assistant) -> None:
    assert "Nobody yet" in assistant("users", "list").out
    assert names(assistant) == []
    assert assistant("users", "add", "Ann").out == "Added Ann.\n"
    assert assistant("users", "add", "שרה 🌱").code == 0
    assert assistant("users", "rename", "ann", "Änne").out == "ann is now Änne.\n"
    assert sorted(names(assistant)) == sorted(["Änne", "שרה 🌱"])
    assert "Änne: 0 conversations, revision 1" in assistant("users", "list").out


@pytest.mark.parametrize("name", ["", " ", "a/b", "..", "a\nb", "\x1b[31m", "x" * 65, "\u200b", "\udcff"])
def test_names_that_make_trouble_are_refused_in_one_line(assistant: Assistant, name: str) -> None:
    refused = assistant("users", "add", name)
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.count("\n") == 1
    assert "\x1b" not in refused.err
    assert names(assistant) == []


def test_a_name_is_taken_whatever_its_case(assistant: Assistant) -> None:
    assistant("users", "add", "Straße")
    assert assistant("users", "add", "STRASSE").code == 2
    assistant("users", "add", "bob")
    assert assistant("users", "rename", "bob", "straße").code == 2
    assert assistant("users", "rename", "nobody", "x").code == 2


def test_delete_asks_for_the_name(assistant: Assistant) -> None:
    assistant("users", "add", "Zoé")
    refused = assistant("users", "delete", "zoé", stdin="yes\n")
    assert refused.code == 2
    assert "nothing was deleted" in refused.err
    assert assistant("users", "delete", "zoé", stdin="").code != 0
    assert names(assistant) == ["Zoé"]
    decomposed = "Zoe\u0301"
    assert assistant("users", "delete", "zoé", stdin=f"{decomposed}\n").code == 0
    assert names(assistant) == []


def test_delete_with_yes_does_not_ask(assistant: Assistant) -> None:
    assistant("users", "add", "ann")
    assert assistant("users", "delete", "ann", "--yes").out == "Deleted ann.\n"
    assert assistant("users", "delete", "ann", "--yes").code == 2


def test_all_of_a_person_can_be_exported_before_they_are_deleted(assistant: Assistant, tmp_path: Path) -> None:
    assistant("profile", "set", "--user", "ann", "--alpha", "formality=0.9")
    assistant("profile", "voice", "stiff", "--save", "--user", "ann")
    file = tmp_path / "ann.json"
    assert assistant("users", "export", "ann", str(file)).code == 0
    assert file.stat().st_mode & 0o077 == 0
    kept = json.loads(file.read_text(encoding="utf-8"))
    assert [each["kind"] for each in kept["revisions"]] == ["create", "set"]
    assert [each["name"] for each in kept["voices"]] == ["stiff"]
    assert kept["conversations"] == []
    refused = assistant("users", "delete", "ann", "--yes", "--export", str(file))
    assert refused.code == 2
    assert names(assistant) == ["ann"]
    offered = assistant("users", "delete", "ann", stdin="no\n")
    assert "users export 'ann' FILE" in offered.err
    assert assistant("users", "delete", "ann", "--yes", "--export", str(tmp_path / "b.json")).code == 0
    assert names(assistant) == []


def test_an_exported_person_is_brought_back(assistant: Assistant, tmp_path: Path) -> None:
    assistant("profile", "set", "--user", "ann", "--alpha", "formality=0.9")
    file = tmp_path / "ann.json"
    assistant("users", "export", "ann", str(file))
    refused = assistant("users", "import", str(file))
    assert (refused.code, refused.out) == (2, "")
    assert refused.err == "error: there is a user 'ann' already: --as gives another name\n"
    assert assistant("users", "import", str(file), "--as", "Bea").out == "Imported Bea: 0 conversations, revision 2.\n"
    assert assistant("profile", "show", "--user", "bea", "--json").out == (
        assistant("profile", "show", "--user", "ann", "--json").out.replace('"ann"', '"Bea"')
    )
    piped = assistant("users", "import", "-", "--as", "Cem", stdin=file.read_text(encoding="utf-8"))
    assert piped.code == 0
    assert names(assistant) == ["ann", "Bea", "Cem"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is not JSON"),
        ("[]", "is not an exported person"),
        ("[" * 100_000, "is not JSON"),
        ('{"version": 1, "revisions": [], "name": "a", "created_at": null}', "has no profile"),
        ('{"version": ' + "9" * 5000 + "}", "is not JSON"),
        ('{"messages": []}', "is not an exported person"),
    ],
    ids=["empty", "list", "deep", "nothing", "huge", "conversation"],
)
def test_what_is_no_person_is_refused_in_one_line(assistant: Assistant, tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "x.json"
    file.write_text(text)
    refused = assistant("users", "import", str(file), "--as", "eve")
    assert (refused.code, refused.out) == (2, "")
    assert says in refused.err
    assert refused.err.count("\n") == 1
    assert names(assistant) == []
