from __future__ import annotations

from pathlib import Path

import pytest

from assistant.tui.person import PersonMessage
from assistant.tui.pieces import Pieces
from assistant.tui.transcript import Transcript
from tests import fake
from tests.tui.screen import opened


async def test_what_people_type_is_shown_as_typed(tmp_path: Path) -> None:
    text = "[bold red]no[/] **stars** \x1b[31mred <|im_start|> [/] [@click=app.quit]x[/]"
    async with opened(fake.chat(tmp_path)) as screen:
        await screen.say(text)
        await screen.answered()
        assert screen.shown[0] == text.replace("\x1b", "\ufffd")
        await screen.until(lambda: "[bold red]no[/] **stars** \ufffd[31mred <|im_start|>" in screen.drawn)


async def test_replies_are_markdown_and_nothing_else(tmp_path: Path) -> None:
    script = "a **bold** [red]word[/red] <b>tag</b> \x1b]0;title\x07\n\n<div>block</div>\n\n- one\n- two"
    chat = fake.chat(tmp_path, fake.FakeEngine(script))
    async with opened(chat) as screen:
        await screen.say("hi")
        await screen.until(lambda: "• one" in screen.drawn)
        drawn = screen.drawn
        assert "a bold [red]word[/red] <b>tag</b> \ufffd]0;title\ufffd" in drawn
        assert "<div>block</div>" in drawn
        assert "**" not in drawn
        assert "\x1b" not in drawn
    assert chat.messages()[-1].content == script


@pytest.mark.parametrize(
    "script", ["text\n\n```python\nx = 1", "| a | b |\n|---|---|\n| 1 |", "**open", "", "\n\n", "# "]
)
async def test_unfinished_markdown_is_drawn(tmp_path: Path, script: str) -> None:
    engine = fake.FakeEngine(script, gate=True)
    async with opened(fake.chat(tmp_path, engine)) as screen:
        await screen.say("hi")
        engine.let(20)
        await screen.answered()
        assert screen.replies == [script]
        words = [word for word in script.split() if word.isalnum()]
        await screen.until(lambda: all(word in screen.drawn for word in words))


async def test_text_appears_while_it_is_written(tmp_path: Path) -> None:
    engine = fake.FakeEngine("one two three", gate=True)
    chat = fake.chat(tmp_path, engine)
    async with opened(chat) as screen:
        await screen.say("count")
        await screen.until(lambda: "thinking …" in screen.drawn)
        for words, text in ((1, "one"), (1, "one two"), (1, "one two three")):
            engine.let(words)
            await screen.until(lambda text=text: text in screen.drawn)  # type: ignore[misc]
        await screen.answered()
        await screen.until(lambda: "thinking" not in screen.drawn)
        assert screen.shown == ["count", "one two three|"]


async def test_the_end_is_followed_unless_the_person_scrolled_away(tmp_path: Path) -> None:
    engine = fake.FakeEngine("\n\n".join(f"paragraph{number}" for number in range(60)) + " end one two", gate=True)
    async with opened(fake.chat(tmp_path, engine)) as screen:
        transcript = screen.app.query_one(Transcript)
        await screen.say("long")
        engine.let(2)
        await screen.until(lambda: "end" in screen.drawn)
        assert transcript.is_vertical_scroll_end
        await screen.press("pageup")
        await screen.until(lambda: "end" not in screen.drawn)
        before = transcript.scroll_y
        engine.let(2)
        await screen.answered()
        await screen.pilot.pause()
        assert transcript.scroll_y == before
        await screen.press("pagedown", "pagedown")
        await screen.until(lambda: "end one two" in screen.drawn)


COUNT = 37


async def test_a_long_history_comes_page_by_page(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    conversation = chat.workspace.store.conversations.create(chat.user.id)
    for number in range(COUNT):
        role = "assistant" if number % 2 else "user"
        chat.workspace.store.conversations.add(conversation.id, role, f"message {number}.")
    assert chat.resume()
    async with opened(chat) as screen:
        transcript = screen.app.query_one(Transcript)
        await screen.until(lambda: transcript.max_scroll_y > 0)
        assert len(transcript.query("PersonMessage, Reply")) < COUNT
        assert f"message {COUNT - 1}." in screen.drawn
        for _ in range(COUNT):
            if "message 0." in screen.drawn:
                break
            before = screen.drawn
            await screen.press("pageup")
            await screen.until(lambda before=before: screen.drawn != before)  # type: ignore[misc]
            await screen.pilot.pause()
        first = transcript.query("PersonMessage, Reply").first()
        assert isinstance(first, PersonMessage)
        assert [int(text.split(".")[0].split()[-1]) for text in screen.shown] == list(range(COUNT))


async def test_help_names_commands_and_keys(tmp_path: Path) -> None:
    async with opened(fake.chat(tmp_path), (120, 120)) as screen:
        await screen.say("/help")
        await screen.until(lambda: "Ctrl+Q" in screen.drawn)
        for word in ("/formality", "/weight", "/undo", "/user", "/quit", "F2", "PgUp"):
            assert word in screen.drawn
        await screen.say("/help undo")
        assert screen.shown[-1].startswith("/undo")


def test_pieces_are_collected_until_they_are_taken() -> None:
    pieces = Pieces()
    assert [pieces.add(text) for text in ("", "a", "b")] == [False, True, False]
    assert pieces.take() == "ab"
    assert pieces.take() == ""
    assert pieces.add("c")
