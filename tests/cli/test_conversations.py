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


def test_delete_asks_first(assistant: Assistant, spoken: int) -> None:
    assert assistant("conversations", "delete", str(spoken), stdin="n\n").code == 2
    assert len(json.loads(assistant("conversations", "list", "--json").out)) == 1
    assert assistant("conversations", "delete", str(spoken), "--yes").code == 0
    assert json.loads(assistant("conversations", "list", "--json").out) == []


@pytest.mark.parametrize("command", ["show", "export", "delete"])
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
