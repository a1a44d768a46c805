from __future__ import annotations

from pathlib import Path

from assistant import locations
from assistant.anchors.card import read_card
from assistant.tui.commands_page import page

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"


def test_the_page_of_commands_is_what_the_registry_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(read_card(locations.default_bank()).attributes), "run make docs"
