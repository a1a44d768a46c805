"""The help: commands and keys as a table that keeps its columns in any width."""

from __future__ import annotations

from collections.abc import Iterable

from rich.table import Table
from rich.text import Text
from textual.widgets import Static

from assistant.chat.commands import Command
from assistant.chat.display import printable

KEYS = (
    ("Enter", "Send; take up the completion that is lit."),
    ("Ctrl+J, Shift+Enter", "Begin a new line."),
    ("Tab", "Complete a command."),
    ("Up, Down", "In an empty field: earlier messages and commands."),
    ("PgUp, PgDn", "Scroll the conversation."),
    ("Esc", "Stop the reply; what there is of it stays."),
    ("F1", "This help."),
    ("F2", "Show or hide the voice panel."),
    ("F3, F4", "Thumb up, thumb down for the last reply; once more takes it back."),
    ("F5 … F9", "Answer the question above the field, such as what was wrong; or leave it."),
    ("Ctrl+Q", "Quit."),
)


class HelpNotice(Static):
    """Commands and keys, in the transcript."""

    def __init__(self, commands: Iterable[Command]) -> None:
        table = Table.grid(padding=(0, 2), expand=True)
        table.add_column(ratio=4)
        table.add_column(ratio=5)
        rows = [(f"/{command.name} {command.usage}".rstrip(), command.about) for command in commands]
        for left, about in rows:
            table.add_row(Text(printable(left)), Text(printable(about), style="dim"))
        table.add_row("", "")
        for key, about in KEYS:
            table.add_row(Text(key), Text(about, style="dim"))
        table.add_row("", "")
        table.add_row(Text("//…"), Text("A message that begins with a slash.", style="dim"))
        super().__init__(table, markup=False)
