"""`assistant bench learner`: algorithms in search of simulated people's voices, by regret and share of thumbs up."""

from __future__ import annotations

import functools
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.errors import AssistantError, BadInput
from assistant.evaluation.learner_field import ALGORITHMS, entrant
from assistant.evaluation.learner_packages import MissingPackage
from assistant.evaluation.learner_policies import Ours, Policy
from assistant.preference.simulation import NAMES, SCENARIOS, Person, Scenario
from assistant.style import nearest

Array = NDArray[np.float64]

USERS, RATINGS = 200, 80
SEED = 1_000_000
"""First seed of the people of the report; nothing was tuned on them."""


@dataclass(frozen=True, slots=True)
class Episode:
    """How one algorithm did with one person."""

    approval: Array
    """Expected P(up) of the voice at each rating, shape (ratings,)."""
    best: Array
    """Of the best voice within reach, shape (ratings,)."""
    largest_step: float
    """Largest change of any α between two replies that no command made; 0 for algorithms without a profile."""


def episode(name: str, rules: Scenario, seed: int, ratings: int, **options: Any) -> Episode:
    """Let an algorithm meet a person; the person's luck is the same for all algorithms."""
    person = Person.drawn(rules, np.random.default_rng([seed, 0]))
    response = person.known_response(rules, np.random.default_rng([seed, 1]))
    luck = np.random.default_rng([seed, 2])
    noise = luck.standard_normal((ratings, 2, len(NAMES)))
    chance = luck.random((ratings, 4))
    best = person.optimum(np.random.default_rng([seed, 3]))
    policy = entrant(name, response, best, np.random.default_rng([seed, 4]), **options)
    approval, bound = np.zeros(ratings), np.zeros(ratings)
    largest = 0.0
    for t in range(ratings):
        if rules.drifts and t == ratings // 2:
            person = person.changed(np.random.default_rng([seed, 5]))
            best = person.optimum(np.random.default_rng([seed, 6]))
            if name == "optimum":
                policy = entrant(name, response, best, np.random.default_rng([seed, 4]))
        approval[t], bound[t] = person.approval(np.stack([policy.voice(), best]))
        alpha = _alpha(policy)
        _rate(policy, person, rules, noise[t], chance[t], np.random.default_rng([seed, 7, t]))
        largest = max(largest, float(np.abs(_alpha(policy) - alpha).max(initial=0.0)))
        if chance[t, 3] < rules.commands:
            voice = policy.voice()
            policy.command(*person.slides(voice, person.reply(voice, noise[t, 0]), np.random.default_rng([seed, 8, t])))
    return Episode(approval, bound, largest)


def _rate(
    policy: Policy, person: Person, rules: Scenario, noise: Array, chance: Array, rng: np.random.Generator
) -> None:
    """Let the person read one reply, or two, and say what they say."""
    scores = person.reply(policy.voice(), noise[0])
    if chance[2] < rules.picks:
        rival = person.reply(policy.rival(), noise[1])
        policy.picked(bool(chance[0] < person.prefers(scores, rival)), scores, rival)
        return
    up = bool(chance[0] < person.approves(scores))
    if up and not rules.praises:
        policy.silence(scores)
        return
    policy.verdict(up, scores)
    if not up and chance[1] < rules.reasons:
        policy.reason(*person.complains(scores, rng), scores)


def _alpha(policy: Policy) -> Array:
    return np.array(list(policy.learner.profile.alpha.values())) if isinstance(policy, Ours) else np.zeros(0)


