"""Copying replies, code and conversations; thumbs and picks by mouse."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant import locations
from assistant.tui import clipboard
from assistant.tui.code import blocks
from assistant.tui.reply import Reply
from tests import fake
from tests.tui.screen import opened

CODE = "See:\n\n```python\nx = 1\n```\n\nand\n\n```\ny"


@pytest.fixture(autouse=True)
def no_desktop(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "TERM_PROGRAM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setattr("sys.platform", "linux")


def test_code_blocks() -> None:
    assert blocks(CODE) == ["x = 1", "y"]
    assert blocks("none here") == []


async def test_reply_code_and_conversation_are_copied(tmp_path: Path) -> None:
    async with opened(fake.chat(tmp_path, fake.FakeEngine(CODE))) as screen:
        await screen.say("/copy")
        await screen.until(lambda: "no reply" in screen.shown[-1])
        await screen.say("/copy all")
        await screen.until(lambda: "Nothing was said" in screen.shown[-1])
        await screen.say("hi")
        await screen.answered()
        for line, copied in (
            ("/copy", CODE),
            ("/copy code", "y"),
            ("/copy code 1", "x = 1"),
            ("/copy all", f"**ann:** hi\n\n**assistant:** {CODE}\n"),
        ):
            await screen.say(line)
            await screen.until(lambda copied=copied: screen.app.clipboard == copied)  # type: ignore[misc]
        await screen.say("/copy code 3")
        await screen.until(lambda: "has 2 code blocks" in screen.shown[-1])
        screen.app.copy_to_clipboard("")
        await screen.press("f12")
        await screen.until(lambda: screen.app.clipboard == CODE)


async def test_what_no_clipboard_takes_goes_into_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(fake.chat(tmp_path)) as screen:
        await screen.say("hi")
        await screen.answered()
        await screen.say("/copy file")
        await screen.until(lambda: len(list(locations.copies().iterdir())) == 1)
        monkeypatch.setenv("TERM", "linux")
        await screen.say("/copy")
        await screen.until(lambda: len(list(locations.copies().iterdir())) == 2)
        monkeypatch.setenv("TERM", "xterm")
        assert "Saved" in clipboard.copy(screen.app, "x" * (clipboard.MOST + 1), "it")
    for path in locations.copies().iterdir():
        assert path.stat().st_mode & 0o77 == 0
    assert sorted(path.read_text() for path in locations.copies().iterdir())[0] == "Hello to you too."


async def test_deeds_by_mouse(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path, fake.FakeEngine(CODE))
    async with opened(chat) as screen:
        await screen.say("hi")
        await screen.answered()
        await screen.pilot.pause()
        await screen.click("👍")
        await screen.until(lambda: screen.shown[1].endswith("|👍"))
        await screen.click("👎")
        await screen.until(lambda: screen.shown[1].endswith("|👎"))
        await screen.click("copy")
        await screen.until(lambda: screen.app.clipboard == CODE)
        await screen.click("code 1")
        await screen.until(lambda: screen.app.clipboard == "x = 1")
        await screen.press("z")
        assert screen.prompt.text == "z"


async def test_an_earlier_reply_is_judged_by_mouse(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    async with opened(chat) as screen:
        await screen.say("one")
        await screen.answered()
        await screen.say("two")
        await screen.answered(2)
        first = chat.messages()[1]
        await screen.app.action_rate(first.id, -1)
        await screen.until(lambda: "What was wrong?" in screen.drawn)
        await screen.press("f5")
        await screen.until(lambda: "should be more" in screen.shown[-1])
        assert screen.shown[1].endswith("|👎")
        thumbs = chat.workspace.store.feedback.list(chat.user.id)
    assert [(each.message_id, each.value) for each in thumbs] == [(first.id, -1)]


@pytest.mark.parametrize(("size", "stacked"), [((110, 32), False), ((60, 20), True)])
async def test_compared_replies_stand_side_by_side(tmp_path: Path, size: tuple[int, int], stacked: bool) -> None:
    chat = fake.chat(tmp_path)
    async with opened(chat, size) as screen:
        await screen.say("/compare what now?")
        await screen.answered(2)
        await screen.until(lambda: "Which do you like better?" in screen.drawn)
        await screen.settled()
        first, second = screen.app.query(Reply)
        assert (first.region.y == second.region.y) != stacked
        await screen.click("pick 2")
        await screen.until(lambda: [each.superseded for each in chat.forks()[0].messages] == [True, False])
