"""Ways to drive scores: sliders alone, the inverse of the measured response, or orthogonal directions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.evaluation.paper import statistics as stats
from assistant.evaluation.paper.cells import Cell
from assistant.evaluation.paper.lab import Lab
from assistant.evaluation.paper.progress import Progress
from assistant.preference.controls import Controls, lowdin
from assistant.preference.response import Array, logistic, logit

STEP = 0.5
"""c of the central differences."""


@dataclass(frozen=True, slots=True)
class Probes:
    """Scores around the base model, per development prompt."""

    base: Array
    """Shape (n, prompts)."""
    below: Array
    """At c = −STEP of one attribute, shape (n read, n moved, prompts)."""
    above: Array

    def jacobian(self, rows: NDArray[np.int64] | None = None) -> Array:
        """Return J, shape (read, moved): how the logit of a mean score changes per unit of c."""
        chosen = np.arange(self.base.shape[-1]) if rows is None else rows
        return np.asarray(
            (logit(self.above[..., chosen].mean(-1)) - logit(self.below[..., chosen].mean(-1))) / (2 * STEP)
        )

    def base_scores(self) -> Array:
        """Return s₀, shape (n,)."""
        return np.asarray(self.base.mean(-1))


def anchors(c: Array) -> Array:
    """Return the coefficients of all anchors that move by c of shape (n,), as centred composition does."""
    return np.asarray(np.kron(c, [-0.5, 0.5]) + 0.0)


def probe(lab: Lab, prefix: str, progress: Progress) -> Probes:
    """Measure, or read again, the cells around the base model."""
    n = len(lab.names)
    base = lab.at(f"{prefix} base", np.zeros(2 * n), progress)
    sides = [
        [lab.at(f"{prefix} {name} {c:+g}", anchors(c * np.eye(n)[i]), progress) for i, name in enumerate(lab.names)]
        for c in (-STEP, STEP)
    ]
    below, above = (np.stack([scores(cell, lab) for cell in side], axis=1) for side in sides)
    return Probes(scores(base, lab), below, above)


def scores(cell: Cell, lab: Lab) -> Array:
    """Return a cell's scores, shape (n, prompts)."""
    return np.stack([stats.by_prompt(cell["scores"][name], len(lab.prompts)) for name in lab.names])


Drive = Callable[[Array], Array]
"""From the c that each slider would take by itself, shape (n,), to the c that is taken."""


def ways(controls: Controls, products: Array) -> dict[str, Drive]:
    """Return the ways by name.

    A request is given as u, the c that each attribute's slider would take by itself: it asks for the logit score
    logit s₀ + Jᵢᵢ uᵢ (`asked`).

    Args:
        controls: measured.
        products: inner products of the directions, shape (n, n).
    """
    own = np.diag(controls.jacobian)
    turned = lowdin(products)
    through = np.diag(controls.jacobian @ turned)
    gain = np.where(np.abs(through) > 1e-6, own / np.where(np.abs(through) > 1e-6, through, 1.0), 1.0)

    def clipped(c: Array) -> Array:
        return np.asarray(np.clip(c, controls.low, controls.high))

    return {
        "sliders": clipped,
        "inverse": lambda u: controls.c(asked(controls, u)),
        "orthogonal": lambda u: clipped(turned @ (gain * u)),
    }


def asked(controls: Controls, u: Array) -> Array:
    """Return the scores that are asked for, shape (n,)."""
    return logistic(logit(controls.base) + np.diag(controls.jacobian) * u)


def requests(names: Sequence[str], levels: Sequence[float], together: int, seed: int) -> dict[str, Array]:
    """Return the requests u by key: each attribute through its range alone, then all at once at random."""
    rng = np.random.default_rng(seed)
    alone = {f"{name} {level:+g}": level * np.eye(len(names))[i] for i, name in enumerate(names) for level in levels}
    return {**alone, **{f"together {at}": rng.uniform(-1, 1, len(names)) for at in range(together)}}


def other_drive(own: Array, other: Array, controls: Controls) -> Drive:
    """Return the sliders of another bank, each moved so far that its own score moves as asked.

    Args:
        own: gains Jᵢᵢ of the bank that the request was made for.
        other: gains of the other bank.
        controls: for the limits of c.
    """
    gain = np.where(np.abs(other) > 1e-6, own / np.where(np.abs(other) > 1e-6, other, 1.0), 1.0)
    return lambda u: np.asarray(np.clip(gain * u, controls.low, controls.high))


def reseeded(lab: Lab) -> Lab:
    """Return the bench with other seeds: what differs from the base model's replies there is noise."""
    plan = replace(lab.plan, seed=lab.plan.seed + 100_000)
    return Lab(lab.engine, lab.names, lab.prompts, lab.score, plan, lab.cells, lab.say)


def matrix(values: Array, names: Sequence[str], draws: Sequence[Array]) -> Mapping[str, Any]:
    """Return J as numbers with their intervals, [read][moved]."""
    stack = np.stack(draws)
    return {
        read: {moved: stats.number(values[j, i], stack[:, j, i]) for i, moved in enumerate(names)}
        for j, read in enumerate(names)
    }
