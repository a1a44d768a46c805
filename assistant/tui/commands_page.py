"""The page of all slash commands, from their registry: `python -m assistant.tui.commands_page > docs/commands.md`."""

from __future__ import annotations

from assistant import locations
from assistant.anchors.card import read_card
from assistant.chat import commands
from assistant.tui import own_commands

_HEAD = """# Commands

`/` lists them in the chat, Tab completes, `/help NAME` tells about one. This page is written from the program's own
registry (`python -m assistant.tui.commands_page`).

| command | |
|---|---|
"""


def page() -> str:
    """Return the page as Markdown."""
    attributes = read_card(locations.default_bank()).attributes
    known: list[commands.Command | own_commands.OwnCommand] = [
        *commands.registry(attributes).values(),
        *own_commands.COMMANDS,
    ]
    rows = []
    for each in known:
        usage = f"/{each.name} {each.usage}".rstrip().replace("|", "\\|")
        rows.append(f"| `{usage}` | {each.about} |")
    return _HEAD + "\n".join(rows) + "\n"


if __name__ == "__main__":
    print(page(), end="")
