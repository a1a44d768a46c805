"""Fair settings for the baselines of `assistant bench learner`: a grid each, on people who are not in the report.

Run as `python -m assistant.evaluation.learner_tuning [ALGORITHM …]`; prints the mean regret of every setting, best
first, for `learner_field`. Searches are tuned in the base scenario, where all that they get is thumbs; "only_obeys" in
`reasons` and `picks` together.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from assistant.evaluation.learner_bench import RATINGS, episode
from assistant.evaluation.learner_field import SEARCHES
from assistant.preference.simulation import SCENARIOS

SEED = 2_000_000
"""First seed of the people tuned on: far from those of the report."""
USERS, SLOW_USERS = 60, 16
SLOW = frozenset({"gp_thompson", "tpe", "ngopt"})
"""Algorithms of some milliseconds per rating, which are tuned on fewer people."""
GRIDS: Mapping[str, Mapping[str, Sequence[Any]]] = {
    "only_obeys": {"step": (0.4, 0.6, 0.8), "follow": (0.3, 0.5, 0.8), "apart": (0.4, 0.6, 0.9)},
    "random_walk": {"step": (0.05, 0.1, 0.2, 0.4)},
    "one_plus_one": {"step": (0.1, 0.2, 0.5, 0.9)},
    "spsa": {"gain": (0.5, 1.0, 2.0, 3.0), "width": (0.25, 0.4, 0.6), "settle": (0.0, 5.0, 20.0)},
    "cross_entropy": {"batch": (3, 5, 10, 20), "smooth": (0.4, 0.7, 1.0), "width": (0.3, 0.5, 0.8, 1.2)},
    "nelder_mead": {"size": (0.3, 0.6, 1.0, 1.4), "repeats": (1, 2, 4, 6)},
    "dueling": {"width": (0.4, 0.8, 1.2, 1.6), "step": (0.15, 0.3, 0.6, 1.0)},
    "cmaes": {"width": (0.2, 0.4, 0.7), "population": (6, 8, 12, 16)},
    "gp_thompson": {"length": (0.7, 1.0, 1.6), "spread": (0.3, 0.5)},
    "tpe": {"startup": (5, 10, 20), "multivariate": (True, False)},
    "ngopt": {"width": (0.2, 0.4, 0.8), "budget": (80, 400)},
}
"""Values tried, in all combinations."""


def tune(name: str) -> list[tuple[float, dict[str, Any]]]:
    """Return the mean regret of every combination of an algorithm's grid, best first."""
    grid, places = GRIDS[name], ("base",) if name in SEARCHES else ("reasons", "picks")
    users = SLOW_USERS if name in SLOW else USERS
    tried = []
    for values in itertools.product(*grid.values()):
        settings = dict(zip(grid, values, strict=True))
        regrets = [
            float((run.best - run.approval).sum())
            for place in places
            for run in (episode(name, SCENARIOS[place], SEED + i, RATINGS, **settings) for i in range(users))
        ]
        tried.append((float(np.mean(regrets)), settings))
    return sorted(tried, key=lambda each: each[0])


def main(names: Sequence[str]) -> None:
    """Print what tuning finds."""
    for name in names or tuple(GRIDS):
        for regret, settings in tune(name):
            print(f"{name:18} {regret:6.2f}  {settings}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
