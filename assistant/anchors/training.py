"""Training all anchors of a set of texts and packing them into a bank."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from assistant.anchors.bank import save_bank, stack
from assistant.anchors.card import Card
from assistant.anchors.lora import Anchor, Step, train_pair
from assistant.anchors.objective import Example
from assistant.anchors.recipe import Recipe
from assistant.anchors.texts import POLES, Pole, Texts
from assistant.errors import BadInput
from assistant.style import Attribute

WORK = ".work"
"""Folder, within the bank's, of the trainings' state; removed when the bank is packed."""
_DONE = ".work-done"
"""Name of that folder while it is being removed, so that a half of it is never gone on with."""


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
    number: int
    """Number of this attribute, from 1."""
    attributes: int
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
    first_slot: int = 0,
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
        first_slot: number of the first attribute; in a bank that is extended, how many it has already.

    Raises:
        BadInput: a split is empty, or `out` holds an unfinished training and `resume` is false.
    """
    work, done = out / WORK, out / _DONE
    shutil.rmtree(done, ignore_errors=True)
    if work.exists() and not resume:
        raise BadInput(f"{out} holds an unfinished training: add --resume to go on with it, or remove {work}")
    for split in ("anchors", "validation"):
        if not texts.split(split):
            raise BadInput(f"the prompts have none in the split {split!r}; training needs some")
    started = time.monotonic()
    anchors: list[Anchor] = []
    record: dict[str, list[dict[str, float]]] = {}
    total = len(texts.attributes)
    for number, attribute in enumerate(texts.attributes):
        train, validation = (
            {pole: _examples(texts, attribute.name, pole, split, encoder, end) for pole in POLES}
            for split in ("anchors", "validation")
        )
        pair, losses = train_pair(
            model,
            train,
            validation,
            recipe,
            work / attribute.name,
            _fingerprint(model_name, recipe, *train.values(), *validation.values()),
            lambda step, a=attribute, n=number: report(Progress(a, n + 1, total, step)),  # type: ignore[misc]
            first_slot + number,
        )
        anchors += (pair[pole] for pole in POLES)
        record[attribute.name] = losses
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
    os.replace(work, done)
    shutil.rmtree(done)
    return card


def _examples(texts: Texts, attribute: str, pole: Pole, split: str, encoder: Encoder, end: int) -> list[Example]:
    other = POLES[1 - POLES.index(pole)]
    return [
        Example(
            encoder.encode(prompt.messages()),
            [*encoder.text(own), end],
            [*encoder.text(texts.replies[attribute][prompt.id][other]), end],
        )
        for prompt, own in texts.pairs(attribute, pole, split)
    ]


def _fingerprint(model: str, recipe: Recipe, *sets: Sequence[Example]) -> str:
    content = [model, recipe.as_dict(), [[[*each.prompt], [*each.reply]] for examples in sets for each in examples]]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
