"""Feedback on the real model's replies, measured by the real scorers."""

from __future__ import annotations

import json
from pathlib import Path

from tests.real.conftest import run


def profile(home: str) -> dict[str, dict[str, float]]:
    return dict(json.loads(run("profile", "show", "--user", "kit", "--json", ASSISTANT_HOME=home).stdout))


def test_a_reason_moves_the_voice_from_the_reply_that_was_read(tmp_path: Path) -> None:
    home = str(tmp_path)
    asked = run(
        "ask", "How do I ask for a day off?", "--user", "kit", "--seed", "1", "--max-tokens", "40", ASSISTANT_HOME=home
    )
    assert asked.returncode == 0, asked.stderr
    done = run("rate", "down", "not casual enough", "--user", "kit", ASSISTANT_HOME=home)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Too formal, should be more casual (formality was ")
    assert 0.25 <= profile(home)["alpha"]["formality"] <= 0.4
    assert run("rate", "none", "--user", "kit", ASSISTANT_HOME=home).returncode == 0
    assert profile(home)["alpha"]["formality"] == 0.5


def test_a_letter_is_fitted(tmp_path: Path) -> None:
    home, letter = str(tmp_path), tmp_path / "letter.txt"
    letter.write_text(
        "I should be most grateful if you would be so kind as to forward the documents at your earliest convenience. "
        "Please do not hesitate to contact me should any further assistance be required."
    )
    done = run("profile", "fit", str(letter), "--user", "kit", ASSISTANT_HOME=home)
    assert done.returncode == 0, done.stderr
    alpha = profile(home)["alpha"]
    assert alpha["formality"] > 0.7
    assert alpha["politeness"] > 0.7
    assert alpha["humor"] < 0.4
