"""Custom models: anchors fine-tuned on a mixture of both poles' texts, which interpolation should stand in for."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from assistant.anchors import training
from assistant.anchors.card import CARD_FILE, Card, read_card
from assistant.anchors.recipe import Recipe
from assistant.anchors.texts import POLES, Texts
from assistant.engine.base_model import BaseModel
from assistant.engine.prompting import PromptEncoder
from assistant.style import Attribute

POLE_SETS: tuple[tuple[float, float, int], ...] = ((0.0, 1.0, 0), (0.25, 0.75, 0), (0.5, 0.5, 1))
"""The sets that are trained in step: share of high texts of one, of the other, and the seed of the draw.

The two of a set never see the same text after the same prompt, so the two at ½ are two draws of the same mixture.
"""


@dataclass(frozen=True, slots=True)
class Custom:
    """One custom model: an anchor in a bank of its own."""

    share: float
    """Share of high texts that it learned from."""
    slot: int
    """Number of the anchor in its bank: 2 · attribute + pole."""


def mixed(texts: Texts, name: str, limit: int | None) -> Texts:
    """Return texts whose attributes are the sets of one attribute: "low" and "high" replies are draws from both poles.

    Args:
        texts: of the attribute's poles.
        name: of the attribute.
        limit: prompts of the split `anchors` that are kept, the first so many; all when None.
    """
    kept = {prompt.id for prompt in texts.split("anchors")[:limit]}
    prompts = tuple(prompt for prompt in texts.prompts if prompt.split == "validation" or prompt.id in kept)
    attributes, replies = [], {}
    for low, _, seed in POLE_SETS:
        label = f"{name[:20]}_{100 * low:.0f}"
        attributes.append(Attribute(label, f"{label}_low", f"{label}_high"))
        replies[label] = _drawn(texts, name, [prompt.id for prompt in prompts], low, seed)
    return Texts(tuple(attributes), prompts, replies)


def _drawn(texts: Texts, name: str, ids: list[str], low: float, seed: int) -> dict[str, dict[str, str]]:
    """Return both sides' replies: the first is the high text after a share `low` of prompts, the other elsewhere."""
    order = list(ids)
    random.Random(f"{name} {low} {seed}").shuffle(order)
    turned = set(order[: round(low * len(order))])
    found: dict[str, dict[str, str]] = {}
    for each in ids:
        first, second = (POLES[1], POLES[0]) if each in turned else POLES
        pair = texts.replies[name][each]
        found[each] = {"low": pair[first], "high": pair[second]}
    return found


def customs() -> list[Custom]:
    """Return the custom models of a bank of sets, in the order of its anchors."""
    return [
        Custom(share, 2 * number + pole)
        for number, (low, high, _) in enumerate(POLE_SETS)
        for pole, share in enumerate((low, high))
    ]


def train(
    base: BaseModel,
    texts: Texts,
    name: str,
    recipe: dict[str, Any],
    limit: int | None,
    epochs: int,
    folder: Path,
    say: Callable[[str], None],
) -> Card:
    """Train the custom models of an attribute by the recipe of a bank, or go on with it; done once, it is read back.

    Args:
        base: the base, with its own weights.
        texts: of the poles.
        name: of the attribute.
        recipe: of the bank.
        limit: prompts to learn from.
        epochs: passes over them at the most.
        folder: of the bank that is made.
        say: is given progress.
    """
    if (folder / CARD_FILE).is_file():
        return read_card(folder)
    encoder = PromptEncoder(base.tokenizer)

    def report(now: training.Progress) -> None:
        if now.step.done % 10 == 0:
            say(f"{now.attribute.name}: step {now.step.done} of {now.step.total}, loss {now.step.loss:.3f}")

    try:
        return training.train_bank(
            mixed(texts, name, limit),
            base.model,
            base.name,
            encoder,
            min(encoder.stop_ids(base.model)),
            replace(Recipe(**recipe), epochs=epochs),
            folder,
            (folder / training.WORK).exists(),
            report,
        )
    finally:
        base.model.requires_grad_(False)
