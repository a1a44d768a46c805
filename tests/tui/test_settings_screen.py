"""The settings screen, and settings at work."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from textual.widgets import Input, Select

from assistant import locations
from assistant.settings import SettingsFile
from assistant.tui.settings_screen import SettingsScreen
from assistant.tui.theme import CALM, DAYLIGHT, TERMINAL, theme_name
from assistant.tui.transcript import Transcript
from tests import fake
from tests.tui.screen import opened


@pytest.mark.parametrize("size", [(60, 20), (110, 32)])
async def test_a_setting_is_changed_written_and_taken_up(tmp_path: Path, size: tuple[int, int]) -> None:
    chat = fake.chat(tmp_path)
    async with opened(chat, size) as screen:
        await screen.press("f10")
        await screen.until(lambda: isinstance(screen.app.screen, SettingsScreen))
        await screen.until(lambda: "Esc closes" in screen.drawn)
        shown = screen.app.screen
        shown.query_one("#theme", Select).value = "light"
        shown.query_one("#animations", Select).value = False
        await screen.until(lambda: screen.app.theme == DAYLIGHT.name)
        field = shown.query_one("#max_tokens", Input)
        field.focus()
        field.value = "-3"
        await screen.press("enter")
        await screen.until(lambda: "greater than" in str(shown.query_one("#wrong").render()))
        field.value = "77"
        await screen.press("enter")
        keys = shown.query_one("#key-help", Input)
        keys.focus()
        keys.value = "ctrl+b"
        await screen.press("enter")
        await screen.until(lambda: screen.app._file.settings.keys == {"help": "ctrl+b"})
        await screen.press("escape")
        await screen.until(lambda: len(screen.app.screen_stack) == 1)
        assert chat.sampling.max_tokens == 77
        assert screen.app.animation_level == "none"
        await screen.press("ctrl+b")
        await screen.until(lambda: "A message that begins" in screen.drawn)
    text = locations.settings_file().read_text(encoding="utf-8")
    for line in ('theme = "light"', "max_tokens = 77", "animations = false", 'help = "ctrl+b"'):
        assert line in text


async def test_a_broken_file_is_said_once(tmp_path: Path, home: Path) -> None:
    home.mkdir()
    locations.settings_file().write_text("theme =", encoding="utf-8")
    async with opened(fake.chat(tmp_path)) as screen:
        await screen.until(lambda: any("cannot be read" in text for text in screen.shown))
        await screen.say("/settings")
        await screen.until(lambda: isinstance(screen.app.screen, SettingsScreen))
        screen.app.screen.query_one("#theme", Select).value = "light"
        await screen.until(lambda: "cannot be changed" in screen.drawn)
    assert locations.settings_file().read_text(encoding="utf-8") == "theme ="


def test_the_theme_suits_the_terminal() -> None:
    assert theme_name("auto", "truecolor") == CALM.name
    assert theme_name("auto", "standard") == TERMINAL
    assert theme_name("light", "standard") == DAYLIGHT.name
    assert theme_name("terminal", "truecolor") == TERMINAL


async def test_the_chat_can_be_used_without_colours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with opened(fake.chat(tmp_path)) as screen:
        await screen.say("hi")
        await screen.answered()
        assert screen.app.no_color
        await screen.type("/form")
        await screen.until(lambda: "/formality" in screen.drawn)
        colours = set(re.findall(r"(?:fill|color): ?#([0-9a-f]{6})", screen.app.export_screenshot()))
        assert len(colours) == 2  # the terminal's own, as the picture has them


async def test_every_key_of_the_app_can_be_another(tmp_path: Path) -> None:
    chosen = {
        "page_up": "f11, ctrl+y",
        "more": "k",
        "pin": "x",
        "close": "ctrl+w",
        "palette": "f6",
        "choose_2": "ctrl+p",
    }
    SettingsFile().change(keys=chosen)
    chat = fake.chat(tmp_path)
    chat.ask("hello").ended.set()
    async with opened(chat) as screen:
        scrolled = screen.app.query_one(Transcript)
        for key in ("f11", "ctrl+y"):
            await screen.say("/help")
            await screen.until(lambda: scrolled.is_vertical_scroll_end and scrolled.max_scroll_y > 0)
            await screen.press(key)
            await screen.until(lambda: not scrolled.is_vertical_scroll_end)
        await screen.press("ctrl+g", "k", "escape")
        await screen.until(lambda: chat.profile.alpha["formality"] == 0.55)
        await screen.press("ctrl+o")
        await screen.until(lambda: "X pins" in screen.drawn and "Ctrl+W closes" in screen.drawn)
        await screen.press("x")
        await screen.until(lambda: chat.sessions()[0].pinned)
        await screen.press("ctrl+w")
        await screen.until(lambda: len(screen.app.screen_stack) == 1)
        await screen.press("f6")
        await screen.until(lambda: len(screen.app.screen_stack) == 2)
        await screen.press("escape")
