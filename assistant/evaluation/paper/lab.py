"""The bench of all experiments: a place in the space of voices, the replies from there, and their measures."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from assistant.anchors.texts import Prompt
from assistant.engine.sampling import Sampling
from assistant.errors import AssistantError
from assistant.evaluation.paper.cells import Cell, Cells
from assistant.evaluation.paper.progress import Progress
from assistant.evaluation.sampling import BATCH, Score, Speaker
from assistant.style import Compose, Profile, coefficients

Vector = NDArray[np.float64]


class Weights(Protocol):
    """What the lab needs of a composer."""

    def set(self, k: Vector) -> bool:
        """Compose with the coefficients of all anchors, shape (2n,)."""


class Subject(Speaker, Protocol):
    """An engine whose weights can be set to any combination of the anchors."""

    @property
    def composer(self) -> Weights:
        """Sets the weights."""

    def text_losses(self, texts: Sequence[str]) -> list[tuple[float, int]]:
        """Return (negative log-likelihood in nats, tokens) of plain texts, outside any conversation."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is run, and from which seed."""

    full: bool = False
    """The whole grid of the experiment rather than the one that ends within ten minutes on two cores."""
    prompts: int = 8
    """Held-out prompts per cell, the first so many."""
    replies: int = 1
    """Seeds per prompt."""
    max_tokens: int = 40
    seed: int = 1
    split: str = "heldout"

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


class Lab:
    """Measures cells, each once.

    A cell holds, reply by reply (prompt by prompt within each seed): the text, the score per attribute, the negative
    log-likelihood in nats under the base model, and the number of its tokens. A place at which the logits are no longer
    finite is a cell that is `broken` and holds no replies.
    """

    def __init__(
        self,
        engine: Subject,
        names: Sequence[str],
        prompts: Sequence[Prompt],
        score: Score,
        plan: Plan,
        cells: Cells,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Take what is measured with.

        Args:
            engine: speaks.
            names: of all attributes of the bank, in its order.
            prompts: of the plan's split; the first `plan.prompts` are asked.
            score: the attribute scorers.
            plan: how much is run.
            cells: where the measured is kept.
            say: is given progress, line by line.
        """
        self.engine, self.names, self.score, self.plan, self.cells, self.say = engine, names, score, plan, cells, say
        self.prompts = list(prompts)[: plan.prompts]

    def progress(self, total: int) -> Progress:
        """Return a progress of so many steps that says what the lab says."""
        return Progress(total, self.say)

    def neutral(self, compose: Compose = Compose.CENTRED, strength: float = 1.0) -> Profile:
        """Return the profile with every α at ½ and even λ."""
        return replace(Profile.neutral(self.names), compose=compose, strength=strength)

    def alone(self, name: str, alpha: float, compose: Compose = Compose.CENTRED) -> Profile:
        """Return the profile that has one attribute alone, at λ = 1."""
        return self.neutral(compose).with_options(alpha={name: alpha})

    def k(self, profile: Profile) -> Vector:
        """Return the coefficients of a profile over all anchors."""
        return coefficients(profile, self.names)

    def base(self) -> Cell:
        """Return the cell of the base model's own replies."""
        return self.at("base", np.zeros(2 * len(self.names)))

    def at(self, key: str, place: Profile | Vector, progress: Progress | None = None) -> Cell:
        """Return the cell at a place.

        Args:
            key: names the cell within the run.
            place: a profile, or coefficients k of all anchors, shape (2n,).
            progress: counts the cell as a step.
        """
        k = self.k(place) if isinstance(place, Profile) else place
        known = key in self.cells

        def compose() -> None:
            self.engine.composer.set(k)

        found = self.cells.get(key, lambda: self.measure(compose, self.speak))
        if progress:
            progress.step(key, not known)
        return found

    def measure(self, prepare: Callable[[], None], speak: Callable[[], list[str]]) -> dict[str, Any]:
        """Return a fresh cell: what `speak` says once `prepare` is done, judged by scorers and base model."""
        prepare()
        began = time.perf_counter()
        try:
            replies = speak()
        except AssistantError as error:
            return {"broken": str(error)}
        seconds = time.perf_counter() - began
        return {**self.judge(replies), "seconds": round(seconds, 3)}

    def judge(self, replies: Sequence[str]) -> dict[str, Any]:
        """Return the cell of given replies, in the order of `asked`; leaves the base model in the weights."""
        scores = self.score(replies)
        self.engine.composer.set(np.zeros(2 * len(self.names)))
        pairs = [(prompt.messages(), text or " ") for prompt, text in zip(self.asked(), replies, strict=True)]
        losses = self.engine.losses([messages for messages, _ in pairs], [text for _, text in pairs])
        return {
            "replies": list(replies),
            "scores": {name: [round(row[name], 4) for row in scores] for name in self.names},
            "nats": [round(nats, 3) for nats, _ in losses],
            "tokens": [tokens for _, tokens in losses],
        }

    def asked(self) -> list[Prompt]:
        """Return the prompts in the order of a cell's replies: all of them for each seed."""
        return self.prompts * self.plan.replies

    def samplings(self) -> list[Sampling]:
        """Return the settings of the replies, in their order: the same for every cell."""
        return [
            Sampling(max_tokens=self.plan.max_tokens, seed=self.plan.seed + 1000 * (row // len(self.prompts)) + row)
            for row in range(len(self.asked()))
        ]

    def speak(self) -> list[str]:
        """Return the replies under the weights now composed."""
        asked, settings, found = [prompt.messages() for prompt in self.asked()], self.samplings(), []
        for start in range(0, len(asked), BATCH):
            batch = self.engine.batch(asked[start : start + BATCH], settings[start : start + BATCH])
            found += [text for text, _ in batch]
        return found


def described(plan: Plan, extra: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the plan as results and cells keep it."""
    return {**plan.as_dict(), **(extra or {})}
