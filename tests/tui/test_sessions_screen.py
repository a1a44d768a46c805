"""The screens of the conversations and of the search."""

from __future__ import annotations

from pathlib import Path

from textual.widgets import Input

from assistant.chat.session import Chat
from assistant.tui.search_screen import SearchScreen
from assistant.tui.sessions_screen import SessionsScreen
from tests import fake
from tests.tui.screen import Screen, opened


def three(folder: Path) -> Chat:
    """Return a chat with three conversations, the last of them open."""
    chat = fake.chat(folder)
    for topic in ("apples", "bread", "cheese"):
        chat.new()
        turn = chat.ask(f"Let us talk about {topic}")
        chat.workspace.store.conversations.finish(turn.reply.id, f"Gladly: {topic}.", "complete", 2, 0.1)
        turn.ended.set()
    return chat


def titles(chat: Chat) -> list[str]:
    return [each.title.rsplit(" ", 1)[1] for each in chat.sessions()]


async def at(screen: Screen, key: str, kind: type[object]) -> None:
    await screen.press(key)
    await screen.until(lambda: isinstance(screen.app.screen, kind))
    await screen.pilot.pause()


async def closed(screen: Screen) -> None:
    await screen.until(lambda: len(screen.app.screen_stack) == 1)


async def test_conversations_are_pinned_renamed_and_opened(tmp_path: Path) -> None:
    chat = three(tmp_path)
    async with opened(chat) as screen:
        await at(screen, "ctrl+o", SessionsScreen)
        await screen.until(lambda: all(each in screen.drawn for each in ("apples", "bread", "cheese", "open")))
        await screen.press("down", "down", "p")
        await screen.until(lambda: titles(chat) == ["apples", "cheese", "bread"])
        await screen.press("r")
        field = screen.app.screen.query_one(Input)
        await screen.until(lambda: field.has_focus)
        field.value = "All about pears"
        await screen.press("enter")
        await screen.until(lambda: titles(chat)[0] == "pears" and "★ All about pears" in screen.drawn)
        await screen.press("enter")
        await closed(screen)
        await screen.until(lambda: chat.require().title == "All about pears" and "Gladly: apples." in screen.drawn)
        await screen.say("/sessions")
        await screen.until(lambda: isinstance(screen.app.screen, SessionsScreen))
        await screen.press("escape")
        await closed(screen)


async def test_a_deletion_is_taken_back(tmp_path: Path) -> None:
    chat = three(tmp_path)
    async with opened(chat) as screen:
        here = chat.require().id
        await at(screen, "ctrl+o", SessionsScreen)
        await screen.press("d", "d")
        await screen.until(lambda: titles(chat) == ["apples"] and "U brings it back" in screen.drawn)
        assert chat.conversation is None
        await screen.press("u", "u")
        await screen.until(lambda: titles(chat) == ["cheese", "bread", "apples"])
        assert chat.require().id == here
        await screen.press("d", "escape")
        await closed(screen)
        await screen.until(lambda: "cheese" not in screen.drawn and "Hello ann" in screen.drawn)


async def test_a_search_goes_to_the_message_on_its_branch(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    chat.ask("the beginning").ended.set()
    conversations, here = chat.workspace.store.conversations, chat.require().id
    for number in range(60):
        role = "assistant" if number % 2 else "user"
        conversations.add(here, role, f"A needle {number}" if number == 20 else f"Straw {number}")
    chat.new()
    async with opened(chat) as screen:
        await at(screen, "ctrl+s", SearchScreen)
        await screen.press(*"need")
        await screen.until(lambda: "the beginning" in screen.drawn and "A needle 20" in screen.drawn)
        await screen.press("enter")
        await closed(screen)
        await screen.until(lambda: "A needle 20" in screen.drawn and "Straw 21" in screen.drawn)
        assert "Straw 59" not in screen.drawn
        assert chat.require().id == here
        await screen.say("/search nowhere")
        await screen.until(lambda: isinstance(screen.app.screen, SearchScreen) and "Nothing found" in screen.drawn)
        await screen.press("escape")
        await closed(screen)


async def test_hits_are_chosen_by_arrow(tmp_path: Path) -> None:
    chat = three(tmp_path)
    async with opened(chat) as screen:
        await screen.say("/search talk")
        await screen.until(lambda: "about apples" in screen.drawn and "about cheese" in screen.drawn)
        await screen.press("up", "enter")  # around the end, to the oldest
        await closed(screen)
        await screen.until(lambda: "Gladly: apples." in screen.drawn)


async def test_one_may_look_around_while_a_reply_is_written_and_leave_it(tmp_path: Path) -> None:
    chat = three(tmp_path)
    engine = fake.FakeEngine("one two three four", gate=True)
    chat.host = fake.ModelHost(lambda say: engine)
    async with opened(chat) as screen:
        here = chat.require().id
        await screen.say("count")
        engine.let(1)
        await screen.until(lambda: screen.replies[-1] == "one")
        await at(screen, "ctrl+o", SessionsScreen)
        engine.let(1)
        await screen.until(lambda: chat.messages()[-1].content == "one two")
        await screen.press("enter")  # the open one: nothing changes
        await closed(screen)
        assert screen.app.writing
        assert chat.messages()[-1].status == "streaming"
        await at(screen, "ctrl+s", SearchScreen)
        await screen.press(*"apples")
        await screen.until(lambda: "about apples" in screen.drawn)
        await screen.press("enter")
        await closed(screen)
        engine.let(1)
        await screen.until(lambda: chat.require().id != here and "Gladly: apples." in screen.drawn)
        assert not screen.app.writing
        assert len(screen.replies) == 1
        await at(screen, "ctrl+o", SessionsScreen)
        await screen.press("home", "enter")
        await closed(screen)
        await screen.until(
            lambda: chat.require().id == here and "one two" in screen.drawn and "stopped" in screen.drawn
        )
    left = chat.messages()[-1]
    assert left.status == "stopped"
    assert left.content.startswith("one two")
