"""Simulated people: a hidden ideal in score space, judged replies, and the scenarios of `assistant bench learner`."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from assistant.preference.response import GAIN, Response, logistic

Array = NDArray[np.float64]

NAMES = ("simplicity", "formality", "politeness", "sentiment", "humor")
"""Attributes of the simulated bank."""
REACH = 1.4
"""Largest |c| of a profile in the simulation: α from −0.2 to 1.2 at s = 1 and λ = max λ."""
IDEAL_SPREAD = 1.7
"""Standard deviation of an ideal's logit; with it the neutral profile pleases a third of the time, as in the pilot."""
TEMPERATURE = 0.06
"""T: how gradually approval falls with the weighted distance."""
TOLERANCE = 0.21
"""Weighted distance at which half of a typical person's verdicts are good."""
REPLY_NOISE = 0.35
"""Standard deviation of a reply's logit scores around what its profile gives on average."""
DRAWS = 48
"""Replies over which the expected approval of a profile is averaged."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """How the people of one scenario behave."""

    cares: tuple[int, int] = (2, 5)
    """Fewest and most attributes that a person cares about."""
    flip: float = 0.1
    """Probability with which a thumb is the opposite of what is meant."""
    drifts: bool = False
    """Whether the ideal is drawn anew half-way."""
    praises: bool = True
    """Whether a content person says so; otherwise they say nothing."""
    commands: float = 0.0
    """Share of the ratings at which a person also moves a slider."""
    reasons: float = 0.0
    """Share of thumbs-down that carry a reason."""
    picks: float = 0.0
    """Share of the ratings that are a pick between two replies."""
    gains_wrong: float = 0.0
    """By how much the response model's gains are off, either way; with it, its cross-talk is not known at all."""


SCENARIOS = {
    "base": Scenario(),
    "sparse": Scenario(cares=(2, 2)),
    "noisy": Scenario(flip=0.2),
    "drift": Scenario(drifts=True),
    "downonly": Scenario(praises=False),
    "commands": Scenario(commands=0.2),
    "reasons": Scenario(reasons=0.35),
    "picks": Scenario(picks=0.35),
    "misspecified": Scenario(gains_wrong=0.25),
}
"""The scenarios of the bench, by name."""


def weighted_distance(scores: Array, ideal: Array, weights: Array) -> Array:
    """Return √Σ wᵢ (sᵢ − mᵢ)², shape (…), of scores s (…, n) from the ideal m with weights w, shape (n,) both."""
    return np.asarray(np.sqrt(np.sum(weights * (scores - ideal) ** 2, axis=-1)))


