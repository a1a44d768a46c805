"""Fine-tuning the two anchors of one attribute, in step: the same prompts in the same order, the best epoch kept.

Knows nothing of attributes or files of texts: it is given token ids, and a folder to keep its state in.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

import torch
from safetensors.torch import load_file

from assistant.anchors import checkpoint
from assistant.anchors.adapter import Adapters, short_text_attention
from assistant.anchors.objective import Example, objective
from assistant.anchors.recipe import Recipe
from assistant.anchors.texts import POLES, Pole

Anchor = dict[str, tuple[torch.Tensor, torch.Tensor]]
"""Factors per module: A of (r, in), and B of (out, r) with the scaling folded in."""
Examples = Mapping[Pole, Sequence[Example]]


@dataclass(frozen=True, slots=True)
class Step:
    """Progress after one optimisation step."""

    done: int
    total: int
    loss: float
    """The objective on this batch, mean of both poles, in nats per token."""
    validation: float | None
    """The last epoch's objective on the validation texts, in nats per token."""


def train_pair(
    model: Any,
    train: Examples,
    validation: Examples,
    recipe: Recipe,
    work: Path,
    fingerprint: str,
    report: Callable[[Step], None] = lambda _: None,
    slot: int = 0,
) -> tuple[dict[Pole, Anchor], list[dict[str, float]]]:
    """Train both anchors of an attribute, or go on where an earlier call in the same folder was interrupted.

    Both poles see the same prompts in the same step, so that what their texts have in common moves them alike and
    cancels in the direction between them. The model is left as it was. State is saved after every epoch.

    Args:
        model: the frozen base, a transformers causal LM.
        train: what to learn from, per pole in the same order of prompts.
        validation: what chooses the best epoch.
        recipe: hyperparameters.
        work: folder for the state of this training.
        fingerprint: identifies model, data and recipe; an earlier state with another one is refused.
        report: called after each step.
        slot: number of the attribute.

    Returns:
        The anchors of the epoch with the least validation loss; and the losses per epoch.

    Raises:
        BadInput: the folder holds the state of another training.
    """
    work.mkdir(parents=True, exist_ok=True)
    state = checkpoint.read(work, fingerprint)
    adapters = Adapters(model, recipe, slot)
    try:
        with short_text_attention(model):
            optimiser = torch.optim.AdamW(adapters.masters.values(), lr=recipe.learning_rate, weight_decay=0.0)
            if state["epoch"]:
                checkpoint.restore(work / state["last"], adapters.masters, optimiser)
            total = recipe.epochs * math.ceil(len(train["low"]) / recipe.batch_size)
            while not state["done"]:
                losses = {"train": _epoch(adapters, optimiser, train, recipe, state, total, report)}
                losses |= evaluate(adapters, validation, recipe)
                checkpoint.close_epoch(work, state, adapters.masters, optimiser, losses, recipe.epochs, recipe.patience)
        best, scale = load_file(work / state["best"]), recipe.lora_alpha / recipe.rank
        return {pole: adapters.factors(best, pole, scale) for pole in POLES}, state["losses"]
    finally:
        adapters.peft.unload()


def _epoch(
    adapters: Adapters,
    optimiser: torch.optim.Optimizer,
    train: Examples,
    recipe: Recipe,
    state: dict[str, Any],
    total: int,
    report: Callable[[Step], None],
) -> float:
    """Train for one epoch and return its mean loss."""
    lengths = [len(low) + len(high) for low, high in zip(train["low"], train["high"], strict=True)]
    batches = _batches(lengths, recipe, state["epoch"])
    done = state["epoch"] * len(batches)
    losses = []
    for chosen in batches:
        for group in optimiser.param_groups:
            group["lr"] = recipe.learning_rate * schedule(done, total)
        optimiser.zero_grad()
        found = []
        for pole in POLES:
            adapters.wear(pole)
            batch = [train[pole][i] for i in chosen]
            loss = objective(adapters.peft, batch, recipe.contrast, recipe.learn_prompt).objective
            loss.backward()  # type: ignore[no-untyped-call]
            adapters.collect(pole)
            found.append(float(loss.detach()))
        torch.nn.utils.clip_grad_norm_(list(adapters.masters.values()), 1.0)
        optimiser.step()
        losses.append(fmean(found))
        done += 1
        report(Step(done, total, losses[-1], state["losses"][-1]["validation"] if state["losses"] else None))
    return fmean(losses)


@torch.no_grad()
def evaluate(adapters: Adapters, examples: Examples, recipe: Recipe) -> dict[str, float]:
    """Return the means over batches and poles of the objective ("validation"), the likelihood and the margin."""
    found = []
    for pole in POLES:
        adapters.wear(pole)
        for start in range(0, len(examples[pole]), recipe.batch_size):
            batch = examples[pole][start : start + recipe.batch_size]
            found.append(objective(adapters.peft, batch, recipe.contrast, recipe.learn_prompt))
    return {
        "validation": fmean(float(each.objective) for each in found),
        "likelihood": fmean(each.likelihood for each in found),
        "margin": fmean(each.margin for each in found),
    }


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
