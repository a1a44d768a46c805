"""The field of `assistant bench learner`: every algorithm by name, with the settings that tuning chose."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.errors import AssistantError
from assistant.evaluation import learner_packages as packages
from assistant.evaluation import learner_searches as searches
from assistant.evaluation.learner_policies import NeverChanges, Obeying, OnlyObeys, Ours, Policy, Search
from assistant.preference import Options, Response

Array = NDArray[np.float64]

OBEDIENCE = {"step": 0.6, "follow": 0.3, "apart": 0.9}
"""How far a reason moves c, how much of the way to a winner a pick does, and how far apart rivals are."""
SEARCHES: Mapping[str, tuple[Callable[..., Search], dict[str, Any]]] = {
    "random_walk": (searches.RandomWalk, {"step": 0.05}),
    "one_plus_one": (searches.OnePlusOne, {"step": 0.1}),
    "spsa": (searches.Spsa, {"gain": 1.0, "width": 0.4, "settle": 5.0}),
    "cross_entropy": (searches.CrossEntropy, {"batch": 3, "smooth": 0.7, "width": 1.2}),
    "nelder_mead": (searches.NelderMead, {"size": 1.0, "repeats": 4}),
    "dueling": (searches.DuelingGradient, {"width": 1.2, "step": 0.6}),
    "cmaes": (packages.CmaEs, {"width": 0.7, "population": 8}),
    "gp_thompson": (searches.Process, {"length": 0.7, "spread": 0.3}),
    "tpe": (packages.Tpe, {"startup": 5, "multivariate": True}),
    "ngopt": (packages.NgOpt, {"width": 0.2, "budget": 80}),
}
"""Black-box optimisers and their settings, chosen by `assistant.evaluation.learner_tuning`."""
ALGORITHMS = ("ours", "optimum", "never_changes", "only_obeys", *SEARCHES)
"""All algorithms of the bench."""


def entrant(
    name: str,
    response: Response,
    best: Array,
    rng: np.random.Generator,
    options: Options | None = None,
    **settings: Any,
) -> Policy:
    """Return a new instance of an algorithm.

    Args:
        name: out of `ALGORITHMS`.
        response: what the bank's card says.
        best: the best c for this person, which only "optimum" may know.
        rng: the algorithm's own random numbers.
        options: of our learner.
        settings: of a black-box optimiser or of "only_obeys", in place of the chosen ones.

    Raises:
        AssistantError: there is no such algorithm, or its package is not installed.
    """
    obedience = {key: settings.pop(key, value) if name == "only_obeys" else value for key, value in OBEDIENCE.items()}
    if name == "ours":
        return Ours(response, options)
    if name in ("optimum", "never_changes"):
        return NeverChanges(best if name == "optimum" else None)
    if name == "only_obeys":
        return OnlyObeys(rng, **obedience)
    if name not in SEARCHES:
        raise AssistantError(f"there is no algorithm {name!r}; there are {', '.join(ALGORITHMS)}")
    make, chosen = SEARCHES[name]
    return Obeying(make(rng, **{**chosen, **settings}), rng, **obedience)
