from __future__ import annotations

from pathlib import Path

from assistant.tui.commands_page import page


def test_the_page_of_commands_is_what_the_registry_says() -> None:
    path = Path(__file__).parents[2] / "docs" / "commands.md"
    assert path.read_text(encoding="utf-8") == page(), "python -m assistant.tui.commands_page > docs/commands.md"
