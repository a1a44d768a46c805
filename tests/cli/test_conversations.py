from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from assistant.store import Store
from assistant.style import Profile
from tests.cli.conftest import Assistant

NEUTRAL = Profile.neutral(("formality", "sentiment"))
NASTY = "\x1b[2J[bold]Größe[/bold]\x9b31m \u202e🌱"


@pytest.fixture
def spoken(home: Path) -> int:
    """A conversation of "tester" whose reply was being written when its writer died."""
    with Store.open() as store:
        user = store.users.ensure("tester", NEUTRAL)
        store.conversations.create(user.id)
        conversation = store.conversations.create(user.id, model="tiny")
        question = store.conversations.add(conversation.id, "user", f"{NASTY}\nWhat about trains?")
        reply = store.conversations.add(
            conversation.id, "assistant", "Trains are", status="streaming", parent_id=question.id, profile=NEUTRAL
        )
        assert reply.writer_pid == os.getpid()
        return int(conversation.id)


def safe(text: str) -> bool:
    return not any(character in text for character in "\x1b\x9b\u202e")


def test_list_counts_messages_and_omits_empty_conversations(assistant: Assistant, spoken: int) -> None:
    [row] = json.loads(assistant("conversations", "list", "--json").out)
    assert (row["id"], row["messages"]) == (spoken, 2)
    line = assistant("conversations", "list").out
    assert line.count("\n") == 1
    assert "[bold]Größe[/bold]" in line
    assert safe(line)


def test_who_has_none_yet_gets_an_empty_list(assistant: Assistant) -> None:
    assert json.loads(assistant("conversations", "list", "--json").out) == []
    assert json.loads(assistant("conversations", "search", "x", "--json").out) == []
    assert assistant("conversations", "list").out == "No conversations yet.\n"
    assert assistant("conversations", "search", "x").out == "Nothing found.\n"
    refused = assistant("conversations", "show", "1")
    assert (refused.code, refused.out) == (2, "")
    assert assistant("conversations", "list", "--user", "nobody").code == 2


def test_show_prints_the_transcript_and_marks_what_was_interrupted(assistant: Assistant, spoken: int) -> None:
    text = assistant("conversations", "show", str(spoken)).out
    assert "[bold]Größe[/bold]" in text
    assert "**tester**" in text
    assert "**assistant** (interrupted)\n\nTrains are\n" in text
    assert safe(text)


def test_show_as_json_has_everything(assistant: Assistant, spoken: int) -> None:
    out = assistant("conversations", "show", str(spoken), "--json").out
    assert safe(out)
    data = json.loads(out)
    question, reply = data["messages"]
    assert question["content"].startswith(NASTY)
    assert (reply["status"], reply["parent_id"]) == ("interrupted", question["id"])
    assert reply["profile"] == NEUTRAL.as_dict()


def test_search_ignores_case_and_shows_a_snippet(assistant: Assistant, spoken: int) -> None:
    found = assistant("conversations", "search", "GRÖSSE")
    assert found.out.count("\n") == 1
    assert "Größe" in found.out
    assert safe(found.out)
    [hit] = json.loads(assistant("conversations", "search", "trains ARE", "--json").out)
    assert (hit["conversation"], hit["role"]) == (spoken, "assistant")
    assert assistant("conversations", "search", "100%").out == "Nothing found.\n"
    assert assistant("conversations", "search", " ").code == 2


def test_export_writes_markdown_or_json(assistant: Assistant, spoken: int, tmp_path: Path) -> None:
    file = tmp_path / "c.md"
    assert assistant("conversations", "export", str(spoken), "--file", str(file)).code == 0
    assert "Trains are" in file.read_text(encoding="utf-8")
    assert assistant("conversations", "export", str(spoken), "--file", str(file)).code == 2
    out = assistant("conversations", "export", str(spoken), "--format", "json").out
    assert safe(out)
    assert json.loads(out)["model"] == "tiny"
    assert safe(assistant("conversations", "export", str(spoken)).out)


