"""Fine-tuning one anchor with PEFT: LoRA on every linear layer, the loss on the reply alone.

Knows nothing of attributes or files of texts: it is given token ids, and a folder to keep its state in.
"""

from __future__ import annotations

import json
import math
import os
import random
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from assistant.anchors.recipe import Recipe
from assistant.errors import BadInput

IGNORED = -100
"""Label of tokens that carry no loss (torch's default)."""
_STATE = "state.json"


@dataclass(frozen=True, slots=True)
class Example:
    """One reply with what it answers, as token ids."""

    prompt: Sequence[int]
    reply: Sequence[int]
    """With the token that ends it."""


@dataclass(frozen=True, slots=True)
class Step:
    """Progress after one optimisation step."""

    done: int
    total: int
    loss: float
    """Mean negative log-likelihood per reply token of this batch, in nats."""
    validation: float | None
    """The last epoch's validation loss, in nats per token."""


def train_anchor(
    model: Any,
    train: Sequence[Example],
    validation: Sequence[Example],
    recipe: Recipe,
    work: Path,
    fingerprint: str,
    report: Callable[[Step], None] = lambda _: None,
) -> tuple[dict[str, tuple[torch.Tensor, torch.Tensor]], list[dict[str, float]]]:
    """Train one anchor, or go on where an earlier call in the same folder was interrupted.

    The model is left as it was. State is saved after every epoch.

    Args:
        model: the frozen base, a transformers causal LM.
        train: what to learn from.
        validation: what chooses the best epoch.
        recipe: hyperparameters.
        work: folder for the state of this anchor.
        fingerprint: identifies model, data and recipe; an earlier state with another one is refused.
        report: called after each step.

    Returns:
        Factors per module, A of (r, in) and B of (out, r) with the scaling folded in, of the epoch with the least
        validation loss; and the losses per epoch.

    Raises:
        BadInput: the folder holds the state of another training.
    """
    from peft import LoraConfig, get_peft_model

    work.mkdir(parents=True, exist_ok=True)
    state = _read_state(work, fingerprint)
    torch.manual_seed(recipe.seed)
    config = LoraConfig(
        r=recipe.rank,
        lora_alpha=recipe.lora_alpha,
        target_modules="all-linear",
        lora_dropout=0.0,
        task_type="CAUSAL_LM",
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # PEFT still asks transformers by a name that is being retired
        peft = get_peft_model(model, config)
    try:
        parameters = {name: value for name, value in peft.named_parameters() if value.requires_grad}
        optimiser = torch.optim.AdamW(parameters.values(), lr=recipe.learning_rate, weight_decay=0.0)
        if state["epoch"]:
            _restore(work / state["last"], parameters, optimiser)
        total = recipe.epochs * math.ceil(len(train) / recipe.batch_size)
        while not state["done"]:
            loss = _epoch(peft, parameters, optimiser, train, recipe, state, total, report)
            _close_epoch(work, state, recipe, parameters, optimiser, loss, _loss(peft, validation, recipe.batch_size))
        best = load_file(work / state["best"])
    finally:
        peft.unload()
    scale = recipe.lora_alpha / recipe.rank
    return _factors(best, scale), state["losses"]


def _epoch(
    peft: Any,
    parameters: Mapping[str, torch.nn.Parameter],
    optimiser: torch.optim.Optimizer,
    train: Sequence[Example],
    recipe: Recipe,
    state: dict[str, Any],
    total: int,
    report: Callable[[Step], None],
) -> float:
    """Train for one epoch and return its mean loss."""
    batches = _batches([len(each.prompt) + len(each.reply) for each in train], recipe, state["epoch"])
    done = state["epoch"] * len(batches)
    losses = []
    for chosen in batches:
        for group in optimiser.param_groups:
            group["lr"] = recipe.learning_rate * schedule(done, total)
        inputs, labels = _collate([train[i] for i in chosen])
        loss = _reply_loss(peft, inputs, labels)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(list(parameters.values()), 1.0)
        optimiser.step()
        optimiser.zero_grad()
        losses.append(float(loss.detach()))
        done += 1
        report(Step(done, total, losses[-1], state["losses"][-1]["validation"] if state["losses"] else None))
    return math.fsum(losses) / len(losses)


def _batches(lengths: Sequence[int], recipe: Recipe, epoch: int) -> list[list[int]]:
    """Return the indices of each batch: shuffled by seed and epoch, of like lengths within every four batches."""
    rng = random.Random(f"{recipe.seed}:{epoch}")
    order = list(range(len(lengths)))
    rng.shuffle(order)
    size, batches = recipe.batch_size, []
    for start in range(0, len(order), 4 * size):
        window = sorted(order[start : start + 4 * size], key=lengths.__getitem__)
        batches += [window[i : i + size] for i in range(0, len(window), size)]
    rng.shuffle(batches)
    return batches


def schedule(step: int, total: int) -> float:
    """Return the factor of the learning rate: up over the first tenth, then along a cosine from 1 to 0.1."""
    warm = max(1, total // 10)
    if step < warm:
        return (step + 1) / warm
    return 0.1 + 0.45 * (1 + math.cos(math.pi * (step - warm) / max(1, total - warm)))


@torch.no_grad()
def _loss(peft: Any, examples: Sequence[Example], batch_size: int) -> float:
    """Return the mean negative log-likelihood per reply token."""
    total, count = 0.0, 0
    for start in range(0, len(examples), batch_size):
        inputs, labels = _collate(examples[start : start + batch_size])
        tokens = int((labels != IGNORED).sum())
        total += float(_reply_loss(peft, inputs, labels)) * tokens
        count += tokens
    return total / count


def _collate(examples: Sequence[Example]) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
    """Pad on the right; only the reply has labels."""
    longest = max(len(each.prompt) + len(each.reply) for each in examples)
    ids, labels, mask = [], [], []
    for each in examples:
        pad = longest - len(each.prompt) - len(each.reply)
        ids.append([*each.prompt, *each.reply, *[0] * pad])
        labels.append([IGNORED] * len(each.prompt) + [*each.reply] + [IGNORED] * pad)
        mask.append([1] * (longest - pad) + [0] * pad)
    return {"input_ids": torch.tensor(ids), "attention_mask": torch.tensor(mask)}, torch.tensor(labels)


def _reply_loss(peft: Any, inputs: Mapping[str, torch.Tensor], labels: torch.Tensor) -> torch.Tensor:
    """Return the mean cross entropy over labelled tokens, computing the vocabulary's logits for those alone."""
    model = peft.get_base_model()
    hidden = model.get_decoder()(**{name: value.to(peft.device) for name, value in inputs.items()}).last_hidden_state
    targets = labels[:, 1:].to(peft.device)
    kept = targets != IGNORED
    logits = model.get_output_embeddings()(hidden[:, :-1][kept]).float()
    return torch.nn.functional.cross_entropy(logits, targets[kept])


def _read_state(work: Path, fingerprint: str) -> dict[str, Any]:
    path = work / _STATE
    if not path.exists():
        return {
            "fingerprint": fingerprint,
            "epoch": 0,
            "done": False,
            "losses": [],
            "last": None,
            "best": None,
            "stale": 0,
        }
    try:
        state: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        known = state["fingerprint"]
    except (OSError, ValueError, KeyError) as error:
        raise BadInput(f"{path} is damaged ({error}): remove its folder to train this anchor anew") from error
    if known != fingerprint:
        raise BadInput(
            f"{work} holds a training with other texts, model or settings: train without --resume to start anew"
        )
    return state


def _close_epoch(
    work: Path,
    state: dict[str, Any],
    recipe: Recipe,
    parameters: Mapping[str, torch.nn.Parameter],
    optimiser: torch.optim.Optimizer,
    loss: float,
    validation: float,
) -> None:
    """Save weights, optimiser and progress; the state file, written last, decides which files count."""
    state["epoch"] += 1
    better = not state["losses"] or validation < min(entry["validation"] for entry in state["losses"])
    state["losses"].append({"train": round(loss, 5), "validation": round(validation, 5)})
    state["stale"] = 0 if better else state["stale"] + 1
    state["done"] = state["epoch"] >= recipe.epochs or state["stale"] >= recipe.patience
    state["last"] = f"last-{state['epoch']}.safetensors"
    weights = {name: value.detach().contiguous() for name, value in parameters.items()}
    if better:
        state["best"] = f"best-{state['epoch']}.safetensors"
        save_file(weights, work / state["best"])
    moments: dict[str, torch.Tensor] = {}
    for name, value in parameters.items():
        kept = optimiser.state[value]
        moments |= {f"{key}/{name}": kept[key].contiguous() for key in ("exp_avg", "exp_avg_sq", "step")}
    save_file({**{f"weight/{name}": value for name, value in weights.items()}, **moments}, work / state["last"])
    partial = work / f".{_STATE}"
    partial.write_text(json.dumps(state), encoding="utf-8")
    os.replace(partial, work / _STATE)
    for path in work.glob("*.safetensors"):
        if path.name not in (state["last"], state["best"]):
            path.unlink()


def _restore(path: Path, parameters: Mapping[str, torch.nn.Parameter], optimiser: torch.optim.Optimizer) -> None:
    saved = load_file(path)
    with torch.no_grad():
        for name, value in parameters.items():
            value.copy_(saved[f"weight/{name}"])
            optimiser.state[value] = {key: saved[f"{key}/{name}"] for key in ("step", "exp_avg", "exp_avg_sq")}


def _factors(weights: Mapping[str, torch.Tensor], scale: float) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
    """Return {module: (A, scaled B)} from PEFT's parameter names, base_model.model.MODULE.lora_A.default.weight."""
    found = {}
    for name, a in weights.items():
        head, mark, tail = name.partition(".lora_A.")
        if mark:
            b = weights[f"{head}.lora_B.{tail}"]
            found[head.removeprefix("base_model.model.")] = (a.float(), b.float() * scale)
    return found
