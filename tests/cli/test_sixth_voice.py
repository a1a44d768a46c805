"""A voice of one's own, as docs/new-voice.md adds it: to a bank of a tiny model, with an embedder of letters."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from assistant import locations
from assistant.anchors.bank import load_bank
from assistant.anchors.texts import POLES, read_texts
from assistant.anchors.texts import SPLITS as ALL_SPLITS
from assistant.chat import commands
from assistant.chat.host import ModelHost
from assistant.chat.session import Chat
from assistant.chat.workspace import Workspace
from assistant.engine.sampling import Sampling
from assistant.scoring.embedder import SIZE
from assistant.style import Attribute
from tests import fake, tiny
from tests.cli.conftest import Assistant

VERBOSITY = Attribute("verbosity", "terse", "elaborate")
SPLITS = ["anchors"] * 8 + ["validation"] * 2 + ["scorers"] * 6 + ["heldout"] * 3
NAMES = ("formality", "sentiment", "verbosity")


class Letters:
    """Embeds a text as how often it has each letter."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float64]:
        found = np.zeros((len(texts), SIZE))
        for row, text in zip(found, texts, strict=True):
            for letter in text.lower().encode():
                row[letter] += 1 / len(text)
        return found


@pytest.fixture
def call(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> Assistant:
    monkeypatch.delenv("ASSISTANT_BANK")
    monkeypatch.setattr("assistant.scoring.embedder.Embedder", Letters)
    monkeypatch.setattr("assistant.scoring.scorer.Embedder", Letters)
    return assistant


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return tiny.write_model(tmp_path / "model")


@pytest.fixture
def base(tmp_path: Path) -> Path:
    tiny.write_bank(tmp_path / "base", tiny.base().model)
    return tmp_path / "base"


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    return tiny.write_data(tmp_path / "my-voices", [VERBOSITY], SPLITS)


def train(base: Path, texts: Path, model: Path, out: Path, *more: str) -> list[str]:
    arguments = ["train", "--attribute", "verbosity", "--extend", str(base), "--data", str(texts), "--out", str(out)]
    return [*arguments, "--model", str(model), "--epochs", "1", *more]


def test_a_new_voice_is_heard_moved_and_scored(
    call: Assistant, base: Path, texts: Path, model: Path, tmp_path: Path
) -> None:
    assert call("profile", "set", "--alpha", "formality=0.9", "--user", "ann", "--bank", str(base)).code == 0
    out = tmp_path / "out"
    trained = call(*train(base, texts, model, out))
    assert trained.code == 0, trained.err
    assert "Packed formality, sentiment, verbosity" in trained.out
    assert "--alpha verbosity=1" in trained.out
    assert load_bank(out).card.training["additions"][0]["recipe"]["rank"] == 3
    assert not (out / ".new").exists()
    assert "verbosity: 0 is terse, 1 is elaborate" in call("adapters", "list", "--bank", str(out)).out
    inspected = call("adapters", "inspect", "--bank", str(out)).out.splitlines()
    assert any(line.startswith("added verbosity: rank 3") for line in inspected)
    assert any(line.startswith("verbosity") and "validation loss" in line for line in inspected)

    fitted = call("train-scorers", "--extend", str(out), "--data", str(texts))
    assert fitted.code == 0, fitted.err
    assert "| verbosity |" in fitted.out
    assert "| sentiment |" in fitted.out
    asked = ["ask", "hi", "--bank", str(out), "--model", str(model), "--max-tokens", "12", "--seed", "1", "--json"]
    answer = json.loads(call(*asked, "--alpha", "verbosity=1").out)
    assert answer["lambda"] == {"formality": 0, "sentiment": 0, "verbosity": 1}
    assert {"verbosity", "formality", "humor"} <= set(answer["scores"])
    elaborate, terse = (
        json.loads(call("score", f"{pole} p3", "--bank", str(out), "--json").out) for pole in ("elaborate", "terse")
    )
    assert elaborate["verbosity"] > terse["verbosity"]
    shipped = json.loads(call("score", "terse p3", "--json", "--bank", str(base)).out)
    assert {name: terse[name] for name in shipped} == pytest.approx(shipped, abs=2e-3)

    shown = json.loads(call("profile", "show", "--user", "ann", "--bank", str(out), "--json").out)
    assert shown["alpha"] == {"formality": 0.9, "sentiment": 0.5, "verbosity": 0.5}
    assert shown["lambda"] == pytest.approx({"formality": 2 / 3, "sentiment": 0, "verbosity": 1 / 3})
    with Workspace.open(out) as workspace:
        chat = Chat(workspace, ModelHost(lambda say: fake.FakeEngine()), "ann", Sampling())
        assert commands.run(chat, "/more terse").text == "Verbosity 0.50 → 0.25."
        assert [each.text for each in commands.complete(chat, "/verb")] == ["/verbosity "]
    assert "verbosity" in call("profile", "show", "--user", "ann", "--bank", str(out)).out
    old = json.loads(call("profile", "show", "--user", "ann", "--bank", str(base), "--json").out)
    assert old["lambda"] == pytest.approx({"formality": 1, "sentiment": 0})


def test_what_cannot_be_added_is_refused_before_training(
    call: Assistant, base: Path, texts: Path, model: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    for more, says in [
        (("--rank", "5"), "the bank has rank 3 and new anchors need the same, not --rank 5"),
        (("--out", str(base)), "--out is the bank that is extended"),
        (("--extend", str(tmp_path / "nowhere")), "there is no bank in"),
    ]:
        refused = call(*train(base, texts, model, out, *more))
        assert (refused.code in (1, 2), refused.out, refused.err.count("\n")) == (True, "", 1)
        assert says in refused.err
    assert not out.exists()
    formality = tiny.write_data(tmp_path / "again", [tiny.FORMALITY], SPLITS)
    arguments = [each if each != "verbosity" else "formality" for each in train(base, formality, model, out)]
    assert "the bank has formality already" in call(*arguments).err


def test_scorers_are_not_added_to_a_bank_without_the_voice(call: Assistant, base: Path, texts: Path) -> None:
    refused = call("train-scorers", "--extend", str(base), "--data", str(texts))
    assert (refused.code, refused.err.count("\n")) == (2, 1)
    assert "has no verbosity: train its anchors first" in refused.err
    assert (
        "these are the shipped scorers"
        in call("train-scorers", "--extend", "shipped", "--out", str(locations.scorers())).err
    )


def test_the_example_of_the_walk_through_has_what_training_needs() -> None:
    example = read_texts(Path(__file__).parents[2] / "docs" / "examples" / "verbosity")
    assert [len(example.split(name)) for name in ALL_SPLITS] == [13, 3, 5, 3]
    for prompt in example.prompts:
        terse, elaborate = (len(example.replies["verbosity"][prompt.id][pole].split()) for pole in POLES)
        assert 3 * terse < elaborate
