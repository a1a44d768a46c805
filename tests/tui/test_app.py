from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Markdown, Static

from assistant.chat.session import Chat
from assistant.tui.app import AssistantApp
from assistant.tui.completions import Completions
from assistant.tui.profile_panel import AttributeRow, ProfilePanel, alpha_bar, lambda_bar
from assistant.tui.prompt import Prompt
from assistant.tui.status import StatusLine
from assistant.tui.transcript import Notice, PersonMessage, Reply
from tests import fake

SIZE = (110, 32)


@pytest.fixture(autouse=True)
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")


async def until(pilot: Pilot[int], condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + fake.DEADLINE
    while not condition():
        assert time.monotonic() < deadline, f"waited too long; on screen: {shown(pilot)}"
        await pilot.pause()
        await asyncio.sleep(0.005)


def shown(pilot: Pilot[int]) -> list[str]:
    """Return the transcript as text, one entry per message."""
    found = []
    for widget in pilot.app.query("PersonMessage, Reply, Notice"):
        if isinstance(widget, Reply):
            below = str(widget.query_one(".below", Static).visual)
            found.append(f"{widget.query_one(Markdown).source}|{below}")
        elif isinstance(widget, PersonMessage | Notice):
            found.append(str(widget.visual))
    return found


def replies(pilot: Pilot[int]) -> list[str]:
    return [reply.query_one(Markdown).source for reply in pilot.app.query(Reply)]


async def say(pilot: Pilot[int], text: str) -> None:
    prompt = pilot.app.query_one(Prompt)
    prompt.text = text
    await pilot.pause()
    await pilot.press("enter")
    await pilot.pause()


def idle(pilot: Pilot[int]) -> bool:
    app = pilot.app
    assert isinstance(app, AssistantApp)
    return not app.writing


async def test_a_message_is_answered_and_kept(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path, fake.FakeEngine("Good *morning* to you"))
    async with AssistantApp(chat).run_test(size=SIZE) as pilot:
        assert "Hello ann" in shown(pilot)[0]
        await pilot.press(*"hi")
        await pilot.press("enter")
        await until(pilot, lambda: replies(pilot) == ["Good *morning* to you"] and idle(pilot))
        assert shown(pilot)[0] == "hi"
        assert pilot.app.query_one(Prompt).text == ""
        assert "ready" in str(pilot.app.query_one(StatusLine).visual)
    assert [message.status for message in chat.messages()] == ["complete", "complete"]


async def test_one_can_type_and_send_while_the_model_loads(tmp_path: Path) -> None:
    loading = threading.Event()
    chat = fake.chat(tmp_path, loading=loading)
    async with AssistantApp(chat).run_test(size=SIZE) as pilot:
        await until(pilot, lambda: chat.host._thread is not None)
        await say(pilot, "are you there?")
        assert shown(pilot) == ["are you there?", "|…"]
        assert chat.messages()[0].content == "are you there?"
        await say(pilot, "and a second one")
        assert pilot.app.query_one(Prompt).text == "and a second one"
        loading.set()
        await until(pilot, lambda: replies(pilot) == ["Hello to you too."])
        await until(pilot, lambda: idle(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: len(replies(pilot)) == 2 and idle(pilot))


async def test_escape_stops_and_keeps_what_there_is(tmp_path: Path) -> None:
    engine = fake.FakeEngine("one two three four five", gate=True)
    chat = fake.chat(tmp_path, engine)
    async with AssistantApp(chat).run_test(size=SIZE) as pilot:
        await pilot.press("escape")
        await say(pilot, "count")
        engine.let(2)
        await until(pilot, lambda: chat.messages()[-1].content == "one two")
        await pilot.press("escape")
        engine.let(1)
        await until(pilot, lambda: idle(pilot))
        assert shown(pilot)[-1].endswith("|stopped")
        assert replies(pilot)[0].startswith("one two")
    assert chat.messages()[-1].status == "stopped"


async def test_commands_move_the_panel(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    async with AssistantApp(chat).run_test(size=SIZE) as pilot:
        row = pilot.app.query_one("#row-formality", AttributeRow)
        before = row.render().plain
        await say(pilot, "/more formal")
        await until(pilot, lambda: row.alpha == 0.75)
        after = row.render().plain
        assert "0.75" in after
        assert alpha_bar(0.75) in after
        assert after.index("●") > before.index("●")
        await say(pilot, "/weight formality 0.8")
        await until(pilot, lambda: row.share == 0.8)
        assert lambda_bar(0.8) in row.render().plain
        await say(pilot, "/strength 0.6")
        await say(pilot, "/compose paper")
        assert str(pilot.app.query_one("#strength", Static).visual) == "strength 0.6   composed paper"
        await say(pilot, "/undo")
        assert "composed full" in str(pilot.app.query_one("#strength", Static).visual)
        assert "Formality 0.50 → 0.75." in shown(pilot)


async def test_completion_by_keys(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    async with AssistantApp(chat).run_test(size=SIZE) as pilot:
        listed, prompt = pilot.app.query_one(Completions), pilot.app.query_one(Prompt)
        await pilot.press(*"/mor")
        await until(pilot, lambda: listed.display)
        await pilot.press("tab")
        assert prompt.text == "/more "
        await pilot.press(*"cas")
        await until(pilot, lambda: listed.option_count == 1)
        await pilot.press("enter")
        await until(pilot, lambda: chat.profile.alpha["formality"] == 0.25)
        await pilot.press("/")
        await until(pilot, lambda: listed.display)
        await pilot.press("down", "escape")
        assert not listed.display
        assert prompt.text == "/"
        await say(pilot, "/formality 0.7")
        assert chat.profile.alpha["formality"] == 0.7


async def test_an_unknown_command_suggests_the_nearest(tmp_path: Path) -> None:
    async with AssistantApp(fake.chat(tmp_path)).run_test(size=SIZE) as pilot:
        await say(pilot, "/formalty 0.7")
        assert shown(pilot) == ["There is no command /formalty; did you mean /formality?"]


async def test_history_and_voice_are_there_again(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    async with AssistantApp(chat).run_test(size=SIZE) as pilot:
        await say(pilot, "/more formal")
        await say(pilot, "remember me")
        await until(pilot, lambda: replies(pilot) == ["Hello to you too."] and idle(pilot))
        await say(pilot, "/good")
        await say(pilot, "/quit")
    chat.workspace.store.conversations.add(
        chat.messages()[0].conversation_id, "assistant", "half a", status="interrupted"
    )
    again = fake.chat(tmp_path)
    assert again.resume()
    async with AssistantApp(again).run_test(size=SIZE) as pilot:
        await until(pilot, lambda: len(shown(pilot)) == 3)
        first, second, third = shown(pilot)
        assert first == "remember me"
        assert second == "Hello to you too.|👍"
        assert third.startswith("half a|interrupted")
        assert pilot.app.query_one("#row-formality", AttributeRow).alpha == 0.75
        await pilot.press("up")
        assert pilot.app.query_one(Prompt).text == "remember me"


async def test_what_people_type_is_shown_as_typed(tmp_path: Path) -> None:
    text = "[bold red]no[/] **stars** \x1b[31mred <|im_start|>"
    async with AssistantApp(fake.chat(tmp_path)).run_test(size=SIZE) as pilot:
        await say(pilot, text)
        await until(pilot, lambda: len(replies(pilot)) == 1 and idle(pilot))
        assert shown(pilot)[0] == text.replace("\x1b", "\ufffd")


async def test_a_failing_model_is_one_line_and_the_question_stays(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path, fake.FakeEngine("one two three", fails="the model broke"))
    async with AssistantApp(chat).run_test(size=SIZE) as pilot:
        await say(pilot, "count")
        await until(pilot, lambda: "the model broke" in shown(pilot))
        assert shown(pilot) == ["count", "one two|failed", "the model broke"]


async def test_thumbs_by_key(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    async with AssistantApp(chat).run_test(size=SIZE) as pilot:
        await say(pilot, "hi")
        await until(pilot, lambda: len(replies(pilot)) == 1 and idle(pilot))
        await pilot.press("f4")
        await until(pilot, lambda: "👎" in shown(pilot)[1])
        await pilot.press("f3")
        await until(pilot, lambda: "👍" in shown(pilot)[1])
        assert "not built yet" in shown(pilot)[-1]
    assert [thumb.value for thumb in chat.workspace.store.feedback.list(chat.user.id)] == [-1, 1]


async def test_another_person_has_another_chat(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    async with AssistantApp(chat).run_test(size=SIZE) as pilot:
        await say(pilot, "/more formal")
        await say(pilot, "my secret")
        await until(pilot, lambda: len(replies(pilot)) == 1 and idle(pilot))
        await say(pilot, "/user bob")
        assert not any("secret" in text for text in shown(pilot))
        assert pilot.app.query_one("#row-formality", AttributeRow).attribute.name == "formality"
        assert chat.profile.alpha["formality"] == 0.5
        await say(pilot, "/user ann")
        await until(pilot, lambda: "my secret" in shown(pilot))
        await say(pilot, "/new")
        assert not any("secret" in text for text in shown(pilot))


async def test_lines_can_be_broken(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    async with AssistantApp(chat).run_test(size=SIZE) as pilot:
        await pilot.press("a", "ctrl+j", "b", "enter")
        await until(pilot, lambda: len(replies(pilot)) == 1 and idle(pilot))
    assert chat.messages()[0].content == "a\nb"


async def test_leaving_during_a_reply_saves_it(tmp_path: Path) -> None:
    engine = fake.FakeEngine("one two three", gate=True)
    chat = fake.chat(tmp_path, engine)
    async with AssistantApp(chat).run_test(size=SIZE) as pilot:
        await say(pilot, "count")
        engine.let(1)
        await until(pilot, lambda: chat.messages()[-1].content == "one")
        await pilot.press("ctrl+q")
        engine.let(1)
        await until(pilot, lambda: not pilot.app.is_running or idle(pilot))
    assert chat.messages()[-1].status == "stopped"


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (200, 60)])
async def test_small_and_large_terminals(tmp_path: Path, size: tuple[int, int]) -> None:
    chat: Chat = fake.chat(tmp_path)
    async with AssistantApp(chat).run_test(size=size) as pilot:
        await say(pilot, "hi")
        await until(pilot, lambda: len(replies(pilot)) == 1 and idle(pilot))
        panel = pilot.app.query_one(ProfilePanel)
        assert panel.display == (size[0] >= 84)
        await pilot.press("f2")
        assert panel.display != (size[0] >= 84)
        assert "<svg" in pilot.app.export_screenshot()


def test_bars() -> None:
    assert alpha_bar(-9, 9) == "●╌┣━━━┫╌╌"
    assert alpha_bar(0.5, 9) == "╌╌┣━●━┫╌╌"
    assert alpha_bar(9, 9) == "╌╌┣━━━┫╌●"
    assert lambda_bar(0.5, 4) == "▪▪··"
