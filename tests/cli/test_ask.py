"""`assistant ask` with a scripted model: what it touches."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant import locations
from assistant.chat import launch
from tests import fake
from tests.cli.conftest import Assistant


@pytest.fixture(autouse=True)
def scripted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "load_engine", lambda *_, **__: fake.FakeEngine())


def test_without_a_user_no_home_is_needed(
    assistant: Assistant, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prompts = tmp_path / "prompts"
    prompts.write_text("one\ntwo\n")
    assert assistant("ask", "hello", "--alpha", "formality=0.8").out == "Hello to you too.\n"
    assert "> two\nHello to you too. two\n" in assistant("ask", "--file", str(prompts)).out
    assert not home.exists()

    monkeypatch.setenv("ASSISTANT_HOME", str(prompts / "below a file"))  # no folder can ever be made there
    assert assistant("ask", "hello").out == "Hello to you too.\n"
    refused = assistant("ask", "hello", "--user", "ann")
    assert (refused.code, refused.out) == (1, "")
    assert refused.err.startswith("error: cannot create the folder")


def test_with_a_user_the_exchange_is_saved(assistant: Assistant) -> None:
    assert assistant("ask", "hello", "--user", "ann").code == 0
    assert locations.database().is_file()
    assert "Hello to you too." in assistant("conversations", "show", "1", "--user", "ann").out


def test_a_voice_that_cannot_be_is_refused_before_anything_is_saved(assistant: Assistant, home: Path) -> None:
    assert assistant("ask", "hello", "--user", "ann", "--alpha", "charm=1").code == 2
    assert not home.exists()
