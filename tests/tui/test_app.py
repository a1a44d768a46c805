from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from textual import events

from assistant.chat.host import ModelHost, Phase
from assistant.chat.session import Chat
from assistant.engine.sampling import Sampling
from assistant.errors import AssistantError
from assistant.tui.profile_panel import ProfilePanel
from assistant.tui.profile_row import AttributeRow
from assistant.tui.status import StatusLine
from tests import fake
from tests.tui.screen import opened


async def test_a_message_is_answered_and_kept(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path, fake.FakeEngine("Good *morning* to you"))
    async with opened(chat) as screen:
        assert "Hello ann" in screen.shown[0]
        await screen.press(*"hi", "enter")
        await screen.answered()
        assert screen.shown == ["hi", "Good *morning* to you|"]
        assert screen.prompt.text == ""
        await screen.until(lambda: "● ready   " in screen.drawn)
    assert [message.status for message in chat.messages()] == ["complete", "complete"]


async def test_a_notice_is_said_at_the_start(tmp_path: Path) -> None:
    async with opened(fake.chat(tmp_path), notice="The bank is [new].") as screen:
        assert screen.shown == ["The bank is [new]."]


async def test_one_can_type_and_send_while_the_model_loads(tmp_path: Path) -> None:
    loading = threading.Event()
    chat = fake.chat(tmp_path, loading=loading)
    async with opened(chat) as screen:
        await screen.until(lambda: "loading the model …" in screen.drawn or "starting …" in screen.drawn)
        await screen.say("are you there?")
        assert screen.shown == ["are you there?", "|waiting for the model …"]
        assert chat.messages()[0].content == "are you there?"
        await screen.say("and a second one")
        assert screen.prompt.text == "and a second one"
        assert "still writing" in str(screen.prompt.border_subtitle)
        assert len(chat.messages()) == 2
        await screen.say("/more casual")
        assert chat.profile.alpha["formality"] == 0.25
        screen.prompt.text = "and a second one"
        loading.set()
        await screen.answered()
        await screen.press("enter")
        await screen.answered(2)
    assert [message.content for message in chat.messages()][::2] == ["are you there?", "and a second one"]


async def test_what_is_sent_too_fast_comes_back_to_the_field(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path, loading=(loading := threading.Event()))
    async with opened(chat) as screen:
        prompt = screen.prompt
        for text in ("first", "second"):  # before the app has heard of the first one
            prompt.insert(text)
            prompt._enter()
        prompt.insert("third")
        await screen.until(lambda: prompt.text == "second\nthird")
        assert [message.content for message in chat.messages()] == ["first", ""]
        loading.set()
        await screen.answered()


async def test_escape_stops_and_keeps_what_there_is(tmp_path: Path) -> None:
    engine = fake.FakeEngine("one two three four five", gate=True)
    chat = fake.chat(tmp_path, engine)
    async with opened(chat) as screen:
        await screen.press("escape")
        await screen.say("count")
        engine.let(2)
        await screen.until(lambda: screen.replies == ["one two"])
        await screen.press("escape")
        engine.let(1)
        await screen.answered()
        assert screen.shown[-1].endswith("|stopped")
        assert screen.replies[0].startswith("one two")
        await screen.press("escape")
    reply = chat.messages()[-1]
    assert reply.status == "stopped"
    assert reply.content in ("one two", "one two three")  # at the most the word that was being made


async def test_escape_stops_the_waiting_for_the_model(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path, loading=(loading := threading.Event()))
    async with opened(chat) as screen:
        await screen.say("hello?")
        await screen.press("escape")
        await screen.answered()
        assert screen.shown == ["hello?", "|stopped"]
        loading.set()
        await screen.say("again")
        await screen.answered(2)
        assert screen.replies[1] == "Hello to you too."


async def test_an_unknown_command_suggests_the_nearest(tmp_path: Path) -> None:
    async with opened(fake.chat(tmp_path)) as screen:
        await screen.say("/formalty 0.7")
        assert screen.shown == ["There is no command /formalty; did you mean /formality?"]


