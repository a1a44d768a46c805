"""The help: commands and keys as a table that keeps its columns in any width."""

from __future__ import annotations

from collections.abc import Iterable

from rich.table import Table
from rich.text import Text
from textual.widgets import Static

from assistant.chat.commands import Command
from assistant.chat.display import printable
from assistant.settings import Settings
from assistant.settings.keys import ACTIONS, keys_of, spoken

TYPING = (
    ("Ctrl+J, Shift+Enter", "Begin a new line."),
    ("Tab", "Complete a command."),
    ("Up, Down", "In the first line: earlier messages and commands."),
)
CHOICES = ("choose_1", "choose_5")


def key_rows(settings: Settings) -> list[tuple[str, str]]:
    """Return each key with what it does, as the person has set them."""
    rows = [(spoken(settings.send_key), "Send; take up the completion that is lit."), *TYPING]
    for each in ACTIONS:
        if each.place in ("app", "typing") and not each.name.startswith("choose_"):
            rows.append((spoken(keys_of(each.name, settings.keys)), each.about))
    first, last = (spoken(keys_of(name, settings.keys)) for name in CHOICES)
    rows.append((f"{first} … {last}", "Answer the question above the field, such as what was wrong; or leave it."))
    return rows


class HelpNotice(Static):
    """Commands and keys, in the transcript."""

    def __init__(self, commands: Iterable[Command], settings: Settings) -> None:
        table = Table.grid(padding=(0, 2), expand=True)
        table.add_column(ratio=4)
        table.add_column(ratio=5)
        rows = [(command.line, command.about) for command in commands]
        for left, about in rows:
            table.add_row(Text(printable(left)), Text(printable(about), style="dim"))
        table.add_row("", "")
        for key, about in key_rows(settings):
            table.add_row(Text(key), Text(about, style="dim"))
        table.add_row("", "")
        table.add_row(Text("//…"), Text("A message that begins with a slash.", style="dim"))
        super().__init__(table, markup=False)
