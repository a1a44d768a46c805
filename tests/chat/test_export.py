"""`/export`: where the file goes, what is in it, and what is never done."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from assistant.chat import commands
from assistant.chat.session import Chat
from tests import fake


@pytest.fixture
def chat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Chat:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return fake.chat(tmp_path)


def say(chat: Chat, text: str) -> None:
    list(chat.ask(text).stream())


def exported(chat: Chat, line: str) -> Path:
    outcome = commands.run(chat, line)
    assert outcome.level == "info", outcome.text
    path = Path(outcome.text.removeprefix("Exported to "))
    assert path.is_absolute()
    return path


def test_a_conversation_goes_into_new_files_named_for_it(chat: Chat, tmp_path: Path) -> None:
    assert commands.run(chat, "/export").text.startswith("Nothing was said")
    say(chat, "../../Who's “there”? ünï\n# more")
    for name in ("Who-s-there-ünï.md", "Who-s-there-ünï-2.md"):
        path = exported(chat, "/export")
        assert path == tmp_path / "here" / name
        assert path.read_text(encoding="utf-8").endswith("**assistant**\n\nHello to you too.\n")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    say(chat, "on")
    list(chat.retry().stream())
    path = exported(chat, "/export json")
    assert path.name == "Who-s-there-ünï.json"
    values = json.loads(path.read_text(encoding="utf-8"))
    assert len(values["messages"]) == 5
    assert exported(chat, "/export JSON talk").name == "talk"
    assert exported(chat, "/export talk.json").read_text().startswith("{")
    assert exported(chat, "/export my talk.txt").read_text().startswith("# ")
    back = chat.workspace.store.exchange.load(chat.user.id, values)
    assert chat.open(back.id).title == values["title"]


def test_a_folder_gets_the_file_and_a_title_without_letters_a_name(chat: Chat, tmp_path: Path) -> None:
    say(chat, "?!")
    assert exported(chat, "/export ..") == tmp_path / "here" / ".." / "conversation.md"
    say(chat, "on")
    chat.rename("wide " * 24)
    assert len(exported(chat, "/export").name) <= 64


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("taken", "exists already: name another file"),
        ("link", "exists already"),
        ("missing/x.md", "cannot be written (No such file or directory)"),
        ("taken/x.md", "cannot be written (Not a directory)"),
        ("x" * 300, "cannot be written (File name too long)|is no name for a file"),
        ("a\0b", "is no name for a file|cannot be written (embedded null"),
        ("~nobody-here/x", "is no name for a file"),
    ],
)
def test_nothing_is_overwritten_and_what_cannot_be_is_one_line(chat: Chat, name: str, says: str) -> None:
    say(chat, "hi")
    Path("taken").write_text("mine")
    Path("link").symlink_to("elsewhere")
    outcome = commands.run(chat, f"/export {name}")
    assert outcome.level == "error"
    assert any(each in outcome.text for each in says.split("|"))
    assert "\n" not in outcome.text
    assert Path("taken").read_text() == "mine"
    assert not Path("elsewhere").exists()