def run(
    users: int = USERS,
    ratings: int = RATINGS,
    scenarios: Sequence[str] = tuple(SCENARIOS),
    algorithms: Sequence[str] = ALGORITHMS,
    report: Callable[[int, int, str, float], None] = lambda done, total, cell, left: None,
    kept: Path | None = None,
    seed: int = SEED,
    jobs: int = 1,
) -> dict[str, Any]:
    """Run the bench.

    Args:
        users: people per scenario; the same ones meet every algorithm.
        ratings: replies per person.
        scenarios: names out of `SCENARIOS`.
        algorithms: names out of `ALGORITHMS`.
        report: called after each cell, a scenario and an algorithm: how many are finished, of how many, which one, and
            about how many seconds are left.
        kept: a JSON file that keeps finished cells, so that a run that was stopped goes on.
        seed: of the first person.
        jobs: processes.

    Returns:
        {scenario: {algorithm: results}}, see `summary`; null for an algorithm whose package is not installed.

    Raises:
        BadInput: a name is unknown, a number is not usable or the file is of another run.
    """
    if users < 1 or ratings < 8 or jobs < 1:
        raise BadInput("the bench needs at least 1 user, 8 ratings and 1 job")
    for name in algorithms:
        if name not in ALGORITHMS:
            hint = nearest(name, ALGORITHMS) or ", ".join(ALGORITHMS)
            raise BadInput(f"there is no algorithm {name!r}; did you mean {hint}?")
    for place in scenarios:
        if place not in SCENARIOS:
            hint = nearest(place, SCENARIOS) or ", ".join(SCENARIOS)
            raise BadInput(f"there is no scenario {place!r}; did you mean {hint}?")
    terms = {"users": users, "ratings": ratings, "seed": seed}
    done = _resumed(kept, terms)
    todo = [(place, name) for place in scenarios for name in algorithms if done.get(place, {}).get(name) is None]
    total = len(scenarios) * len(algorithms)
    took: dict[str, float] = {}
    with _workers(jobs) as mapped:
        for number, (place, name) in enumerate(todo):
            began = time.monotonic()
            done.setdefault(place, {})[name] = _cell(mapped, name, place, range(seed, seed + users), ratings)
            took[name] = time.monotonic() - began
            if kept is not None:
                _write(kept, {"terms": terms, "results": done})
            usual = sum(took.values()) / len(took)
            left = sum(took.get(each, usual) for _, each in todo[number + 1 :])
            report(total - len(todo) + number + 1, total, f"{place}, {name}", left)
    return {place: {name: done[place][name] for name in algorithms} for place in scenarios}


Mapped = Callable[[Callable[[int], Episode], Iterable[int]], Iterable[Episode]]


@contextmanager
def _workers(jobs: int) -> Iterator[Mapped]:
    """Give a `map` that works in this process, or in several of one thread each."""
    if jobs == 1:
        yield map
        return
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        yield pool.map


def _cell(mapped: Mapped, name: str, place: str, seeds: Iterable[int], ratings: int) -> dict[str, Any] | None:
    meet = functools.partial(_meet, name, place, ratings)
    try:
        return summary(list(mapped(meet, seeds)))
    except MissingPackage:
        return None


def _meet(name: str, place: str, ratings: int, seed: int) -> Episode:
    return episode(name, SCENARIOS[place], seed, ratings)


def _write(path: Path, values: object) -> None:
    partial = path.with_name(f".{path.name}")
    partial.write_text(json.dumps(values), encoding="utf-8")
    os.replace(partial, path)


def summary(episodes: Sequence[Episode]) -> dict[str, Any]:
    """Return what the report says of one algorithm in one scenario.

    Returns:
        "regret": [mean of the sum over ratings, half width of its 95% interval over people], in thumbs up; "up": share
        of thumbs up over the first eighth, second eighth, second quarter and second half (of 80: ratings 1-10,
        11-20, 21-40, 41-80); "curve": its mean per rating; "lost": mean regret per rating; "users"; "largest_step":
        of α.
    """
    approval = np.array([each.approval for each in episodes])
    lost = np.array([each.best - each.approval for each in episodes])
    regret = lost.sum(axis=1)
    ratings = approval.shape[1]
    edges = [0, ratings // 8, ratings // 4, ratings // 2, ratings]
    half = 1.96 * float(regret.std(ddof=1)) / np.sqrt(len(regret)) if len(regret) > 1 else 0.0
    return {
        "regret": [round(float(regret.mean()), 3), round(float(half), 3)],
        "up": [round(float(approval[:, a:b].mean()), 4) for a, b in pairwise(edges)],
        "curve": [round(float(value), 4) for value in approval.mean(axis=0)],
        "lost": [round(float(value), 4) for value in lost.mean(axis=0)],
        "users": len(episodes),
        "largest_step": round(max(each.largest_step for each in episodes), 6),
    }


def _resumed(path: Path | None, terms: Mapping[str, int]) -> dict[str, dict[str, Any]]:
    if path is None or not path.exists():
        return {}
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        same, results = kept["terms"] == dict(terms), dict(kept["results"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise AssistantError(
            f"{path} does not hold results of this bench ({error}): remove it or name another"
        ) from error
    if not same:
        raise BadInput(f"{path} holds results of other numbers of users, ratings or seeds: name another file")
    return results
