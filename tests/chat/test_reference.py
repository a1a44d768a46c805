from __future__ import annotations

from pathlib import Path

from assistant import locations
from assistant.anchors.card import read_card
from assistant.chat.catalogue import registry
from assistant.chat.reference import page
from assistant.chat.registry import Group

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"


def test_the_page_of_commands_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(read_card(locations.default_bank()).attributes), "run make docs"


def test_every_command_says_what_it_does() -> None:
    for command in registry(read_card(locations.default_bank()).attributes).values():
        assert command.about.endswith(".")
        assert len(command.about) < 100
        assert command.group in Group
