"""The model's first preparation in the chat: how far it is, and that it can be stopped and begun anew."""

from __future__ import annotations

import queue
import re
from pathlib import Path

import pytest

from assistant.chat.host import ModelHost, Phase
from assistant.chat.host_state import STOPPED
from assistant.chat.learning import Learning
from assistant.chat.session import Chat
from assistant.engine.sampling import Sampling
from assistant.errors import Stopped
from assistant.progress import Progress, Watch
from tests import fake
from tests.tui.screen import opened


class Preparation:
    """Loads the fake engine after a preparation that goes as far as it is told to."""

    def __init__(self) -> None:
        self.steps: queue.Queue[float] = queue.Queue()
        self.begun = 0
        self.given_up = 0

    def load(self, watch: Watch) -> fake.FakeEngine:
        self.begun += 1
        watch.say("preparing the model for its first use")
        watch.went(Progress(0, 100))
        done = 0.0
        while done < 100:
            if watch.cancelled():
                self.given_up += 1
                raise Stopped("stopped")
            try:
                done = self.steps.get(timeout=0.01)
            except queue.Empty:
                continue
            watch.went(Progress(done, 100))
        watch.say("loading the model")
        return fake.FakeEngine()


@pytest.fixture
def preparation() -> Preparation:
    return Preparation()


@pytest.fixture
def chat(tmp_path: Path, preparation: Preparation) -> Chat:
    place = fake.workspace(tmp_path)
    return Chat(place, ModelHost(preparation.load), "ann", Sampling(seed=1), Learning(place, fake.measure))


@pytest.mark.parametrize("size", [(60, 20), (200, 60)])
async def test_it_is_seen_how_far_it_is(chat: Chat, preparation: Preparation, size: tuple[int, int]) -> None:
    async with opened(chat, size) as screen:
        await screen.until(lambda: "preparing the model: 0% (Esc stops)" in screen.drawn)
        preparation.steps.put(10)
        preparation.steps.put(43)
        await screen.until(
            lambda: re.search(r"preparing the model: 43%, [\w ]+ left \(Esc stops\)", screen.drawn) is not None
        )
        preparation.steps.put(100)
        await screen.until(lambda: "● ready" in screen.drawn)
        assert not chat.host.cancel()


async def test_escape_stops_it_the_chat_stays_and_a_message_begins_it_anew(
    chat: Chat, preparation: Preparation
) -> None:
    async with opened(chat) as screen:
        preparation.steps.put(20)
        await screen.until(lambda: "20%" in screen.drawn)
        await screen.type("/")
        await screen.press("escape")  # closes the list, and nothing else
        screen.prompt.text = ""
        assert preparation.given_up == 0
        await screen.press("escape")
        await screen.until(lambda: STOPPED in screen.shown)
        assert screen.shown.count(STOPPED) == 1
        assert "no model: its preparation was stopped" in screen.drawn
        await screen.say("/more formal")
        assert chat.profile.alpha["formality"] == 0.75
        await screen.say("/search anything")
        await screen.press("escape", "escape")
        preparation.steps.put(100)
        await screen.say("hello?")
        await screen.answered()
        assert screen.replies == ["Hello to you too."]
        assert preparation.begun == 2


async def test_what_waits_for_it_is_not_left_waiting(chat: Chat, preparation: Preparation) -> None:
    async with opened(chat) as screen:
        preparation.steps.put(20)
        await screen.until(lambda: "20%" in screen.drawn)
        await screen.say("hello?")
        await screen.say("/load stop")
        await screen.answered()
        assert screen.shown == ["hello?", "|failed", STOPPED]
        await screen.say("/load")
        await screen.until(lambda: preparation.begun == 2)
        await screen.say("/load")
        assert screen.shown[-2:] == ["Loading the model.", "The model is being loaded."]
        preparation.steps.put(100)
        await screen.until(lambda: chat.host.state.phase is Phase.READY)
        await screen.say("/load stop")
        assert screen.shown[-1].startswith("There is nothing to stop")


async def test_escape_stops_the_reply_that_waits_before_the_preparation(chat: Chat, preparation: Preparation) -> None:
    async with opened(chat) as screen:
        preparation.steps.put(20)
        await screen.until(lambda: "20%" in screen.drawn)
        await screen.say("hello?")
        await screen.press("escape")
        await screen.answered()
        assert (preparation.given_up, chat.messages()[-1].status) == (0, "stopped")
        await screen.press("escape")
        await screen.until(lambda: preparation.given_up == 1)


async def test_leaving_ends_it(chat: Chat, preparation: Preparation) -> None:
    async with opened(chat) as screen:
        preparation.steps.put(20)
        await screen.until(lambda: "20%" in screen.drawn)
    assert preparation.given_up == 1
    assert chat.host._thread is None
