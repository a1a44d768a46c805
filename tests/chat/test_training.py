"""`/train` and `/bank` without an interface: one training beside the chat, stopped, gone on with, and dropped."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from assistant import locations
from assistant.anchors.card import Card
from assistant.chat import commands
from assistant.chat.session import Chat
from assistant.chat.trainer import Trainer
from assistant.chat.training import Phase
from assistant.style import Attribute
from tests import fake, training

VERBOSITY = Attribute("verbosity", "terse", "elaborate")


def write_texts(folder: Path) -> Path:
    (folder / "texts").mkdir(parents=True)
    (folder / "attributes.toml").write_text('[[attribute]]\nname = "verbosity"\nlow = "terse"\nhigh = "elaborate"\n')
    (folder / "prompts.jsonl").write_text(
        '{"id": "a", "split": "anchors", "kind": "fact", "topic": "x", "prompt": "why?"}\n'
    )
    (folder / "texts" / "verbosity.jsonl").write_text('{"id": "a", "low": "So.", "high": "Because it is so."}\n')
    return folder


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    return write_texts(tmp_path / "my voices")


@pytest.fixture
def chat(tmp_path: Path) -> Chat:
    chat = fake.chat(tmp_path)
    chat.trainer = training.trainer()
    return chat


def say(chat: Chat, line: str) -> str:
    return commands.run(chat, line).text


def until_done(trainer: Trainer, steps: int) -> None:
    deadline = time.monotonic() + fake.DEADLINE
    while trainer.state.progress is None or trainer.state.progress.done < steps:
        assert time.monotonic() < deadline, trainer.state
        time.sleep(0.01)


def test_a_training_goes_on_beside_the_chat_until_the_bank_is_there(chat: Chat, texts: Path) -> None:
    assert say(chat, "/train").startswith("No training is going on.")
    assert say(chat, f"/train '{texts}' --epochs 3").startswith("Training verbosity, beside the chat")
    assert [each.text for each in commands.complete(chat, "/train ")] == ["/train stop"]
    training.let(texts, 4)
    until_done(chat.trainer, 4)
    assert say(chat, "/train").startswith("Training verbosity: 40%")
    assert "loss 1.60, validation 1.50" in say(chat, "/train")
    assert "going on already" in say(chat, f"/train '{texts}'")
    plan = chat.trainer.state.plan
    assert plan is not None
    assert plan.arguments[:3] == ["train", "--epochs", "3"]
    assert plan.base == str(chat.workspace.bank)
    training.let(texts, 10)
    assert training.ended(chat.trainer) is Phase.DONE
    assert (locations.banks() / "verbosity" / "card.json").exists()
    assert not locations.training_file().exists()
    assert say(chat, "/train").startswith("No training is going on.")
    say(chat, f"/train '{texts}'")  # once more, with better texts: beside the first
    assert chat.trainer.state.plan is not None
    assert chat.trainer.state.plan.bank == "verbosity-2"
    assert training.ended(chat.trainer) is Phase.DONE


def test_a_training_that_was_stopped_goes_on_in_another_run_of_the_program(chat: Chat, texts: Path) -> None:
    training.let(texts, 4)
    say(chat, f"/train '{texts}'")
    until_done(chat.trainer, 4)
    elsewhere = training.trainer()
    assert elsewhere.state.elsewhere
    with pytest.raises(Exception, match="another window"):
        elsewhere.resume()
    assert say(chat, "/train stop") == "Stopping the training."
    assert training.ended(chat.trainer) is Phase.STOPPED
    chat.trainer = training.trainer()
    assert say(chat, "/train") == (
        "The training of verbosity was stopped at 40%: /train resume goes on, /train drop throws it away."
    )
    assert [each.text for each in commands.complete(chat, "/train ")] == ["/train resume", "/train drop"]
    assert "is unfinished" in say(chat, f"/train '{texts}' --epochs 7")
    training.let(texts, 10)
    assert say(chat, f"/train '{texts}'").startswith("Training verbosity")
    assert training.ended(chat.trainer) is Phase.DONE


def test_leaving_ends_a_training_and_keeps_it(chat: Chat, texts: Path) -> None:
    training.let(texts, 2)
    say(chat, f"/train '{texts}'")
    until_done(chat.trainer, 2)
    chat.trainer.close()
    assert chat.trainer.state.phase is Phase.STOPPED
    assert say(chat, "/train resume") == "The training of verbosity goes on."
    chat.trainer.close()
    assert say(chat, "/train drop") == "The unfinished training of verbosity is thrown away."
    assert not (locations.banks() / "verbosity").exists()
    assert "no training is unfinished" in say(chat, "/train resume").lower()


def test_the_chat_outlives_a_training_that_fails(chat: Chat, texts: Path) -> None:
    say(chat, f"/train '{texts}' --bad")
    assert training.ended(chat.trainer) is Phase.FAILED
    assert chat.trainer.state.fault == "the bank has verbosity already"
    assert say(chat, "/train").startswith("No training is going on.")  # nothing was begun, nothing is kept
    training.let(texts, 1)
    say(chat, f"/train '{texts}' --breaks")
    assert training.ended(chat.trainer) is Phase.FAILED
    assert (chat.trainer.state.fault, chat.trainer.state.kept) == ("RuntimeError: out of memory", True)
    assert say(chat, "/train").startswith("The training of verbosity was stopped at 10%")


def test_what_cannot_be_trained_is_said_in_a_line(chat: Chat, texts: Path, tmp_path: Path) -> None:
    for line, says in [
        (f"/train {tmp_path / 'nowhere'}", "There is no folder"),
        (f"/train {tmp_path}", "attributes.toml is missing"),
        (f"/train '{texts}' --attribute brevity", "has no attribute 'brevity'"),
        (f"/train '{texts}' --out", "--out needs a value after it"),
        (f"/train '{texts}' --resume", "/train sets --resume itself"),
        (f"/train '{texts}", "No closing quotation"),
        ("/train --epochs 3", "needs the folder of the texts first"),
        ("/train stop", "No training is going on here"),
        ("/train drop", "No training is unfinished"),
    ]:
        outcome = commands.run(chat, line)
        assert (outcome.level, outcome.text.count("\n")) == ("error", 0), line
        assert says in outcome.text
    (texts / "texts" / "verbosity.jsonl").write_text('{"id": "a"')
    assert "verbosity.jsonl:1: not a line of JSON" in say(chat, f"/train '{texts}'")
    assert not chat.trainer.running


def test_a_damaged_memory_is_no_obstacle(chat: Chat, texts: Path) -> None:
    locations.training_file().write_text("{")
    assert training.trainer().state.phase is Phase.NONE
    training.let(texts, 10)
    say(chat, f"/train '{texts}'")
    assert training.ended(chat.trainer) is Phase.DONE


def test_a_bank_is_taken_up_by_name_or_folder(chat: Chat, tmp_path: Path) -> None:
    for folder in (locations.banks() / "verbosity", tmp_path / "mine"):
        folder.mkdir()
        Card("fake", (*fake.ATTRIBUTES, VERBOSITY), 1, (), "").write(folder)
    (locations.banks() / "broken").mkdir()
    (locations.banks() / "broken" / "card.json").write_text("{}")
    assert [each.label for each in commands.complete(chat, "/bank ")] == ["shipped", "broken", "verbosity"]
    for word, folder in (
        ("verbosity", locations.banks() / "verbosity"),
        (str(tmp_path / "mine"), tmp_path / "mine"),
        ("shipped", locations.default_bank()),
    ):
        outcome = commands.run(chat, f"/bank {word}")
        assert (outcome.action, outcome.bank) == ("reopen", folder)
    for word, says in (("brief", "There is no bank 'brief'"), ("broken", "is damaged"), ("/", "There is no bank '/'")):
        outcome = commands.run(chat, f"/bank {word}")
        assert (outcome.action, outcome.level) == (None, "error")
        assert says in outcome.text
    assert say(chat, "/bank").startswith(f"The bank in {chat.workspace.bank} is in use: formality, sentiment.")
