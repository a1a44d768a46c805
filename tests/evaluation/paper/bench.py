"""A bench whose engine speaks scores: replies are planted functions of the weights' coefficients."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from assistant.anchors.texts import Prompt, Texts
from assistant.chat.host import Messages
from assistant.engine.sampling import Sampling
from assistant.evaluation.paper.cells import Cells
from assistant.evaluation.paper.experiments import Source
from assistant.evaluation.paper.lab import Lab, Plan, Vector, described
from assistant.preference.response import logistic, logit
from assistant.style import Profile
from tests import tiny

PLAN = Plan(prompts=3, max_tokens=4)
SPLITS = ("heldout",) * 3 + ("validation",) * 4 + ("anchors",) * 3
PROMPTS = [Prompt(f"p{at}", split, "fact", "tests", f"question {at}") for at, split in enumerate(SPLITS)]


class Weights:
    def __init__(self) -> None:
        self.k: Vector = np.zeros(4)
        self.calls = 0

    def set(self, k: Vector) -> bool:
        self.k, self.calls = np.array(k), self.calls + 1
        return True


class Speaker:
    """Says the scores that `answer` gives for c."""

    name = "planted"

    def __init__(self, answer: Callable[[Vector], Vector], noise: float = 0.0) -> None:
        self.composer, self._answer, self._noise = Weights(), answer, noise
        self.spoken = 0

    def compose(self, profile: Profile) -> bool:
        raise NotImplementedError

    def batch(self, conversations: Sequence[Messages], settings: Sequence[Sampling]) -> list[tuple[str, int]]:
        c = self.composer.k[1::2] - self.composer.k[::2]
        self.spoken += len(settings)
        found = []
        for each in settings:
            shaken = logit(self._answer(c)) + self._noise * np.random.default_rng(each.seed).normal(size=len(c))
            found.append((json.dumps(logistic(shaken).tolist()), 3))
        return found

    def losses(self, conversations: Sequence[Messages], replies: Sequence[str]) -> list[tuple[float, int]]:
        assert not self.composer.k.any(), "judged by another model than the base"
        return [(2.0, 2) for _ in replies]

    def text_losses(self, texts: Sequence[str]) -> list[tuple[float, int]]:
        return [(1.0, 1) for _ in texts]


def score(texts: Sequence[str]) -> list[dict[str, float]]:
    """Read the scores back; a text of a pole is scored by its words."""
    found = []
    for text in texts:
        if text.startswith("["):
            found.append(dict(zip(tiny.NAMES, json.loads(text), strict=True)))
        else:
            found.append({"formality": float("formal" in text), "sentiment": float("positive" in text)})
    return found


def planted(jacobian: Vector, base: Vector) -> Callable[[Vector], Vector]:
    """Return scores whose logits are linear in c."""
    return lambda c: np.asarray(logistic(logit(base) + jacobian @ c))


def texts() -> Texts:
    replies = {
        each.name: {
            prompt.id: {"low": f"{each.low} {prompt.id}", "high": f"{each.high} {prompt.id}"} for prompt in PROMPTS
        }
        for each in tiny.ATTRIBUTES
    }
    return Texts(tiny.ATTRIBUTES, tuple(PROMPTS), replies)


def bench(folder: Path, engine: Any, score_: Any = score, base: Any = None, plan: Plan = PLAN) -> tuple[Lab, Source]:
    """Return a lab over the tiny bank, and its source."""
    made = base or tiny.base()
    bank = tiny.write_bank(folder / "bank", made.model, shared=True) if not (folder / "bank").exists() else None
    if bank is None:
        from assistant.anchors.bank import load_bank

        bank = load_bank(folder / "bank")
    cells = Cells(folder / "run", described(plan))
    lab = Lab(engine, tiny.NAMES, [each for each in PROMPTS if each.split == plan.split], score_, plan, cells)
    return lab, Source(made, bank, folder / "bank", texts(), folder / "run")
