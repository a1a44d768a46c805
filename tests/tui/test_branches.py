"""Retried replies, messages worded anew, and the way between siblings."""

from __future__ import annotations

from pathlib import Path

from assistant.chat.session import Chat
from assistant.tui.person import PersonMessage
from assistant.tui.reply import Reply
from tests import fake
from tests.tui.screen import opened


def said(chat: Chat) -> list[str]:
    return [each.content for each in chat.messages()]


async def test_a_retry_takes_the_place_of_the_reply_and_siblings_are_walked(tmp_path: Path) -> None:
    engine = fake.FakeEngine("First words.")
    chat = fake.chat(tmp_path, engine)
    async with opened(chat) as screen:
        await screen.say("hi")
        await screen.answered()
        assert "‹" not in screen.drawn
        engine.script = "Second words."
        await screen.press("ctrl+r")
        await screen.until(lambda: said(chat) == ["hi", "Second words."] and not screen.app.writing)
        await screen.until(lambda: screen.replies == ["Second words."] and "‹ 2/2 ›" in screen.drawn)
        engine.script = "Third words."
        await screen.say("/retry")
        await screen.until(lambda: "‹ 3/3 ›" in screen.drawn and not screen.app.writing)
        await screen.click("‹")
        await screen.until(lambda: "‹ 2/3 ›" in screen.drawn and screen.replies == ["Second words."])
        await screen.press("alt+left")
        await screen.until(lambda: "‹ 1/3 ›" in screen.drawn and said(chat)[1] == "First words.")
        await screen.press("alt+left")
        await screen.until(lambda: "there is no previous one" in screen.drawn)
        await screen.press("alt+right")
        await screen.until(lambda: "‹ 2/3 ›" in screen.drawn)
    async with opened(chat) as screen:
        await screen.until(lambda: "‹ 2/3 ›" in screen.drawn)


async def test_an_earlier_message_is_worded_anew_by_mouse_and_by_key(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    async with opened(chat) as screen:
        for count, text in enumerate(("one", "//two"), 1):
            await screen.say(text)
            await screen.answered(count)
        await screen.type("a draft")
        said_first = screen.app.query(PersonMessage).first()
        await screen.pilot.click(said_first.query_one(".said"))
        assert screen.prompt.text == "a draft"
        await screen.pilot.click(said_first.query_one(".deeds"))
        await screen.until(lambda: screen.prompt.text == "one" and "begins a branch" in screen.drawn)
        await screen.press("escape")
        assert screen.prompt.text == "a draft"
        await screen.press("ctrl+t")
        assert screen.prompt.text == "//two"
        await screen.press("ctrl+t")
        assert screen.prompt.text == "one"
        await screen.say("uno")
        await screen.until(lambda: said(chat) == ["uno", "Hello to you too."] and not screen.app.writing)
        assert screen.prompt.text == "a draft"
        await screen.until(lambda: "‹ 2/2 ›" in screen.drawn and len(screen.shown) == 2)
        await screen.press("alt+left")
        await screen.until(lambda: said(chat)[0] == "one" and len(screen.shown) == 4)
        await screen.until(lambda: "‹ 1/2 ›" in screen.drawn)


async def test_nothing_branches_while_a_reply_is_written(tmp_path: Path) -> None:
    engine = fake.FakeEngine("one two three", gate=True)
    chat = fake.chat(tmp_path, engine)
    async with opened(chat) as screen:
        await screen.say("hi")
        await screen.until(lambda: screen.app.writing)
        await screen.press("ctrl+r")
        await screen.until(lambda: "still writing" in screen.drawn)
        engine.let(3)
        await screen.answered()
        assert len(screen.app.query(Reply)) == 1


async def test_what_is_left_out_of_a_reply_is_said_and_the_room_is_shown(tmp_path: Path) -> None:
    engine = fake.FakeEngine()
    engine.context = 12
    chat = fake.chat(tmp_path, engine)
    async with opened(chat, (150, 40)) as screen:
        await screen.say("just four words here")
        await screen.answered()
        await screen.until(lambda: "8 tokens used, 4 left" in screen.drawn)
        assert "left out" not in screen.drawn
        await screen.say("and now there are quite a few more")
        await screen.answered(2)
        await screen.until(lambda: "The oldest turn was left out of this reply" in screen.drawn)
    async with opened(chat, (150, 40)) as screen:
        await screen.until(lambda: "The oldest turn was left out of this reply" in screen.drawn)
