"""Another bank in the same base model, measured on the same bench."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

from assistant.anchors.texts import Prompt
from assistant.chat.host import Messages
from assistant.engine.engine import Engine
from assistant.engine.sampling import Sampling
from assistant.evaluation.paper.experiments import Source
from assistant.evaluation.paper.lab import Lab, Plan, Vector, Weights
from assistant.style import Profile


class Padded:
    """A composer for a lab that knows the first attributes of a bank: the coefficients of the others are 0."""

    def __init__(self, composer: Weights, anchors: int) -> None:
        self._composer, self._anchors = composer, anchors

    def set(self, k: Vector) -> bool:
        """Compose with the coefficients of the first or of all anchors."""
        return self._composer.set(np.concatenate([k, np.zeros(self._anchors - len(k))]))


class Beside:
    """An engine of another bank as the lab wants it. One bank is in the weights at a time: `rest` between them."""

    def __init__(self, engine: Engine, anchors: int) -> None:
        self.engine, self.name = engine, engine.name
        self._composer = Padded(engine.composer, anchors)

    @property
    def composer(self) -> Weights:
        """Sets the weights."""
        return self._composer

    def compose(self, profile: Profile) -> bool:
        """Compose a profile of all of the bank's attributes."""
        return self.engine.compose(profile)

    def batch(self, conversations: Sequence[Messages], settings: Sequence[Sampling]) -> list[tuple[str, int]]:
        """See `Engine.batch`."""
        return self.engine.batch(conversations, settings)

    def losses(self, conversations: Sequence[Messages], replies: Sequence[str]) -> list[tuple[float, int]]:
        """See `Engine.losses`."""
        return self.engine.losses(conversations, replies)

    def text_losses(self, texts: Sequence[str]) -> list[tuple[float, int]]:
        """See `Engine.text_losses`."""
        return self.engine.text_losses(texts)

    def rest(self) -> None:
        """Leave the base model in the weights."""
        self._composer.set(np.zeros(0))


@contextmanager
def beside(lab: Lab, source: Source, folder: Path, anchors: int) -> Iterator[Lab]:
    """Lend a lab with another bank's engine; the base model is in the weights before and after.

    Args:
        lab: the bench, whose names, scores, plan and cells are shared.
        source: has the base model.
        folder: of the bank.
        anchors: of that bank; its first attributes are the lab's.

    Raises:
        BankError: the bank is damaged or made for another model.
    """
    lab.engine.composer.set(np.zeros(2 * len(lab.names)))
    made = Beside(Engine(source.base, folder, getattr(lab.engine, "arithmetic", "fp32")), anchors)
    try:
        yield Lab(made, lab.names, lab.prompts, lab.score, lab.plan, lab.cells, lab.say)
    finally:
        made.rest()


def with_prompts(lab: Lab, prompts: Sequence[Prompt], plan: Plan) -> Lab:
    """Return the same bench with other prompts; the plan's number of them is theirs."""
    return Lab(lab.engine, lab.names, prompts, lab.score, replace(plan, prompts=len(prompts)), lab.cells, lab.say)
