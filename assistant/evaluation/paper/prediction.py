"""What tells entanglement: rank correlations over ordered pairs of attributes, and tests that respect the pairing."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.evaluation.paper import statistics as stats

Array = NDArray[np.float64]
MOST = 5040
"""Relabellings that are tried at most."""


def off_diagonal(matrix: Array) -> Array:
    """Return the elements beside the diagonal, row by row."""
    return np.asarray(matrix[~np.eye(len(matrix), dtype=bool)])


def predicts(cause: Array, effect: Array, other: Array | None = None) -> dict[str, Any]:
    """Return how well one matrix over ordered pairs of attributes ranks another; diagonals do not count.

    Args:
        cause: shape (n, n).
        effect: shape (n, n).
        other: a rival cause, which is partialled out of the ranks.

    Returns:
        "rho": Spearman's correlation with a bootstrap interval over pairs; "p": of Mantel's test (1967): how many
        relabellings of the attributes in `cause` do as well; "partial": the correlation that the rival leaves.
    """
    wanted = off_diagonal(effect)
    found = stats.rank_correlation(list(off_diagonal(cause)), list(wanted))
    orders = list(permutations(range(len(cause)))) if len(cause) <= 7 else _some(len(cause))
    as_well = [abs(_rho(off_diagonal(cause[np.ix_(order, order)]), wanted)) for order in orders]
    result: dict[str, Any] = {
        "rho": found,
        "p": round(float(np.mean(np.array(as_well) >= abs(_rho(off_diagonal(cause), wanted)) - 1e-12)), 4),
        "pairs": len(wanted),
    }
    if other is not None:
        result["partial"] = round(partial(off_diagonal(cause), wanted, off_diagonal(other)), 3)
    return result


def partial(one: Array, two: Array, given: Array) -> float:
    """Return Spearman's partial correlation of two rows given a third; 0 where one of them never changes."""
    ab, ac, bc = _rho(one, two), _rho(one, given), _rho(two, given)
    scale = np.sqrt((1 - ac**2) * (1 - bc**2))
    return float((ab - ac * bc) / scale) if scale > 1e-9 else 0.0


def _rho(one: Array, two: Array) -> float:
    from scipy.stats import spearmanr

    if len(set(one)) < 2 or len(set(two)) < 2:
        return 0.0
    return float(spearmanr(one, two).statistic)


def _some(n: int) -> Sequence[Sequence[int]]:
    rng = np.random.default_rng(0)
    return [list(range(n)), *(rng.permutation(n).tolist() for _ in range(MOST))]