async def test_history_voice_and_thumbs_are_there_again(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    async with opened(chat) as screen:
        await screen.say("/more formal")
        await screen.say("remember me")
        await screen.answered()
        await screen.say("/good")
        await screen.say("/quit")
    chat.workspace.store.conversations.add(
        chat.messages()[0].conversation_id, "assistant", "half a", status="interrupted"
    )
    again = fake.chat(tmp_path)
    assert again.resume()
    async with opened(again) as screen:
        first, second, third = screen.shown
        assert (first, second) == ("remember me", "Hello to you too.|👍")
        assert third == "half a|interrupted – the program was closed while this was being written"
        assert screen.app.query_one("#row-formality", AttributeRow).alpha == again.profile.alpha["formality"] > 0.6
        await screen.press("up")
        assert screen.prompt.text == "remember me"


async def test_a_failing_model_is_one_line_and_the_question_stays(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path, fake.FakeEngine("one two three", fails="the model broke"))
    async with opened(chat) as screen:
        await screen.say("count")
        await screen.until(lambda: "the model broke" in screen.shown)
        assert screen.shown == ["count", "one two|failed", "the model broke"]
        await screen.say("again")
        await screen.answered(2)


async def test_an_unexpected_failure_does_not_close_the_chat(tmp_path: Path) -> None:
    class Broken(fake.FakeEngine):
        def compose(self, profile: object) -> bool:
            raise ZeroDivisionError("nothing to divide")

    chat = fake.chat(tmp_path, loading=(loading := threading.Event()))
    chat.host = ModelHost(lambda say: Broken())
    async with opened(chat) as screen:
        loading.set()
        await screen.say("count")
        await screen.answered()
        assert screen.shown[:2] == ["count", "|failed"]
        assert "ZeroDivisionError: nothing to divide" in screen.shown[2]


async def test_a_model_that_cannot_be_loaded_is_said_once(tmp_path: Path) -> None:
    def load(say: object) -> fake.FakeEngine:
        raise AssistantError("there is no such model")

    chat = Chat(fake.workspace(tmp_path), ModelHost(load), "ann", Sampling(seed=1))
    async with opened(chat) as screen:
        await screen.until(lambda: "there is no such model" in screen.shown)
        assert screen.app.query_one(StatusLine)._state.phase is Phase.FAILED
        await screen.say("hello?")
        await screen.answered()
        assert screen.shown[-3:] == ["hello?", "|failed", "there is no such model"]


async def test_another_person_has_another_chat(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    async with opened(chat) as screen:
        await screen.say("/more formal")
        await screen.say("my secret")
        await screen.answered()
        await screen.say("/user bob")
        assert not any("secret" in text for text in screen.shown)
        assert screen.app.query_one("#row-formality", AttributeRow).alpha == 0.5
        await screen.until(lambda: "bob" in screen.drawn)
        await screen.press("up")
        assert "secret" not in screen.prompt.text
        await screen.say("/user ann")
        await screen.until(lambda: "my secret" in screen.shown)
        assert screen.app.query_one("#row-formality", AttributeRow).alpha == 0.75
        await screen.say("/new")
        assert not any("secret" in text for text in screen.shown)


async def test_the_conversation_is_not_changed_during_a_reply(tmp_path: Path) -> None:
    engine = fake.FakeEngine("one two", gate=True)
    chat = fake.chat(tmp_path, engine)
    async with opened(chat) as screen:
        await screen.say("count")
        for line in ("/new", "/user bob"):
            await screen.say(line)
            assert screen.prompt.text == line
        assert chat.user.name == "ann"
        engine.let(2)
        await screen.answered()
        assert chat.messages()[-1].content == "one two"


async def test_leaving_during_a_reply_saves_it(tmp_path: Path) -> None:
    engine = fake.FakeEngine("one two three", gate=True)
    chat = fake.chat(tmp_path, engine)
    async with opened(chat) as screen:
        await screen.say("count")
        engine.let(1)
        await screen.until(lambda: chat.messages()[-1].content == "one")
        await screen.press("ctrl+q")
        engine.let(1)
        await asyncio.wait_for(screen.app.workers.wait_for_complete(), fake.DEADLINE)
        await screen.until(lambda: not screen.app.writing)
    assert screen.app.return_code == 0
    assert chat.messages()[-1].status == "stopped"


async def test_an_interrupt_loses_nothing(tmp_path: Path) -> None:
    async with opened(fake.chat(tmp_path)) as screen:
        await screen.type("half a thought")
        await screen.press("ctrl+c")
        assert screen.prompt.text == "half a thought"
        assert screen.prompt.border_subtitle == "Ctrl+Q quits"
        assert screen.app.is_running


@pytest.mark.parametrize("size", [(40, 12), (60, 20), (80, 24), (200, 60)])
async def test_small_and_large_terminals(tmp_path: Path, size: tuple[int, int]) -> None:
    async with opened(fake.chat(tmp_path), size) as screen:
        await screen.say("hi")
        await screen.answered()
        panel, wide = screen.app.query_one(ProfilePanel), size[0] >= 80
        assert panel.display == wide
        await screen.press("f1")
        await screen.press("f2")
        assert panel.display != wide
        await screen.press("f2")
        assert panel.display == wide
        for line in screen.drawn.splitlines():
            assert len(line) <= size[0]
        assert "<svg" in screen.app.export_screenshot()


async def test_the_screen_follows_the_terminal(tmp_path: Path) -> None:
    async with opened(fake.chat(tmp_path), (120, 40)) as screen:
        panel = screen.app.query_one(ProfilePanel)
        assert panel.display
        await screen.pilot.resize_terminal(60, 20)
        await screen.until(lambda: not panel.display)
        await screen.pilot.resize_terminal(120, 40)
        await screen.until(lambda: bool(panel.display))


def test_the_interface_does_not_wait_for_torch() -> None:
    code = "import sys, assistant.tui.app; sys.exit('torch' in sys.modules or 'transformers' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


async def test_a_reply_may_end_behind_the_command_palette(tmp_path: Path) -> None:
    engine = fake.FakeEngine("one two", gate=True)
    async with opened(fake.chat(tmp_path, engine)) as screen:
        await screen.say("count")
        await screen.press("ctrl+p")
        await screen.until(lambda: len(screen.app.screen_stack) == 2)
        engine.let(2)
        await screen.until(lambda: not screen.app.writing)
        await screen.pilot.resize_terminal(60, 20)
        await screen.press("f2", "escape")
        await screen.until(lambda: len(screen.app.screen_stack) == 1)
        assert screen.shown == ["count", "one two|"]
        await screen.say("/more formal")
        assert "Formality 0.50 → 0.75." in screen.shown


async def test_a_key_that_comes_while_the_app_closes_is_let_go(tmp_path: Path) -> None:
    async with opened(fake.chat(tmp_path)) as screen:
        app = screen.app
    assert app.screen_stack == []
    await app.on_event(events.Key("x", "x"))
