"""A training in the chat: a row that shows how far it is, and a line when it has ended."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from assistant import locations
from assistant.anchors.card import Card
from assistant.chat.session import Chat
from assistant.chat.training import Phase
from tests import fake, training
from tests.chat.test_training import VERBOSITY, write_texts
from tests.tui.screen import opened


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    return write_texts(tmp_path / "t")


@pytest.fixture
def chat(tmp_path: Path) -> Chat:
    chat = fake.chat(tmp_path)
    chat.trainer = training.trainer()
    return chat


@pytest.mark.parametrize(
    ("size", "drawn"),
    [
        ((60, 20), r"◐ training verbosity  30%, [\w ]+ left"),
        (
            (200, 60),
            r"◐ training verbosity  ━━━━━━━─────────────────  30%, [\w ]+ left   /train stop ends it   "
            "loss 1.70, validation 1.50",
        ),
    ],
)
async def test_it_is_seen_how_far_it_is_while_the_chat_goes_on(
    chat: Chat, texts: Path, size: tuple[int, int], drawn: str
) -> None:
    training.let(texts, 3)
    async with opened(chat, size) as screen:
        assert "training" not in screen.drawn
        await screen.say(f"/train '{texts}'")
        await screen.until(lambda: re.search(drawn, screen.drawn) is not None)
        await screen.say("hello")
        await screen.answered()
        training.let(texts, 10)
        await screen.until(lambda: screen.shown[-1] == "Verbosity is trained: /bank verbosity takes the new voice up.")
        await screen.until(lambda: "◐" not in screen.drawn)


async def test_it_is_stopped_gone_on_with_and_ended_by_leaving(chat: Chat, texts: Path) -> None:
    training.let(texts, 3)
    async with opened(chat) as screen:
        await screen.say(f"/train '{texts}'")
        await screen.until(lambda: "30%" in screen.drawn)
        await screen.press("escape")  # is for the reply
        assert chat.trainer.running
        await screen.say("/train stop")
        said = "The training of verbosity was stopped at 30%: /train resume goes on, /train drop throws it away."
        await screen.until(lambda: screen.shown[-1] == said)
        assert "◐" not in screen.drawn
        await screen.say("/train resume")
        training.let(texts, 5)
        await screen.until(lambda: "50%" in screen.drawn)
    chat.trainer.close()
    assert chat.trainer.state.phase is Phase.STOPPED


async def test_a_training_that_fails_is_said_and_the_chat_stays(chat: Chat, texts: Path) -> None:
    async with opened(chat) as screen:
        await screen.say(f"/train '{texts}' --bad")
        await screen.until(
            lambda: screen.shown[-1] == "The training of verbosity failed: the bank has verbosity already."
        )
        await screen.say("hello")
        await screen.answered()


async def test_a_bank_is_taken_up_by_opening_the_chat_anew(chat: Chat) -> None:
    folder = locations.banks() / "verbosity"
    folder.mkdir()
    Card("fake", (*fake.ATTRIBUTES, VERBOSITY), 1, (), "").write(folder)
    async with opened(chat) as screen:
        await screen.say("/bank nowhere")
        assert screen.shown[-1].startswith("There is no bank 'nowhere'")
        assert screen.app.reopening is None
        await screen.say("/bank verbosity")
        await screen.until(lambda: screen.app.return_code is not None)
        assert screen.app.reopening == folder
