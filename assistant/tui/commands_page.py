"""The page of all slash commands, written from their registry; `make docs` puts it into docs/commands.md."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from assistant import locations
from assistant.anchors.card import read_card
from assistant.chat.catalogue import registry
from assistant.chat.registry import Group
from assistant.style import Attribute
from assistant.tui import own_commands

_HEAD = """# Slash commands

Written by `make docs` from the program's own registry. In the chat, `/` lists them, Tab completes them and what may
follow. Brackets mark what may be left out, | separates alternatives. A message that begins with a slash is written with
two: `//etc/hosts`.
"""


def page(attributes: Sequence[Attribute]) -> str:
    """Return the page as Markdown."""
    commands = [*registry(attributes).values(), *own_commands.COMMANDS]
    parts = [_HEAD]
    for group in Group:
        parts.append(f"\n## {group}\n\n| command | |\n|---|---|")
        parts += [f"| `{_cell(each.line)}` | {_cell(each.about)} |" for each in commands if each.group is group]
    return "\n".join(parts) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(page(read_card(locations.default_bank()).attributes))
