from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from assistant.anchors import lora
from assistant.anchors.bank import load_bank
from assistant.anchors.card import BankError
from assistant.anchors.recipe import Recipe
from assistant.anchors.texts import Prompt, Texts
from assistant.anchors.training import Progress, train_bank
from assistant.engine.prompting import PromptEncoder
from assistant.errors import BadInput
from tests import tiny

RECIPE = Recipe(rank=2, lora_alpha=4, learning_rate=5e-3, batch_size=2, epochs=3, patience=3)
END = 1


def texts() -> Texts:
    splits = ["anchors"] * 7 + ["validation"] * 3
    prompts = tuple(Prompt(f"p{i}", split, "fact", "tests", f"question {i}") for i, split in enumerate(splits))
    replies = {
        "formality": {p.id: {"low": f"yeah {p.id} aaa", "high": f"Indeed {p.id} zzz"} for p in prompts},
    }
    return Texts((tiny.FORMALITY,), prompts, replies)


def run(out: Path, resume: bool = False, report: Any = lambda _: None, recipe: Recipe = RECIPE) -> Any:
    base = tiny.base()
    return train_bank(texts(), base.model, "tiny", PromptEncoder(base.tokenizer), END, recipe, out, resume, report)


def test_training_learns_each_pole_and_packs_a_bank(tmp_path: Path) -> None:
    seen: list[Progress] = []
    card = run(tmp_path / "bank", report=seen.append)
    bank = load_bank(tmp_path / "bank")
    assert bank.card == card
    assert card.names == ("formality",)
    assert set(card.target_modules) == set(tiny.targets(tiny.base().model))
    losses = card.training["losses"]["formality-high"]
    assert losses[-1]["validation"] < losses[0]["validation"]
    assert seen[-1].step.done == seen[-1].step.total == 12
    assert (seen[-1].anchor, seen[-1].anchors) == (2, 2)
    assert not (tmp_path / "bank" / ".work").exists()
    low, high = next(iter(bank.factors.values())).b
    assert not torch.equal(low, high)


def test_training_leaves_the_base_model_as_it_was(tmp_path: Path) -> None:
    base = tiny.base()
    before = {name: value.clone() for name, value in base.model.state_dict().items()}
    train_bank(texts(), base.model, "tiny", PromptEncoder(base.tokenizer), END, RECIPE, tmp_path / "bank", False)
    after = base.model.state_dict()
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], value) for name, value in after.items())


class Killed(Exception):
    """Stands for the end of the process in the middle of an epoch."""


@pytest.mark.parametrize("at", [2, 5, 11, 14, 23])
def test_an_interrupted_training_ends_like_an_uninterrupted_one(tmp_path: Path, at: int) -> None:
    run(tmp_path / "whole")
    count = 0

    def kill(_: Progress) -> None:
        nonlocal count
        count += 1
        if count == at:
            raise Killed

    with pytest.raises(Killed):
        run(tmp_path / "broken", report=kill)
    with pytest.raises(BadInput, match="--resume"):
        run(tmp_path / "broken")
    run(tmp_path / "broken", resume=True)
    assert load_bank(tmp_path / "broken").key == load_bank(tmp_path / "whole").key


def test_resuming_with_another_recipe_is_refused(tmp_path: Path) -> None:
    def kill(progress: Progress) -> None:
        if progress.step.done == 6:
            raise Killed

    with pytest.raises(Killed):
        run(tmp_path / "bank", report=kill)
    with pytest.raises(BadInput, match="other texts, model or settings"):
        run(tmp_path / "bank", resume=True, recipe=Recipe(rank=3, lora_alpha=6))


def test_the_best_epoch_is_kept_and_training_stops_early(tmp_path: Path) -> None:
    wild = Recipe(rank=2, lora_alpha=4, learning_rate=0.9, batch_size=2, epochs=9, patience=1)
    card = run(tmp_path / "bank", recipe=wild)
    losses = [entry["validation"] for entry in card.training["losses"]["formality-low"]]
    assert len(losses) < 9
    assert min(losses) == losses[-2]


def test_the_loss_is_on_the_reply_alone() -> None:
    inputs, labels = lora._collate([lora.Example([5, 6, 7], [8, 1]), lora.Example([5], [9, 9, 1])])
    assert labels.tolist() == [[-100, -100, -100, 8, 1], [-100, 9, 9, 1, -100]]
    assert inputs["attention_mask"].tolist() == [[1, 1, 1, 1, 1], [1, 1, 1, 1, 0]]


def test_a_damaged_bank_is_refused(tmp_path: Path) -> None:
    tiny.write_bank(tmp_path / "bank", tiny.base().model)
    path = tmp_path / "bank" / "anchors.safetensors"
    raw = bytearray(path.read_bytes())
    raw[-1] ^= 1
    path.write_bytes(raw)
    with pytest.raises(BankError, match="damaged"):
        load_bank(tmp_path / "bank")
    (tmp_path / "bank" / "card.json").write_text("{}")
    with pytest.raises(BankError, match="card"):
        load_bank(tmp_path / "bank")
    with pytest.raises(BankError, match="no bank"):
        load_bank(tmp_path / "nowhere")
