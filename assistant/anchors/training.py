"""Training all anchors of a set of texts and packing them into a bank."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch

from assistant.anchors.bank import save_bank, stack
from assistant.anchors.card import Card
from assistant.anchors.lora import Example, Step, train_anchor
from assistant.anchors.recipe import Recipe
from assistant.anchors.texts import POLES, Pole, Prompt, Texts
from assistant.errors import BadInput
from assistant.style import Attribute

WORK = ".work"
"""Folder, within the bank's, of the trainings' state; removed when the bank is packed."""


class Encoder(Protocol):
    """What training needs of a prompt encoder."""

    def encode(self, messages: Sequence[Mapping[str, str]]) -> list[int]:
        """Return the ids of a conversation, ready for the reply."""

    def text(self, content: str) -> list[int]:
        """Return the ids of plain text."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where the whole training is."""

    attribute: Attribute
    pole: Pole
    anchor: int
    """Number of this anchor, from 1."""
    anchors: int
    step: Step


def train_bank(
    texts: Texts,
    model: Any,
    model_name: str,
    encoder: Encoder,
    end: int,
    recipe: Recipe,
    out: Path,
    resume: bool,
    report: Callable[[Progress], None] = lambda _: None,
) -> Card:
    """Train both anchors of every attribute in `texts` and pack the bank into `out`.

    Args:
        texts: what to learn from.
        model: the base, in the dtype to train with.
        model_name: stored in the card.
        encoder: turns conversations and replies into ids.
        end: id of the token that ends a reply.
        recipe: hyperparameters.
        out: folder of the bank.
        resume: go on with an unfinished training in `out`.
        report: called after each step.

    Raises:
        BadInput: a split is empty, or `out` holds an unfinished training and `resume` is false.
    """
    work = out / WORK
    if work.exists() and not resume:
        raise BadInput(f"{out} holds an unfinished training: add --resume to go on with it, or remove {work}")
    for split in ("anchors", "validation"):
        if not texts.split(split):
            raise BadInput(f"the prompts have none in the split {split!r}; training needs some")
    started = time.monotonic()
    anchors: list[dict[str, tuple[torch.Tensor, torch.Tensor]]] = []
    record: dict[str, list[dict[str, float]]] = {}
    total = len(texts.attributes) * len(POLES)
    for attribute in texts.attributes:
        for pole in POLES:
            number = len(anchors) + 1
            train = _examples(texts.pairs(attribute.name, pole, "anchors"), encoder, end)
            validation = _examples(texts.pairs(attribute.name, pole, "validation"), encoder, end)
            factors, losses = train_anchor(
                model,
                train,
                validation,
                recipe,
                work / f"{attribute.name}-{pole}",
                _fingerprint(model_name, recipe, train, validation),
                lambda step, a=attribute, p=pole, n=number: report(Progress(a, p, n, total, step)),  # type: ignore[misc]
            )
            anchors.append(factors)
            record[f"{attribute.name}-{pole}"] = losses
    card = save_bank(
        out,
        model=model_name,
        attributes=texts.attributes,
        factors=stack(anchors),
        training={
            "recipe": recipe.as_dict(),
            "texts": {split: len(texts.split(split)) for split in ("anchors", "validation")},
            "losses": record,
            "seconds_of_last_run": round(time.monotonic() - started),
        },
    )
    shutil.rmtree(work)
    return card


def _examples(pairs: Sequence[tuple[Prompt, str]], encoder: Encoder, end: int) -> list[Example]:
    return [Example(encoder.encode(prompt.messages()), [*encoder.text(reply), end]) for prompt, reply in pairs]


def _fingerprint(model: str, recipe: Recipe, *sets: Sequence[Example]) -> str:
    content = [model, recipe.as_dict(), [[[*each.prompt], [*each.reply]] for examples in sets for each in examples]]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
