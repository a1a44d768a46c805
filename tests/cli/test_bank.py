"""`/bank` opens the chat anew, and the settings remember the bank."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant import locations
from assistant.anchors.card import Card
from assistant.chat.host import ModelHost
from assistant.settings import SettingsFile
from tests import fake
from tests.cli.conftest import ATTRIBUTES, Assistant
from tests.cli.test_sixth_voice import VERBOSITY


@pytest.fixture(autouse=True)
def six(monkeypatch: pytest.MonkeyPatch, assistant: Assistant) -> Path:
    monkeypatch.delenv("ASSISTANT_BANK")
    monkeypatch.setattr("assistant.chat.launch.make_host", lambda *_: ModelHost(lambda _: fake.FakeEngine()))
    locations.log_file().touch()  # logging is pytest's in here
    folder = locations.banks() / "verbosity"
    folder.mkdir()
    Card("tiny", (*ATTRIBUTES, VERBOSITY), 4, ("q",), "0" * 64).write(folder)
    return folder


def test_the_chat_goes_on_with_the_other_bank_and_so_does_the_next_start(assistant: Assistant, six: Path) -> None:
    said = assistant("--plain", "--user", "ann", stdin="my question\n/new\n/bank verbosity\n/more terse\n/open 1\n")
    assert (said.code, said.err) == (0, "")
    assert "Verbosity 0.50 → 0.25." in said.out
    assert SettingsFile().settings.bank == str(six)
    again = assistant("--plain", "--user", "ann", stdin="/more terse\n/bank shipped\n/more terse\n")
    assert again.out.splitlines()[0] == "Verbosity 0.25 → 0.00."
    assert again.code == 1  # the shipped bank has no such adjective
    assert SettingsFile().settings.bank == ""


def test_the_same_conversation_is_open_in_the_other_bank(assistant: Assistant) -> None:
    said = assistant("--plain", "--user", "ann", stdin="first\n/new\nsecond\n/open 1\n/bank verbosity\n/rename here\n")
    assert "here" in said.out.splitlines()[-1]
    listed = assistant("conversations", "list", "--user", "ann").out
    assert next(line for line in listed.splitlines() if "here" in line).split()[0] == "1"


def test_a_bank_that_has_gone_is_said_and_the_shipped_one_speaks(assistant: Assistant, tmp_path: Path) -> None:
    SettingsFile().change(bank=str(tmp_path / "gone"))
    said = assistant("--plain", stdin="/more formal\n")
    assert said.err.count("\n") == 1
    assert said.err.startswith("The bank of the settings is not used: there is no bank in")
    assert "Formality" in said.out
    assert (
        assistant("--plain", "--bank", str(tmp_path / "gone"), stdin="").code == 1
    )  # what is asked for is not replaced


def test_an_unfinished_training_is_told_at_the_start(assistant: Assistant, tmp_path: Path) -> None:
    locations.training_file().write_text(
        '{"texts": "t", "names": ["verbosity"], "base": "b", "out": "o", "options": [], "done": 3, "total": 4}'
    )
    said = assistant("--plain", stdin="")
    assert (
        said.err == "The training of verbosity was stopped at 75%: /train resume goes on, /train drop throws it away.\n"
    )
