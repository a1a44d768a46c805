"""How much thumbs can tell: bits per thumb as the learner meets people, and what a guide with as many bits would reach.

Run as `python -m assistant.evaluation.learner_limit [USERS]`; prints the numbers of docs/results/learning.md.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.evaluation.learner_bench import RATINGS, SEED, USERS
from assistant.evaluation.learner_policies import Ours
from assistant.preference.response import logit
from assistant.preference.simulation import NAMES, REACH, SCENARIOS, Person

Array = NDArray[np.float64]

CODES = 4096
"""Voices of the guide's list: it can be told up to 12 bits."""


def entropy(p: Array) -> Array:
    """Return the entropy of a coin that shows heads with probability p, in bits."""
    return np.asarray(-p * np.log2(p) - (1 - p) * np.log2(1 - p))


def bits(person: Person, seed: int, ratings: int = RATINGS) -> tuple[Array, Array]:
    """Let our learner meet a person who only gives thumbs.

    Returns:
        The mutual information of each thumb and the person under the learner's own belief when the reply was
        written, in bits, and the expected P(up) of the voice; shape (ratings,) each.
    """
    policy = Ours(person.known_response(SCENARIOS["base"], np.random.default_rng([seed, 1])))
    luck = np.random.default_rng([seed, 2])
    told, pleased = np.zeros(ratings), np.zeros(ratings)
    for t in range(ratings):
        voice = policy.voice()
        pleased[t] = person.approval(voice[None])[0]
        scores = person.reply(voice, luck.standard_normal(len(NAMES)))
        belief = policy.learner.belief
        chances = belief.persons().approval(scores[None].astype(np.float32))[0].astype(np.float64)
        told[t] = float(entropy(belief.weight @ chances)) - float(belief.weight @ entropy(chances))
        policy.verdict(bool(luck.random() < person.approves(scores)), scores)
    return told, pleased


def guided(person: Person, rng: np.random.Generator) -> Array:
    """Return the expected P(up) of the best of the first 2^b voices of a random list, shape (13,) for b = 0 … 12.

    The list holds the voices of random people of the same kind, so b bits name one of them. A list made for the
    purpose would do a little better, so this is a yardstick and no strict bound.
    """
    ideals = np.stack([Person.drawn(SCENARIOS["base"], rng).ideal for _ in range(CODES)])
    voices = np.clip(np.linalg.solve(person.gains, logit(ideals).T).T, -REACH, REACH)
    voices[0] = 0.0
    best = np.maximum.accumulate(person.approval(voices))
    return np.asarray(best[2 ** np.arange(int(np.log2(CODES)) + 1) - 1])


def run(users: int, ratings: int = RATINGS, seed: int = SEED) -> dict[str, Any]:
    """Return the mean bits per thumb, ours and the guide's P(up) per rating, and the regret of both.

    The guide knows at rating t as many bits as the thumbs before it told our learner on average.
    """
    told, pleased, guide, best = [], [], [], []
    for number in range(seed, seed + users):
        person = Person.drawn(SCENARIOS["base"], np.random.default_rng([number, 0]))
        optimum = person.optimum(np.random.default_rng([number, 3]))
        best.append(float(person.approval(optimum[None])[0]))
        each, up = bits(person, number, ratings)
        told.append(each)
        pleased.append(up)
        guide.append(guided(person, np.random.default_rng([number, 9])))
    known = np.concatenate([[0.0], np.cumsum(np.mean(told, axis=0))[:-1]])
    with_bits = np.interp(known, np.arange(len(guide[0])), np.mean(guide, axis=0))
    return {
        "users": users,
        "bits_per_thumb": [round(float(value), 4) for value in np.mean(told, axis=0)],
        "bits": round(float(np.mean(told, axis=0).sum()), 2),
        "most_per_thumb": round(1.0 - float(entropy(np.array(SCENARIOS["base"].flip))), 3),
        "up_by_bits": [round(float(value), 3) for value in np.mean(guide, axis=0)],
        "regret_ours": round(float(np.mean(best) * ratings - np.mean(pleased, axis=0).sum()), 2),
        "regret_guided": round(float(np.mean(best) * ratings - with_bits.sum()), 2),
        "regret_never_changes": round(float(np.mean(best) - np.mean([each[0] for each in guide])) * ratings, 2),
    }


def main(users: int = USERS) -> None:
    """Print what `run` finds."""
    for name, value in run(users).items():
        print(f"{name}: {value}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