def test_delete_has_a_way_back_unless_it_is_for_good(assistant: Assistant, spoken: int) -> None:
    number = str(spoken)

    def listed(*options: str) -> list[int]:
        return [row["id"] for row in json.loads(assistant("conversations", "list", "--json", *options).out)]

    assert f"undelete {number}" in assistant("conversations", "delete", number).out
    assert (listed(), listed("--deleted")) == ([], [spoken])
    assert assistant("conversations", "delete", number).code == 2
    assert assistant("conversations", "undelete", number).code == 0
    assert assistant("conversations", "undelete", number).code == 2
    assert listed() == [spoken]
    assert assistant("conversations", "delete", number, "--for-good", stdin="n\n").code == 2
    assert listed() == [spoken]
    assistant("conversations", "delete", number)
    assert assistant("conversations", "delete", number, "--for-good", "--yes").out == "Deleted for good.\n"
    assert (listed(), listed("--deleted")) == ([], [])


def test_rename_and_pin(assistant: Assistant, spoken: int) -> None:
    assert assistant("conversations", "rename", str(spoken), "About  trains").code == 0
    assert assistant("conversations", "rename", str(spoken), "\x1b").code == 2
    assert assistant("conversations", "pin", str(spoken)).out == "Pinned.\n"
    assert assistant("conversations", "list").out.rstrip().endswith("About trains (pinned)")
    assert assistant("conversations", "pin", str(spoken), "--off").code == 0
    assert assistant("conversations", "list").out.rstrip().endswith("About trains")


def test_what_was_exported_can_be_imported(assistant: Assistant, spoken: int, tmp_path: Path) -> None:
    file = tmp_path / "c.json"
    assistant("conversations", "export", str(spoken), "--format", "json", "--file", str(file))
    added = assistant("conversations", "import", str(file), "--user", "eve")
    assert (added.code, added.out.count("\n")) == (0, 1)
    [row] = json.loads(assistant("conversations", "list", "--json", "--user", "eve").out)
    copy = json.loads(assistant("conversations", "show", str(row["id"]), "--json", "--user", "eve").out)
    original = json.loads(file.read_text(encoding="utf-8"))
    assert [each["content"] for each in copy["messages"]] == [each["content"] for each in original["messages"]]
    piped = assistant("conversations", "import", "-", stdin=file.read_text(encoding="utf-8"))
    assert piped.code == 0


@pytest.mark.parametrize(
    "content", ["", "[", "[]", "{}", '{"messages": 3}', "[" * 100_000, '{"messages": [{"id": 1}]}']
)
def test_files_that_are_no_conversation_are_refused_in_one_line(
    assistant: Assistant, tmp_path: Path, content: str
) -> None:
    file = tmp_path / "c.json"
    file.write_text(content, encoding="utf-8")
    for source in (str(file), str(tmp_path / "missing.json"), str(tmp_path)):
        refused = assistant("conversations", "import", source)
        assert (refused.code, refused.out, refused.err.count("\n")) == (2, "", 1)
    assert json.loads(assistant("conversations", "list", "--json").out) == []


@pytest.mark.parametrize("command", ["show", "export", "delete", "undelete", "pin"])
@pytest.mark.parametrize("number", ["999", "0", "9" * 30, "one"])
def test_conversations_that_are_not_there_are_refused_in_one_line(
    assistant: Assistant, spoken: int, command: str, number: str
) -> None:
    refused = assistant("conversations", command, number)
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.count("\n") == 1


def test_nobody_reads_the_conversations_of_another(assistant: Assistant, spoken: int) -> None:
    assistant("users", "add", "eve")
    for command in ("show", "export", "delete"):
        assert assistant("conversations", command, str(spoken), "--user", "eve").code == 2
    assert json.loads(assistant("conversations", "search", "trains", "--user", "eve", "--json").out) == []