def verdicts(distance: Array, tolerance: float, flip: float) -> Array:
    """Return P(up) at a weighted distance from the ideal, shape (…) both; `flip` of the thumbs say the opposite."""
    return flip + (1.0 - 2.0 * flip) * logistic((tolerance - distance) / TEMPERATURE)


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """What a simulated person wants, and how the bank really answers; hidden from the learner."""

    gains: Array
    """The bank's true response, logits per unit of c, shape (n, n); off the diagonal is cross-talk."""
    ideal: Array
    """Scores that they would like best, shape (n,)."""
    weights: Array
    """How much each attribute matters, shape (n,), sum 1; 0 for those they do not care about."""
    tolerance: float
    """Weighted distance at which half of their verdicts are good."""
    flip: float
    noise: Array
    """Standard normal draws for `approval`, shape (DRAWS, n)."""

    @classmethod
    def drawn(cls, rules: Scenario, rng: np.random.Generator) -> Person:
        """Return a random person."""
        n = len(NAMES)
        signs = rng.choice([-1.0, 1.0], (n, n))
        cross = rng.uniform(0.1, 0.2, (n, n)) * signs * (1.0 - np.eye(n))
        gains = GAIN * np.exp(rng.normal(0.0, 0.15, (n, 1))) * (np.eye(n) + cross)
        count = int(rng.integers(rules.cares[0], rules.cares[1] + 1))
        cared = rng.permutation(n)[:count]
        weights = np.zeros(n)
        weights[cared] = np.exp(rng.normal(0.0, 0.5, count))
        return cls(
            gains=gains,
            ideal=logistic(rng.normal(0.0, IDEAL_SPREAD, n)),
            weights=weights / weights.sum(),
            tolerance=TOLERANCE * math.exp(rng.normal(0.0, 0.15)),
            flip=rules.flip,
            noise=rng.standard_normal((DRAWS, n)),
        )

    def changed(self, rng: np.random.Generator) -> Person:
        """Return the same person with another taste."""
        return replace(self, ideal=logistic(rng.normal(0.0, IDEAL_SPREAD, len(NAMES))))

    def reply(self, c: Array, noise: Array) -> Array:
        """Return the scores of a reply at displacement c, shape (n,), with standard normal `noise`."""
        return logistic(self.gains @ c + REPLY_NOISE * noise)

    def distance(self, scores: Array) -> Array:
        """Return the weighted distance of scores (…, n) from the ideal, shape (…)."""
        return weighted_distance(scores, self.ideal, self.weights)

    def approves(self, scores: Array) -> Array:
        """Return P(up) of replies with `scores`, shape (…, n) to (…)."""
        return verdicts(self.distance(scores), self.tolerance, self.flip)

    def approval(self, c: Array) -> Array:
        """Return the expected P(up) of displacements c, shape (k, n) to (k,)."""
        scores = logistic((c @ self.gains.T)[:, None, :] + REPLY_NOISE * self.noise)
        return np.asarray(self.approves(scores).mean(axis=1))

    def prefers(self, first: Array, second: Array) -> float:
        """Return the probability that the first of two replies is picked."""
        margin = (self.distance(second) - self.distance(first)) / TEMPERATURE
        return float(self.flip + (1.0 - 2.0 * self.flip) * logistic(margin))

    def complains(self, scores: Array, rng: np.random.Generator) -> tuple[int, int]:
        """Return the attribute that a person names and the direction in which they want it moved."""
        share = self.weights * np.abs(self.ideal - scores)
        attribute = int(rng.choice(len(NAMES), p=share / share.sum()))
        meant = logistic((self.ideal[attribute] - scores[attribute]) / 0.05)
        return attribute, 1 if rng.random() < meant else -1

    def slides(self, c: Array, scores: Array, rng: np.random.Generator) -> tuple[int, float]:
        """Return the slider that a person moves after a reply, and the c they move it to.

        They move it towards what they want, half to all of the way, and miss by 0.15 (7 or 8 hundredths of α).
        """
        attribute, _ = self.complains(scores, rng)
        wanted = math.log(self.ideal[attribute] / (1.0 - self.ideal[attribute]))
        gap = (wanted - float(self.gains[attribute] @ c)) / float(self.gains[attribute, attribute])
        moved = float(c[attribute]) + rng.uniform(0.5, 1.0) * gap + rng.normal(0.0, 0.15)
        return attribute, float(np.clip(moved, -REACH, REACH))

    def optimum(self, rng: np.random.Generator) -> Array:
        """Return the displacement of highest expected approval within reach, shape (n,): cross-entropy search."""
        centre, width = np.zeros(len(NAMES)), np.full(len(NAMES), REACH)
        wanted = np.log(self.ideal / (1.0 - self.ideal))
        best = np.clip(np.linalg.solve(self.gains, wanted), -REACH, REACH)
        value = float(self.approval(best[None])[0])
        for _ in range(12):
            tried = np.clip(centre + width * rng.standard_normal((96, len(NAMES))), -REACH, REACH)
            tried[0] = best
            values = self.approval(tried)
            order = np.argsort(-values)
            centre, width = tried[order[:12]].mean(axis=0), tried[order[:12]].std(axis=0) + 1e-3
            if values[order[0]] > value:
                best, value = tried[order[0]], float(values[order[0]])
        return np.asarray(best)

    def known_response(self, rules: Scenario, rng: np.random.Generator) -> Response:
        """Return what the bank's card would say: nominal gains and the cross-talk, or a wrong card."""
        n = len(NAMES)
        prior = Response.prior(NAMES)
        if rules.gains_wrong:
            wrong = 1.0 + rules.gains_wrong * rng.choice([-1.0, 1.0], n)
            mean = np.concatenate([np.diag(np.diag(self.gains) * wrong), np.zeros((n, 1))], axis=1)
            return replace(prior, mean=mean)
        own = np.diag(self.gains)
        mean = np.concatenate([GAIN * self.gains / own[:, None], np.zeros((n, 1))], axis=1)
        deviations = np.full((n, n + 1), 0.05)
        deviations[np.arange(n), np.arange(n)] = 0.15 * GAIN
        covariance = np.zeros((n, n + 1, n + 1))
        covariance[:, np.arange(n + 1), np.arange(n + 1)] = deviations**2
        return replace(prior, mean=mean, covariance=covariance)
