"""Whether replies are still like those of the interpolation region: four measures and the band that they keep to."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.evaluation.measures import repetition
from assistant.evaluation.paper.cells import Cell
from assistant.evaluation.paper.statistics import Rows
from assistant.evaluation.sampling import LOOPS
from assistant.scoring.surface import words

MEASURES = ("perplexity", "distinct_2", "repetition", "kl")
"""Perplexity of the replies under the base; distinct-2 over all replies; the share of looping replies (see `LOOPS`);
and KL(base ‖ composed) per token of the base's own replies."""
UPPER_ONLY = ("repetition", "kl")
"""Measures that cannot be too low."""
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ratios:
    """A cell's measures as ratios of sums over prompts, so that any resample of the prompts has its value."""

    above: Array
    """Numerators, shape (measures, prompts)."""
    below: Array
    """Denominators, shape (measures, prompts)."""

    def values(self, rows: Rows | None = None) -> Array:
        """Return the measures: shape (measures,), or (draws, measures) for resamples of shape (draws, prompts)."""
        if rows is None:
            rows = np.arange(self.above.shape[1])[None]
            alone: Array = self.values(rows)[0]
            return alone
        found = self.above[:, rows].sum(-1) / np.maximum(self.below[:, rows].sum(-1), 1.0)
        with np.errstate(over="ignore"):
            found[0] = np.exp(found[0])
        turned: Array = found.T
        return turned


def ratios(cell: Cell, divergence: Cell, prompts: int) -> Ratios | None:
    """Return the measures of a cell; None where the model breaks there, its logits not being finite.

    distinct-2 is the number of different bigrams over the number of all. A bigram that occurs m times counts 1/m in
    each prompt that has it: the shares add up to the number of different ones, and a prompt drawn twice is no
    repetition.

    Args:
        cell: of the lab.
        divergence: "nats" and "tokens" of each of the base's own replies; or "broken".
        prompts: of the cell.
    """
    if "broken" in cell or "broken" in divergence:
        return None
    bigrams = [_bigrams(text) for text in cell["replies"]]
    counts = Counter(gram for grams in bigrams for gram in grams)
    pairs: list[tuple[Sequence[float], Sequence[float]]] = [
        (cell["nats"], cell["tokens"]),
        ([sum(1 / counts[gram] for gram in grams) for grams in bigrams], [len(grams) for grams in bigrams]),
        ([float(repetition(text) > LOOPS) for text in cell["replies"]], [1] * len(bigrams)),
        (divergence["nats"], divergence["tokens"]),
    ]
    above = np.array([_by_prompt(one, prompts) for one, _ in pairs])
    below = np.array([_by_prompt(other, prompts) for _, other in pairs])
    return Ratios(above, below) if np.isfinite(above).all() else None


def _bigrams(text: str) -> list[tuple[str, str]]:
    found = [word.lower() for word in words(text)]
    return list(pairwise(found))


def _by_prompt(values: Sequence[float], prompts: int) -> Array:
    found: Array = np.asarray(values, dtype=np.float64).reshape(-1, prompts).sum(0)
    return found


@dataclass(frozen=True, slots=True)
class Band:
    """What the measures may be: from the lowest to the highest of the interpolation region, each at its 95% bound."""

    low: Array
    high: Array

    @classmethod
    def of(cls, places: Sequence[Ratios], rows: Rows) -> Band:
        """Return the band of the cells of the interpolation region.

        Of each measure and cell the 2.5th and 97.5th percentile over the resamples are taken; the band goes from the
        least of the former to the greatest of the latter. Repetition may always be one reply of a cell.

        Args:
            places: the cells' measures.
            rows: resamples of the prompts.
        """
        bounds = np.array([np.percentile(place.values(rows), [2.5, 97.5], axis=0) for place in places])
        low, high = bounds[:, 0].min(0), bounds[:, 1].max(0)
        loops = MEASURES.index("repetition")
        high[loops] = max(high[loops], 1 / rows.shape[1])
        low[[MEASURES.index(name) for name in UPPER_ONLY]] = -math.inf
        return cls(low, high)

    def left(self, values: Array) -> NDArray[np.bool_]:
        """Return which measures are out of the band, of the shape of `values`."""
        found: NDArray[np.bool_] = ~((values >= self.low) & (values <= self.high))
        return found

    def as_dict(self) -> dict[str, Any]:
        """Return low (None where there is none) and high of each measure."""
        return {
            name: {"low": round(float(low), 4) if math.isfinite(low) else None, "high": round(float(high), 4)}
            for name, low, high in zip(MEASURES, self.low, self.high, strict=True)
        }


def named(flags: Sequence[bool] | NDArray[np.bool_]) -> list[str]:
    """Return the names of the measures that are flagged."""
    return [name for name, flag in zip(MEASURES, flags, strict=True) if flag]
