from __future__ import annotations

import time
from pathlib import Path
from typing import get_args

import pytest
from textual import events
from textual._xterm_parser import XTermParser

from assistant.chat import commands
from assistant.settings import Settings
from assistant.tui.completions import Completions, taken_up
from tests import fake
from tests.tui.screen import Screen, opened


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("/mor", "/more "),
        ("/undo", None),
        ("/UNDO", None),
        ("/more pos", "/more positive"),
        ("/more positive", None),
        ("/more ", None),
        ("/formality 0.7", None),
        ("/formality 0", None),
        ("/formality for", "/formality formal"),
        ("/compose p", "/compose paper"),
        ("/compose x", None),
        ("/user an", None),
        ("/nosuch", None),
    ],
)
def test_what_enter_takes_up(tmp_path: Path, line: str, wanted: str | None) -> None:
    found = commands.complete(fake.chat(tmp_path), line)
    chosen = taken_up(line, found, 0, moved=False)
    assert (chosen.text if chosen else None) == wanted


async def test_completion_by_keys(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    async with opened(chat) as screen:
        listed = screen.app.query_one(Completions)
        await screen.type("/mor")
        await screen.until(lambda: bool(listed.display))
        await screen.press("tab")
        assert screen.prompt.text == "/more "
        await screen.type("cas")
        await screen.until(lambda: listed.option_count == 1)
        await screen.press("enter")
        await screen.until(lambda: chat.profile.alpha["formality"] == 0.25)
        await screen.press("/")
        await screen.until(lambda: bool(listed.display))
        await screen.press("down", "escape")
        assert not listed.display
        assert screen.prompt.text == "/"
        await screen.say("/formality 0.7")
        assert chat.profile.alpha["formality"] == 0.7


async def test_enter_takes_up_what_was_chosen_with_the_arrows(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    async with opened(chat) as screen:
        listed = screen.app.query_one(Completions)
        await screen.type("/compose ")
        await screen.until(lambda: listed.option_count == 3)
        await screen.press("up", "enter")
        await screen.until(lambda: chat.profile.compose == "centred")
        await screen.type("/weight formality")
        await screen.until(lambda: bool(listed.display))
        await screen.press("enter")
        assert screen.prompt.text.startswith("/weight formality ")
        assert chat.profile.lambda_["formality"] == 0.5


async def test_a_new_name_does_not_turn_into_a_known_one(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    async with opened(chat) as screen:
        await screen.type("/user an")
        await screen.press("enter")
        await screen.until(lambda: chat.user.name == "an")


async def test_keys_faster_than_the_list(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    async with opened(chat) as screen:
        await paste(screen, "/more formal")
        screen.prompt._enter()  # before the list has heard of the text
        await paste(screen, "and a thought")
        await screen.until(lambda: chat.profile.alpha["formality"] == 0.75)
        assert screen.prompt.text == "and a thought"


async def test_lines_can_be_broken_and_the_field_grows(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    async with opened(chat) as screen:
        assert screen.prompt.outer_size.height == 3
        await screen.press("a", "ctrl+j", "b", "shift+enter", "c")
        await screen.until(lambda: screen.prompt.outer_size.height == 5)
        await screen.press(*["ctrl+j"] * 9)
        await screen.until(lambda: screen.prompt.outer_size.height == 8)
        await screen.press("enter")
        await screen.answered()
        assert screen.prompt.outer_size.height == 3
    assert chat.messages()[0].content.rstrip() == "a\nb\nc"


async def test_earlier_texts_are_recalled_in_the_first_line_and_the_draft_comes_back(tmp_path: Path) -> None:
    async with opened(fake.chat(tmp_path)) as screen:
        await screen.say("first\nof two lines")
        await screen.answered()
        await screen.say("/more formal")
        await screen.press("up")
        assert screen.prompt.text == "/more formal"
        assert not screen.app.query_one(Completions).display
        await screen.press("up")
        assert screen.prompt.text == "first\nof two lines"
        await screen.press("up", "down")
        assert screen.prompt.text == "/more formal"
        await screen.press("down")
        assert screen.prompt.text == ""
        await screen.type("a draft\nof mine")
        await screen.press("up")
        assert screen.prompt.text == "a draft\nof mine"  # the cursor went up to its first line
        await screen.press("up")
        assert screen.prompt.text == "/more formal"
        await screen.press("down")
        assert screen.prompt.text == "a draft\nof mine"


async def test_what_is_pasted_cannot_command_the_terminal(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    async with opened(chat) as screen:
        await paste(screen, "red \x1b[31mtext\r\nand \x07 more")
        assert screen.prompt.text == "red \ufffd[31mtext\nand \ufffd more"
        assert len(chat.messages()) == 0


async def test_a_message_may_begin_with_a_slash(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    async with opened(chat) as screen:
        await screen.say("//etc/passwd")
        await screen.answered()
    assert chat.messages()[0].content == "/etc/passwd"


async def test_nothing_but_spaces_is_not_sent(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    async with opened(chat) as screen:
        await screen.press("space", "enter", "enter")
        assert chat.messages() == []


async def test_the_field_keeps_the_focus(tmp_path: Path) -> None:
    async with opened(fake.chat(tmp_path)) as screen:
        await screen.say("hi")
        await screen.answered()
        await screen.press("tab", "shift+tab")
        for place in ("Transcript", "Reply", "ProfilePanel", "StatusLine"):
            await screen.pilot.click(place)
        await screen.press("x")
        assert screen.prompt.text == "x"


async def paste(screen: Screen, text: str) -> None:
    screen.app.post_message(events.Paste(text))
    await screen.pilot.pause()


async def test_a_paste_of_ten_megabytes_is_quick_and_whole(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    text = "lorem ipsum\n" * 900_000
    async with opened(chat) as screen:
        await screen.type("see ")
        began = time.monotonic()
        await paste(screen, text)
        await screen.press("!", "enter")
        await screen.answered()
        assert time.monotonic() - began < fake.DEADLINE
        assert "more characters" in screen.shown[0]
        await screen.press("up")
        assert screen.prompt.text == f"see [long text 1: {len(text):,} characters]!"
    assert chat.messages()[0].content == f"see {text}!"
    again = fake.chat(tmp_path)
    assert again.resume()
    async with opened(again) as screen:
        await screen.press("up")
        assert screen.prompt.text.startswith("[long text 1: ")
        await screen.press("enter")
        await screen.until(lambda: len(again.messages()) == 4 and not screen.app.writing)
    assert again.messages()[2].content == f"see {text}!"


@pytest.mark.parametrize("key", get_args(Settings.model_fields["send_key"].annotation)[1:])
async def test_another_key_may_send(tmp_path: Path, key: str) -> None:
    chat = fake.chat(tmp_path)
    async with opened(chat) as screen:
        screen.app._talk.apply(Settings(send_key=key))
        await screen.press("a", "enter", "b", key)
        await screen.answered()
    assert chat.messages()[0].content == "a\nb"


def test_terminals_that_know_the_key_report_alt_enter() -> None:
    assert [event.key for event in XTermParser().feed("\x1b[13;3u") if isinstance(event, events.Key)] == ["alt+enter"]


async def test_a_broken_line_by_any_terminals_shift_enter(tmp_path: Path) -> None:
    async with opened(fake.chat(tmp_path)) as screen:
        for key in ("shift+enter", "ctrl+j", "shift+\r"):
            assert screen.prompt._handles(key)
        assert screen.prompt.text == "\n\n\n"


async def test_a_long_message_is_worded_anew_as_a_whole(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    long, longer = "lorem ipsum\n" * 3_000, "dolor sit\n" * 30_000
    async with opened(chat) as screen:
        await paste(screen, long)
        await screen.press("enter")
        await screen.answered()
        await screen.press("ctrl+t")
        assert screen.prompt.text == long
        await screen.press("!", "enter")
        await screen.until(lambda: chat.messages()[0].content == f"{long}!" and not screen.app.writing)
        await paste(screen, longer)
        await screen.press("enter")
        await screen.until(lambda: len(chat.messages()) == 4 and not screen.app.writing)
        await screen.press("ctrl+t", "backspace", "enter")
        assert "label" in str(screen.prompt.border_subtitle)
        await screen.press("ctrl+z", "!", "enter")
        await screen.until(lambda: chat.messages()[2].content == f"{longer}!" and not screen.app.writing)
