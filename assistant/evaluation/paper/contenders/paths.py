"""A method's way from strength 0 to a pole, and what it costs by the time a score or a divergence is reached."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from assistant.evaluation.measures import distinct
from assistant.evaluation.paper import statistics as stats
from assistant.evaluation.paper.cells import Cell
from assistant.evaluation.paper.contenders.trigrams import Trigrams
from assistant.evaluation.paper.lab import Vector
from assistant.evaluation.paper.statistics import Number, Rows

RATES = ("perplexity", "trigram")
"""Measures that are the exponential of a mean per token or word."""


class Path:
    """Measures of all strengths by prompt, so that every number on the way can be bootstrapped over prompts."""

    def __init__(self, cells: Sequence[Cell], name: str, high: bool, prompts: int, judge: Trigrams) -> None:
        """Take the cells from strength 0 upwards; those that break are left out."""
        whole = [cell for cell in cells if "broken" not in cell]
        by_prompt = stats.by_prompt
        self._score = np.array([by_prompt(cell["scores"][name], prompts) for cell in whole])
        if not high:
            self._score = 1 - self._score
        self._rates = {"perplexity": _pair([(cell["nats"], cell["tokens"]) for cell in whole], prompts)}
        judged = [[judge.nats(text) for text in cell["replies"]] for cell in whole]
        words = [([nats for nats, _ in row], [count for _, count in row]) for row in judged]
        self._rates["trigram"] = _pair(words, prompts)
        self._rates["kl"] = _pair([([n for n, _ in cell["kl"]], [t for _, t in cell["kl"]]) for cell in whole], prompts)
        self._replies = [[cell["replies"][row::prompts] for row in range(prompts)] for cell in whole]
        self.prompts = prompts
        self._samples: dict[str, Vector] = {}

    def values(self, measure: str, rows: Rows) -> Vector:
        """Return a measure at each strength: score, kl, or the logarithm of a perplexity.

        Args:
            measure: its name.
            rows: the prompts that are in, shape (…, prompts).

        Returns:
            Shape (strengths, …).
        """
        if measure == "score":
            found: Vector = self._score[:, rows].mean(-1)
            return found
        above, below = self._rates[measure]
        rates: Vector = above[:, rows].sum(-1) / np.maximum(1.0, below[:, rows].sum(-1))
        return rates

    def _drawn(self, measure: str) -> Vector:
        """Return a measure at each strength in each bootstrap sample, shape (draws, strengths)."""
        if measure not in self._samples:
            self._samples[measure] = self.values(measure, stats.resamples(self.prompts)).T
        return self._samples[measure]

    def diversity(self, rows: Rows) -> Vector:
        """Return distinct-2 at each strength."""
        chosen = [[text for row in rows for text in point[row]] for point in self._replies]
        return np.array([distinct(texts, 2) for texts in chosen])

    def reached(self, measure: str, level: float) -> bool:
        """Return whether the way leads from below a level of score or kl to it."""
        return bool(_crossing(self.values(measure, np.arange(self.prompts)), level))

    def at(self, measure: str, level: float) -> dict[str, Any]:
        """Return what the other measures are where score or kl first reaches a level, linearly between strengths.

        Perplexities are interpolated in their logarithms. Distinct-2 has a jackknife interval, as in `statistics`.
        """
        everyone = np.arange(self.prompts)
        places = [_crossing(values, level) for values in (self.values(measure, everyone), *self._drawn(measure))]
        found: dict[str, Any] = {}
        for name in (*RATES, "kl" if measure == "score" else "score"):
            read = [
                _between(values, place) if place else math.nan
                for values, place in zip((self.values(name, everyone), *self._drawn(name)), places, strict=True)
            ]
            first, *drawn = map(math.exp, read) if name in RATES else read
            found[name] = stats.number(first, drawn)
        found["distinct_2"] = self._jackknife(measure, level)
        return found

    def _jackknife(self, measure: str, level: float) -> Number:
        everyone = np.arange(self.prompts)

        def read(rows: Rows) -> float:
            place = _crossing(self.values(measure, rows), level)
            return math.nan if place is None else _between(self.diversity(rows), place)

        left = np.array([read(np.delete(everyone, row)) for row in range(self.prompts)])
        left = left[np.isfinite(left)]
        n = len(left)
        error = math.sqrt((n - 1) / n * float(((left - left.mean()) ** 2).sum())) if n > 1 else math.nan
        mean = read(everyone)
        return {"mean": round(mean, 4), "low": round(mean - 1.96 * error, 4), "high": round(mean + 1.96 * error, 4)}


def _pair(cells: Sequence[tuple[Sequence[float], Sequence[float]]], prompts: int) -> tuple[Vector, Vector]:
    above, below = (np.array([stats.by_prompt(cell[side], prompts) for cell in cells]) for side in (0, 1))
    return above, below


def _crossing(values: Vector, level: float) -> tuple[int, float] | None:
    """Return the step in which the values first come from below to the level, and how far into it."""
    for step in range(len(values) - 1):
        if values[step] < level <= values[step + 1]:
            return step, float((level - values[step]) / (values[step + 1] - values[step]))
    return None


def _between(values: Vector, place: tuple[int, float]) -> float:
    step, share = place
    return float(values[step] + share * (values[step + 1] - values[step]))
