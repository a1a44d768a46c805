"""What the contenders' cells show: rows with intervals, means over attributes and ends, and matched comparisons."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from assistant.evaluation.measures import repetition
from assistant.evaluation.paper import statistics as stats
from assistant.evaluation.paper.cells import Cell
from assistant.evaluation.paper.contenders.paths import Path
from assistant.evaluation.paper.contenders.trigrams import Trigrams
from assistant.evaluation.paper.lab import Vector
from assistant.evaluation.paper.statistics import Number, Rows
from assistant.evaluation.sampling import LOOPS
from assistant.scoring.surface import words

SCORES = (0.6, 0.7, 0.8, 0.9)
"""Scores towards the pole at which methods are compared."""
KLS = (0.05, 0.1, 0.2, 0.4, 0.8)
"""Nats per token at which they are compared."""


def degenerate(cell: Cell) -> dict[str, int]:
    """Return how many replies loop (see `LOOPS`), and how many have no word."""
    loops = sum(repetition(text) > LOOPS for text in cell["replies"])
    return {"loops": loops, "empty": sum(not words(text) for text in cell["replies"])}


def rate(above: Sequence[float], below: Sequence[float], prompts: int, exponential: bool = False) -> Number:
    """Return Σ above / Σ below over prompts, or its exponential, where values come seed by seed."""
    a, b = stats.by_prompt(above, prompts), stats.by_prompt(below, prompts)

    def statistic(rows: Rows) -> float:
        found = float(a[rows].sum() / max(1.0, b[rows].sum()))
        return math.exp(found) if exponential else found

    return stats.bootstrap(statistic, prompts)


def row(cell: Cell, names: Sequence[str], prompts: int, judge: Trigrams) -> dict[str, Any]:
    """Return the held-out measures of a cell; of a broken one, that alone."""
    found = stats.summary(cell, names, prompts)
    if "broken" in found:
        return found
    nats = [judge.nats(text) for text in cell["replies"]]
    found["trigram"] = rate([each for each, _ in nats], [each for _, each in nats], prompts, exponential=True)
    if "kl" in cell:
        found["kl"] = rate([each for each, _ in cell["kl"]], [each for _, each in cell["kl"]], prompts)
    return {**found, **degenerate(cell)}


def towards(cell: Cell, name: str, high: bool, prompts: int) -> Vector:
    """Return the score towards the pole by prompt."""
    found = stats.by_prompt(cell["scores"][name], prompts)
    return found if high else 1 - found


def error(cell: Cell, name: str, asked: float, prompts: int) -> tuple[Vector, Vector]:
    """Return by prompt what the score exceeds the asked one by, and the replies' mean absolute error.

    Where the model breaks, both are the worst that a score can be.
    """
    if "broken" in cell:
        worst = np.full(prompts, max(asked, 1 - asked))
        return worst, worst
    scores = np.asarray(cell["scores"][name], dtype=float)
    return stats.by_prompt(list(scores - asked), prompts), stats.by_prompt(list(np.abs(scores - asked)), prompts)


def misses(errors: Sequence[tuple[Vector, Vector]], prompts: int) -> dict[str, Number]:
    """Return the mean absolute error of mean scores ("mae") and of single replies' scores ("mae_reply")."""
    mean, single = (np.array([each[side] for each in errors]) for side in (0, 1))
    return {
        "mae": stats.bootstrap(lambda rows: float(np.abs(mean[:, rows].mean(1)).mean()), prompts),
        "mae_reply": stats.bootstrap(lambda rows: float(single[:, rows].mean()), prompts),
    }


def together(chosen: Sequence[tuple[Cell, str, bool]], prompts: int, judge: Trigrams) -> dict[str, Any]:
    """Return means over the cells (cell, attribute, whether the high pole is meant) of the chosen strengths."""
    whole = [each for each in chosen if "broken" not in each[0]]
    if not whole:
        return {"broken": len(chosen)}
    score = np.mean([towards(cell, name, high, prompts) for cell, name, high in whole], axis=0)

    def pooled(pairs: Sequence[tuple[Sequence[float], Sequence[float]]], exponential: bool) -> Number:
        above, below = ([float(x) for pair in pairs for x in pair[side]] for side in (0, 1))
        return rate(above, below, prompts, exponential)

    judged = [[judge.nats(text) for text in cell["replies"]] for cell, *_ in whole]
    diverse = [{n: stats.diversity(cell, n, prompts) for n in (1, 2, 3)} for cell, *_ in whole]
    return {
        "score": stats.bootstrap(lambda rows: float(score[rows].mean()), prompts),
        "perplexity": pooled([(cell["nats"], cell["tokens"]) for cell, *_ in whole], True),
        "trigram": pooled([([a for a, _ in each], [b for _, b in each]) for each in judged], True),
        "kl": pooled([([a for a, _ in cell["kl"]], [b for _, b in cell["kl"]]) for cell, *_ in whole], False),
        **{f"distinct_{n}": _mean([each[n] for each in diverse]) for n in (1, 2, 3)},
        "degenerate": sum(sum(degenerate(cell).values()) for cell, *_ in whole),
        "count": sum(len(cell["replies"]) for cell, *_ in whole),
        "broken": len(chosen) - len(whole),
    }


def _mean(numbers: Sequence[Number]) -> Number:
    """Return the mean of numbers, its interval from theirs as if they erred apart."""
    n, mean = len(numbers), float(np.mean([each["mean"] for each in numbers]))
    half = math.sqrt(sum(((each["high"] - each["low"]) / 2) ** 2 for each in numbers)) / n
    return {"mean": round(mean, 4), "low": round(mean - half, 4), "high": round(mean + half, 4)}


def speed(cells: Sequence[Cell]) -> Number | None:
    """Return tokens per second over cells, with an interval over them."""
    timed = [cell for cell in cells if cell.get("seconds")]
    if not timed:
        return None
    tokens, seconds = (np.array([cell[key] for cell in timed], dtype=float) for key in ("decoded", "seconds"))
    return stats.bootstrap(lambda rows: float(tokens[rows].sum() / seconds[rows].sum()), len(timed))


def matched(paths: Mapping[str, Path], measure: str) -> list[dict[str, Any]]:
    """Return, per level that two methods reach, what each that reaches it is like there."""
    found = []
    for level in SCORES if measure == "score" else KLS:
        reaching = {method: path for method, path in paths.items() if path.reached(measure, level)}
        if len(reaching) > 1:
            methods = {method: path.at(measure, level) for method, path in reaching.items()}
            found.append({"level": level, "methods": methods})
    return found
