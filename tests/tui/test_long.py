"""Long conversations stay fluid: only what is near the screen has widgets."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from assistant.chat.session import Chat
from assistant.store.tables import Message
from assistant.tui.transcript import PAGE, WINDOW, Transcript
from tests import fake
from tests.tui.screen import Screen, opened

pytestmark = pytest.mark.slow

COUNT = 2000


def long_chat(folder: Path, engine: fake.FakeEngine | None = None) -> Chat:
    chat = fake.chat(folder, engine)
    conversation = chat.workspace.store.conversations.create(chat.user.id)
    with chat.workspace.store.database.transaction() as session:
        session.add_all(
            Message(
                conversation_id=conversation.id,
                role="assistant" if number % 2 else "user",
                content=f"message {number} with **some** words and `code`\n\n- and\n- a list",
            )
            for number in range(COUNT)
        )
    assert chat.resume()
    return chat


def widgets(screen: Screen) -> int:
    return len(screen.app.query_one(Transcript).children)


def first(screen: Screen) -> int:
    return int(screen.shown[0].split()[1])


async def test_two_thousand_messages(tmp_path: Path) -> None:
    chat = long_chat(tmp_path)
    async with opened(chat) as screen:
        transcript = screen.app.query_one(Transcript)
        await screen.until(lambda: f"message {COUNT - 1}" in screen.drawn)
        assert widgets(screen) <= 3 * PAGE
        highest = COUNT
        while highest > COUNT - WINDOW - 2 * PAGE:
            await screen.press("pageup")
            await screen.until(lambda: not transcript._growing)
            await screen.pilot.pause()
            assert widgets(screen) <= WINDOW
            assert first(screen) <= highest
            highest = first(screen)
            numbers = [int(text.split()[1]) for text in screen.shown]
            assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        began = time.monotonic()
        await screen.press(*"typing")
        assert screen.prompt.text == "typing"
        assert time.monotonic() - began < 5
        for _ in range(120):
            if f"message {COUNT - 1}" in screen.drawn:
                break
            await screen.press("pagedown")
            await screen.until(lambda: not transcript._growing)
            await screen.pilot.pause()
            assert widgets(screen) <= WINDOW
        assert f"message {COUNT - 1}" in screen.drawn
        await screen.press("enter")
        await screen.answered_any()
        await screen.until(lambda: "Hello to you too." in screen.drawn)


async def test_sending_from_far_above_goes_to_the_end(tmp_path: Path) -> None:
    chat = long_chat(tmp_path)
    async with opened(chat) as screen:
        transcript = screen.app.query_one(Transcript)
        for _ in range(80):
            if first(screen) < COUNT - WINDOW - PAGE:
                break
            await screen.press("pageup")
            await screen.until(lambda: not transcript._growing)
            await screen.pilot.pause()
        await screen.say("back again")
        await screen.answered_any()
        await screen.until(lambda: "Hello to you too." in screen.drawn and "back again" in screen.drawn)
