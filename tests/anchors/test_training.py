from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest
import torch

from assistant.anchors import objective
from assistant.anchors.adapter import Adapters, orthonormal_rows
from assistant.anchors.bank import load_bank
from assistant.anchors.card import BankError
from assistant.anchors.recipe import Recipe
from assistant.anchors.texts import Prompt, Texts
from assistant.anchors.training import Progress, train_bank
from assistant.engine.prompting import PromptEncoder
from assistant.errors import BadInput
from tests import tiny

pytestmark = pytest.mark.slow
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
    losses = card.training["losses"]["formality"]
    assert losses[-1]["validation"] < losses[0]["validation"]
    assert seen[-1].step.done == seen[-1].step.total == 12
    assert (seen[-1].number, seen[-1].attributes) == (1, 1)
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


@pytest.mark.parametrize("at", [2, 4, 5, 9, 11])
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


def test_a_kill_while_the_state_is_removed_leaves_a_whole_bank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "bank"

    def half(path: Path, ignore_errors: bool = False) -> None:
        if not ignore_errors:
            for each in path.rglob("*.safetensors"):
                each.unlink()
            raise Killed

    with monkeypatch.context() as amid:
        amid.setattr("shutil.rmtree", half)
        with pytest.raises(Killed):
            run(out)
    key = load_bank(out).key
    run(out, resume=True)
    assert load_bank(out).key == key
    assert {each.name for each in out.iterdir()} == {"card.json", "anchors.safetensors"}


def test_resuming_with_another_recipe_is_refused(tmp_path: Path) -> None:
    def kill(progress: Progress) -> None:
        if progress.step.done == 6:
            raise Killed

    with pytest.raises(Killed):
        run(tmp_path / "bank", report=kill)
    with pytest.raises(BadInput, match="other texts, model or settings"):
        run(tmp_path / "bank", resume=True, recipe=Recipe(rank=3, lora_alpha=6))


def test_the_best_epoch_is_kept_and_training_stops_early(tmp_path: Path) -> None:
    wild = Recipe(rank=2, lora_alpha=2000, learning_rate=0.9, batch_size=2, epochs=20, patience=1)
    card = run(tmp_path / "bank", recipe=wild)
    losses = [entry["validation"] for entry in card.training["losses"]["formality"]]
    assert len(losses) < 20
    assert min(losses) == losses[-2]


def test_the_loss_is_on_the_reply_alone() -> None:
    inputs, labels = objective.collate([([5, 6, 7], [8, 1]), ([5], [9, 9, 1])])
    assert labels[:, :5].tolist() == [[-100, -100, -100, 8, 1], [-100, 9, 9, 1, -100]]
    assert inputs["attention_mask"][:, :5].tolist() == [[1, 1, 1, 1, 1], [1, 1, 1, 1, 0]]
    assert not inputs["attention_mask"][:, 5:].any()
    assert (labels[:, 5:] == objective.IGNORED).all()


def test_without_sharing_the_poles_begin_alike_and_part(tmp_path: Path) -> None:
    run(tmp_path / "own", recipe=replace(RECIPE, a="own"))
    run(tmp_path / "shared", recipe=replace(RECIPE, a="shared"))
    own, shared = (next(iter(load_bank(tmp_path / name).factors.values())) for name in ("own", "shared"))
    assert not torch.equal(own.a[0], own.a[1])
    assert torch.equal(shared.a[0], shared.a[1])


def test_frozen_directions_are_orthonormal_within_and_between_attributes(tmp_path: Path) -> None:
    run(tmp_path / "bank", recipe=replace(RECIPE, a="frozen"))
    a = next(iter(load_bank(tmp_path / "bank").factors.values())).a[0].float()
    assert torch.allclose(a @ a.T, torch.eye(2), atol=2e-2)
    first, second = (orthonormal_rows("some.layer", 24, 4, slot) for slot in (0, 1))
    both = torch.cat([first, second])
    assert torch.allclose(both @ both.T, torch.eye(8), atol=1e-5)
    assert torch.equal(orthonormal_rows("some.layer", 24, 4, 6), first)  # 24 rows hold six slots of four


def test_the_contrast_is_the_odds_ratio_of_orpo() -> None:
    base = tiny.base()
    examples = [objective.Example([5, 6], [8, 9, 1], [7, 1]), objective.Example([5], [9, 1], [4, 4, 4, 1])]
    peft = Adapters(base.model, RECIPE).peft
    plain = objective.objective(peft, examples)
    both = objective.objective(peft, examples, contrast=2.0)
    assert plain.likelihood == pytest.approx(both.likelihood, rel=1e-5)

    def mean(prompt: Sequence[int], reply: Sequence[int]) -> float:
        ids = torch.tensor([[*prompt, *reply]])
        with torch.no_grad():
            chances = base.model(ids).logits[0, len(prompt) - 1 : -1].log_softmax(-1)
        return float(chances[range(len(reply)), list(reply)].mean())

    def odds(value: float) -> float:
        return value - math.log(1 - math.exp(value))

    pairs = [(mean(each.prompt, each.reply), mean(each.prompt, each.other)) for each in examples]
    preference = fmean(math.log1p(math.exp(odds(other) - odds(own))) for own, other in pairs)
    assert both.objective.item() == pytest.approx(plain.likelihood + 2 * preference, rel=1e-4)
    assert both.margin == pytest.approx(fmean(own - other for own, other in pairs), rel=1e-3, abs=1e-5)
    peft.unload()


def test_bad_settings_are_told() -> None:
    with pytest.raises(BadInput, match="targets must be one of all, attention"):
        Recipe(targets="mlp")  # type: ignore[arg-type]
    with pytest.raises(BadInput, match="own, shared, frozen"):
        Recipe(a="none")  # type: ignore[arg-type]


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
