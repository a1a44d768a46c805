"""What a way of driving scores moves besides what was asked, how far it misses, and what it costs."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from assistant.evaluation.paper import statistics as stats
from assistant.evaluation.paper.cells import Cell
from assistant.evaluation.paper.statistics import Number, Rows
from assistant.preference.response import Array

LEAST = 0.02
"""A change of the own score that all ways reach must be this large to be compared at."""


@dataclass(frozen=True, slots=True)
class Shift:
    """One request as one way answered it."""

    moved: int | None
    """Number of the attribute that was asked to move; None where all were."""
    level: float
    """The c of its slider alone."""
    sense: float
    """Whether its score was asked to rise, 1, or to fall, −1."""
    asked: Array
    """Scores asked for, shape (n,)."""
    scores: Array
    """Scores of the replies, shape (n, prompts)."""
    c: Array
    """Where that was, shape (n,)."""
    cell: Cell


Shifts = Sequence[Shift]
DRAWS = 300
"""Bootstrap resamples."""


def leak(shifts: Shifts, base: Array, rows: Rows) -> float:
    """Return the mean magnitude of the others' changes over that of the moved one's, sums over all requests."""
    own, others = 0.0, 0.0
    for shift in shifts:
        if shift.moved is not None:
            change = np.abs(_change(shift, base, rows))
            own += change[shift.moved]
            others += float(np.delete(change, shift.moved).mean())
    return others / max(own, 1e-3)


def error(shifts: Shifts, rows: Rows, own: bool, together: bool = False) -> float:
    """Return the mean absolute error of scores to the asked ones.

    Args:
        shifts: of one way.
        rows: prompts that are in.
        own: of the moved attribute alone, not of all.
        together: of the requests for all attributes at once, rather than for one.
    """
    missed = []
    for shift in shifts:
        if (shift.moved is None) is together:
            found = np.abs(shift.scores[:, rows].mean(-1) - shift.asked)
            missed.append(float(found[shift.moved] if own and shift.moved is not None else found.mean()))
    return float(np.mean(missed)) if missed else math.nan


def matched(ways: Mapping[str, Shifts], base: Array, rows: Rows) -> dict[str, float]:
    """Return each way's leak at equal changes of the own score.

    Per attribute and side (asked to rise, to fall) the leak is read at the greatest change of the own score that every
    way reaches, interpolated linearly between the places measured and the base (no change, no leak); then sums over all
    are divided, as in `leak`.
    """
    attributes = len(base)
    leaks, owns = dict.fromkeys(ways, 0.0), 0.0
    for moved in range(attributes):
        for side in (-1.0, 1.0):
            curves = {way: _curve(shifts, base, rows, moved, side) for way, shifts in ways.items()}
            common = min(own[-1] for own, _ in curves.values())
            if common < LEAST:
                continue
            owns += common
            for way, (own, others) in curves.items():
                leaks[way] += float(np.interp(common, own, others))
    return {way: value / owns if owns else math.nan for way, value in leaks.items()}


def _curve(shifts: Shifts, base: Array, rows: Rows, moved: int, side: float) -> tuple[Array, Array]:
    """Return own changes in the asked sense, rising from 0, and the others' mean magnitude at each.

    A place that goes less far than one before it (or the wrong way) is passed over.
    """
    own, others = [0.0], [0.0]
    for shift in sorted(shifts, key=lambda each: abs(each.level)):
        if shift.moved == moved and shift.level * side > 0:
            change = _change(shift, base, rows)
            if shift.sense * change[moved] > own[-1]:
                own.append(float(shift.sense * change[moved]))
                others.append(float(np.delete(np.abs(change), moved).mean()))
    return np.array(own), np.array(others)


def _change(shift: Shift, base: Array, rows: Rows) -> Array:
    return np.asarray((shift.scores[:, rows] - base[:, rows]).mean(-1))


def summary(ways: Mapping[str, Shifts], base: Array, base_cell: Cell, reference: str) -> dict[str, Any]:
    """Return the measures of all ways, and their differences from the reference way, resampling the same prompts.

    Returns:
        Per way: leak, leak at matched change ("matched"), errors, perplexity over the base model's own ("perplexity"),
        distinct-2, loops, and the mean length of c; and "less": per measure its difference from the reference.
    """
    n = base.shape[-1]

    def measures(way: str) -> dict[str, Callable[[Rows], float]]:
        shifts = ways[way]
        return {
            "leak": lambda rows: leak(shifts, base, rows),
            "matched": lambda rows: matched(ways, base, rows)[way],
            "own_error": lambda rows: error(shifts, rows, own=True),
            "error": lambda rows: error(shifts, rows, own=False),
            "together": lambda rows: error(shifts, rows, own=False, together=True),
            "perplexity": lambda rows: _perplexity(shifts, n, rows) / _perplexity_of([base_cell], n, rows),
        }

    standard = measures(reference)
    found = {}
    for way, shifts in ways.items():
        mine = measures(way)
        found[way] = {
            **{key: stats.bootstrap(statistic, n, DRAWS) for key, statistic in mine.items()},
            "distinct_2": _mean([stats.diversity(shift.cell, 2, n) for shift in shifts]),
            "loops": sum(stats.loops(shift.cell) for shift in shifts),
            "count": sum(len(shift.cell["replies"]) for shift in shifts),
            "length": round(float(np.mean([np.linalg.norm(shift.c) for shift in shifts])), 3),
        }
        if way != reference:
            found[way]["less"] = {
                key: stats.bootstrap(lambda rows, key=key, mine=mine: mine[key](rows) - standard[key](rows), n, DRAWS)  # type: ignore[misc]
                for key in mine
            }
    return found


def _perplexity(shifts: Shifts, prompts: int, rows: Rows) -> float:
    return _perplexity_of([shift.cell for shift in shifts], prompts, rows)


def _perplexity_of(cells: Sequence[Cell], prompts: int, rows: Rows) -> float:
    nats = sum(float(stats.by_prompt(cell["nats"], prompts)[rows].sum()) for cell in cells)
    tokens = sum(float(stats.by_prompt(cell["tokens"], prompts)[rows].sum()) for cell in cells)
    return math.exp(nats / max(1.0, tokens))


def _mean(values: Sequence[Number]) -> Number:
    return {key: round(float(np.mean([value[key] for value in values])), 4) for key in ("mean", "low", "high")}
