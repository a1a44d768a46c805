"""The chat line by line when the database cannot be written, or went on in another window."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

from assistant.chat.session import Chat
from assistant.cli.plain import PlainChat
from tests import fake
from tests.reliability.disks import Full

LONG = "word " * 3000


class Typing(io.StringIO):
    """What a person types; before some lines something happens."""

    def __init__(self, *lines: str | Callable[[], None]) -> None:
        super().__init__()
        self._lines = list(lines)

    def readline(self, *_: object) -> str:
        while self._lines:
            line = self._lines.pop(0)
            if isinstance(line, str):
                return line + "\n"
            line()
        return ""


def talk(chat: Chat, typing: Typing) -> list[str]:
    out = io.StringIO()
    PlainChat(chat, typing, out, interactive=True).run()
    chat.host.close()
    return out.getvalue().splitlines()


def test_a_line_that_could_not_be_sent_is_sent_by_an_empty_one(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    full = Full(chat.workspace.store)
    typing = Typing("first", lambda: setattr(full, "on", True), LONG, lambda: setattr(full, "on", False), "", "")
    said = talk(chat, typing)
    assert "error: the disk is full, nothing can be written to the database" in " ".join(said)
    assert "Not sent: an empty line sends it again." in said
    assert [each.content for each in chat.messages()] == ["first", "Hello to you too.", LONG, "Hello to you too."]


def test_what_was_said_in_another_window_is_written_first(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)

    def elsewhere() -> None:
        other = fake.chat(tmp_path)
        other.resume()
        list(other.ask("from elsewhere").stream())

    said = talk(chat, Typing("first", elsewhere, "second", ""))
    at = next(place for place, line in enumerate(said) if "ann: from elsewhere" in line)
    assert said[at + 1] == "assistant: Hello to you too."
    assert "went on in another window meanwhile" in said[at + 2]
    assert [each.content for each in chat.messages()][::2] == ["first", "from elsewhere", "second"]
