"""The planner: where to go next, given what is believed: what should please, what would tell most, without jumping."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.preference.facts import Floats, Persons, preference
from assistant.preference.response import Response, logistic, logit

Array = NDArray[np.float64]

LOOSE = 0.5
"""Mean variance of logit scores from which replies are drawn rather than taken at their mean."""
DRAWS = 8
_HALF = np.random.default_rng(20261125).standard_normal((DRAWS // 2, 64))
_LUCK = np.concatenate([_HALF, -_HALF])
"""Standard normal draws of replies' logit scores, antithetic, for up to 64 attributes."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Weights of what a next profile is chosen for; the defaults were chosen on seeds of their own."""

    candidates: int = 32
    """Directions towards possible persons' ideals that are considered."""
    fractions: tuple[float, ...] = (0.5, 1.0)
    """How far along each."""
    horizon: float = 6.0
    """Replies that profit from what the next verdict tells; divided by one and the number of things said outright."""
    rounds: int = 2
    """Rounds of perturbing the best candidates."""
    hope: float = 0.1
    """Nats that a rival's certain victory is worth: of two that tell as much, the one that may please."""
    calm: float = 0.01
    """Expected good verdicts that a visible change of 1 in c costs."""


@dataclass(frozen=True, slots=True, eq=False)
class Outlook:
    """What a choice rests on."""

    response: Response
    persons: Persons
    weight: Floats
    """Probabilities of the persons, shape (k,)."""
    now: Array
    """Displacement now, shape (n,)."""
    box: tuple[Array, Array]
    """Lowest and highest c of this step, shape (n,) each."""
    safe: tuple[Array, Array]
    """Lowest and highest c at all."""
    told: float = 0.0
    """Things that the person has said outright: reasons, commands, samples."""


def choose(outlook: Outlook, plan: Plan, rng: np.random.Generator) -> Array:
    """Return the displacement to go to, shape (n,), within the box.

    Actions are scored by the expected P(up), plus what a verdict on them is expected to add to the best P(up) that
    could be reached afterwards (the knowledge gradient of Frazier, Powell and Dayanik, 2008), times the replies that
    profit, minus the price of a visible change.
    """
    now, box, weight = outlook.now, outlook.box, outlook.weight
    future = _prospects(outlook, plan, rng)
    actions = np.clip(np.concatenate([future, now + 0.5 * (future - now)]), *box)
    pleasing = _approval(outlook, np.concatenate([actions, future]))
    width = 0.25 * (box[1] - box[0])
    for _ in range(plan.rounds):  # where approval is highest within the box: perturb the best
        best = actions[np.argsort(-(pleasing[: len(actions)] @ weight))[:4]]
        fresh = np.clip(np.repeat(best, 6, axis=0) + width * rng.standard_normal((24, len(now))), *box)
        actions = np.concatenate([fresh, actions])
        pleasing = np.concatenate([_approval(outlook, fresh), pleasing])
        width = width / 2
    acts = len(actions)
    value = (pleasing[:acts] @ weight).astype(np.float64)
    horizon = plan.horizon / (1.0 + outlook.told)
    if horizon > 0.0:
        later = np.concatenate([pleasing[acts:], pleasing[: 24 * plan.rounds]])
        joint = (pleasing[:acts] * weight) @ later.T  # P(this reply pleases and that one would)
        hoped = later @ weight
        value += horizon * (joint.max(axis=1) + (hoped - joint).max(axis=1) - hoped.max())
    value -= plan.calm * np.sqrt(((actions - now) ** 2).sum(axis=1))
    return np.asarray(actions[int(np.argmax(value))])


def rival(outlook: Outlook, plan: Plan, rng: np.random.Generator) -> Array:
    """Return the displacement within the box whose reply, compared with one of now, would tell most; shape (n,)."""
    future = _prospects(outlook, plan, rng)
    tried = np.clip(np.concatenate([future, outlook.now + 0.5 * (future - outlook.now)]), *outlook.box)
    scores = outlook.response.scores(np.concatenate([outlook.now[None], tried])).astype(np.float32)
    distance = outlook.persons.distance(scores)
    won = preference(distance[1:], distance[:1])
    won_mean = won @ outlook.weight
    told = _entropy(won_mean) - _entropy(won) @ outlook.weight
    return np.asarray(tried[int(np.argmax(told + plan.hope * won_mean))])


def _prospects(outlook: Outlook, plan: Plan, rng: np.random.Generator) -> Array:
    """Return displacements worth thinking of: the belief's centre, now, and the way to possible persons' ideals."""
    weight = outlook.weight.astype(np.float64)
    rows = rng.choice(len(weight), plan.candidates, p=weight / weight.sum())
    ideals = outlook.persons.ideal.astype(np.float64)
    centre = logistic(weight @ logit(ideals))
    targets = outlook.response.inverse(np.concatenate([centre[None], ideals[rows]]))
    targets = np.clip(targets, *outlook.safe)
    ways = targets[0] + np.array(plan.fractions)[:, None, None] * (targets[1:] - targets[0])
    return np.concatenate([targets[:1], ways.reshape(-1, ideals.shape[1]), outlook.now[None]])


def _approval(outlook: Outlook, c: Array) -> Floats:
    """Return P(up) per displacement and person, shape (len(c), k), of replies that vary around the expected scores.

    While replies vary little, the variance of a score is that of its logit times the slope, squared. Where they vary
    much, as on a real bank, approval is averaged over `DRAWS` replies, the same luck for every displacement.
    """
    variance = outlook.response.variance(c)
    if float(variance.mean()) < LOOSE:
        scores = outlook.response.scores(c)
        spread = variance * (scores * (1.0 - scores)) ** 2
        return outlook.persons.approval(scores.astype(np.float32), spread.astype(np.float32))
    logits, deviation = outlook.response.logits(c), np.sqrt(variance)
    total = np.zeros((len(c), len(outlook.weight)), np.float32)
    for luck in _LUCK[:, : c.shape[1]]:
        total += outlook.persons.approval(logistic(logits + luck * deviation).astype(np.float32))
    return total / np.float32(DRAWS)


def _entropy(p: Floats) -> Floats:
    return np.asarray(-p * np.log(p) - (1 - p) * np.log(1 - p))
