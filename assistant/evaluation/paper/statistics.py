"""Numbers from cells, each with its 95% bootstrap interval over prompts."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.evaluation.measures import distinct, repetition
from assistant.evaluation.paper.cells import Cell
from assistant.evaluation.sampling import LOOPS

DRAWS = 1000
Number = dict[str, float]
"""{"mean", "low", "high"}: a statistic and its 95% interval."""
Rows = NDArray[np.int64]


def resamples(count: int, draws: int = DRAWS, seed: int = 0) -> Rows:
    """Return bootstrap samples of row numbers, shape (draws, count)."""
    return np.random.default_rng(seed).integers(0, count, (draws, count))


def number(value: float, draws: Sequence[float] | NDArray[np.float64]) -> Number:
    """Return a statistic with the 2.5th and 97.5th percentile of its bootstrap draws; nan does not count."""
    finite = [draw for draw in draws if math.isfinite(draw)]
    low, high = np.percentile(finite, [2.5, 97.5]) if finite else (math.nan, math.nan)
    return {"mean": round(float(value), 4), "low": round(float(low), 4), "high": round(float(high), 4)}


def bootstrap(statistic: Callable[[Rows], float], prompts: int, draws: int = DRAWS, magnitude: bool = False) -> Number:
    """Return a statistic of prompts with its interval.

    Args:
        statistic: of the numbers of the prompts that are in, shape (prompts,).
        prompts: how many there are.
        draws: resamples.
        magnitude: whether it is a mean of absolute values. Resampling adds noise, and noise makes those larger: by so
            much the draws are moved down, though not below 0 (the bootstrap's correction of bias).
    """
    value, drawn = statistic(np.arange(prompts)), np.array([statistic(rows) for rows in resamples(prompts, draws)])
    return number(value, np.maximum(0.0, drawn - (drawn.mean() - value)) if magnitude else drawn)


def by_prompt(values: Sequence[float], prompts: int) -> NDArray[np.float64]:
    """Return the mean over seeds of each prompt's values, shape (prompts,), where values come seed by seed."""
    found: NDArray[np.float64] = np.asarray(values, dtype=np.float64).reshape(-1, prompts).mean(0)
    return found


def score(cell: Cell, name: str, prompts: int) -> Number:
    """Return the mean score of an attribute."""
    means = by_prompt(cell["scores"][name], prompts)
    return bootstrap(lambda rows: float(means[rows].mean()), prompts)


def perplexity(cell: Cell, prompts: int) -> Number:
    """Return exp of the mean negative log-likelihood per token of the replies under the base model."""
    nats, tokens = by_prompt(cell["nats"], prompts), by_prompt(cell["tokens"], prompts)
    return bootstrap(lambda rows: math.exp(nats[rows].sum() / max(1.0, tokens[rows].sum())), prompts)


def diversity(cell: Cell, n: int, prompts: int) -> Number:
    """Return distinct-n over all replies, with a jackknife interval.

    A bootstrap would count a prompt that is drawn twice as repetition; leaving out one prompt at a time does not.
    """
    replies = [cell["replies"][row::prompts] for row in range(prompts)]
    whole = distinct(cell["replies"], n)
    left = np.array(
        [distinct([text for j, texts in enumerate(replies) if j != row for text in texts], n) for row in range(prompts)]
    )
    error = math.sqrt((prompts - 1) / prompts * float(((left - left.mean()) ** 2).sum()))
    low, high = max(0.0, whole - 1.96 * error), min(1.0, whole + 1.96 * error)
    return {"mean": round(whole, 4), "low": round(low, 4), "high": round(high, 4)}


def loops(cell: Cell) -> int:
    """Return how many replies repeat themselves (see `LOOPS`)."""
    return sum(repetition(text) > LOOPS for text in cell["replies"])


def summary(cell: Cell, names: Sequence[str], prompts: int) -> dict[str, Any]:
    """Return every measure of a cell; of a broken one, that alone."""
    if "broken" in cell:
        return {"broken": cell["broken"]}
    return {
        "scores": {name: score(cell, name, prompts) for name in names},
        "perplexity": perplexity(cell, prompts),
        **{f"distinct_{n}": diversity(cell, n, prompts) for n in (1, 2, 3)},
        "loops": loops(cell),
        "count": len(cell["replies"]),
    }


def shown(value: Number, digits: int = 2) -> str:
    """Return a number with its interval for a table."""
    return f"{value['mean']:.{digits}f} [{value['low']:.{digits}f}, {value['high']:.{digits}f}]"


def follows(places: Sequence[float], scores: NDArray[np.float64]) -> Number:
    """Return Spearman's correlation of place and mean score, with an interval over prompts.

    Args:
        places: such as α, shape (places,).
        scores: shape (places, prompts).
    """
    from scipy.stats import spearmanr

    def rho(rows: Rows) -> float:
        means = scores[:, rows].mean(1)
        return float(spearmanr(places, means).statistic) if len(set(means)) > 1 else 0.0

    return bootstrap(rho, scores.shape[1], 500)


def rank_correlation(one: Sequence[float], other: Sequence[float]) -> Number:
    """Return Spearman's correlation with a bootstrap interval over the pairs; 0 where one side never changes."""
    from scipy.stats import spearmanr

    a, b = np.asarray(one, dtype=float), np.asarray(other, dtype=float)

    def rho(rows: Rows) -> float:
        if len(set(a[rows])) < 2 or len(set(b[rows])) < 2:
            return 0.0
        return float(spearmanr(a[rows], b[rows]).statistic)

    return bootstrap(rho, len(a), 500)
