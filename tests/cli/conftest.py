"""The command line in this process, with a bank's card of two attributes and a private home."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from assistant.anchors.card import Card
from assistant.cli.app import run
from assistant.style import Attribute

ATTRIBUTES = (Attribute("formality", "casual", "formal"), Attribute("sentiment", "negative", "positive"))


@dataclass(frozen=True)
class Outcome:
    """How a call of the program ended."""

    code: int
    out: str
    err: str


Assistant = Callable[..., Outcome]


@pytest.fixture
def assistant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Assistant:
    bank = tmp_path / "bank"
    bank.mkdir()
    Card("tiny", ATTRIBUTES, 4, ("q",), "0" * 64).write(bank)
    monkeypatch.setenv("ASSISTANT_BANK", str(bank))

    def call(*arguments: str, stdin: str = "") -> Outcome:
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        code = run(arguments)
        said = capsys.readouterr()
        return Outcome(code, said.out, said.err)

    return call
