"""How a command line is completed, and what may follow a command."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.chat import commands
from assistant.chat.registry import ranked
from assistant.chat.session import Chat
from tests import fake


@pytest.fixture
def chat(tmp_path: Path) -> Chat:
    return fake.chat(tmp_path)


def test_completion(chat: Chat) -> None:
    def texts(line: str) -> list[str]:
        return [each.text for each in commands.complete(chat, line)]

    assert texts("/for")[0] == "/formality "
    assert texts("/un")[0] == "/undo"
    assert "/more " in texts("/mr")
    assert texts("/more pos") == ["/more positive"]
    assert texts("/compose ")[:3] == ["/compose paper", "/compose full", "/compose centred"]
    assert texts("/nosuch x") == []
    assert len(texts("/")) == len(commands.registry(chat.workspace.attributes))


def test_names_that_begin_with_what_was_typed_come_first_then_those_that_hold_it_the_closest_first() -> None:
    names = ["personal", "sto", "sort", "also", "seldom so", "some", "os"]
    assert ranked("so", names, str) == ["sort", "some", "also", "personal", "seldom so", "sto"]
    assert ranked("", names, str) == names


def test_values_are_offered_with_what_they_mean(chat: Chat) -> None:
    offered = {each.label: each.about for each in commands.complete(chat, "/formality ")}
    assert list(offered.items())[:7] == [
        ("+", "0.1 more formal"),
        ("-", "0.1 more casual"),
        ("0", "casual"),
        ("0.25", "rather casual"),
        ("0.5", "neither"),
        ("0.75", "rather formal"),
        ("1", "formal"),
    ]
    assert {"very formal", "a bit casual", "neutral"} <= set(offered)
    for words, alpha in (("very formal", 1), ("rather casual", 0.25), ("A bit formal", 0.625), ("¾", 0.75)):
        commands.run(chat, f"/formality {words}")
        assert chat.profile.alpha["formality"] == alpha
