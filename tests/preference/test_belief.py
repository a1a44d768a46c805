"""The population of possible persons: how evidence weighs them, and how they move."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from assistant.preference.belief import Belief, Settings
from assistant.preference.facts import Facts

STILL = Settings(particles=200, fading=1.0, hazard=0.0, effective=0.0, moves=0, idle_moves=0)
"""Nobody changes and nobody is replaced: only weights follow the evidence."""
LIKED = np.array([0.2, 0.8, 0.3], np.float32)


def test_weights_are_the_likelihood_of_all_evidence_which_counts_once() -> None:
    rng = np.random.default_rng(0)
    prior = Belief.prior(3, STILL, rng)
    first = Facts.none(3).added(verdicts=(1, LIKED, (1.0, 0.0, 0.0), 1.0))
    both = first.added(directions=(2, LIKED, (1.0, -1.0), 1.0))
    belief = prior.updated(first, 1, rng).updated(both, 2, rng).updated(both, 3, rng)
    likelihood = np.exp(both.likelihood(prior.persons(), prior.born, 3, 1.0))
    assert belief.weight == pytest.approx(likelihood / likelihood.sum(), rel=1e-4)
    assert belief.weight.min() > 0


def test_a_narrow_step_changes_a_third_of_what_a_person_wants_and_is_often_taken() -> None:
    rng = np.random.default_rng(1)
    belief = Belief.prior(5, replace(STILL, particles=600), rng)
    for narrow, share in ((True, 1 / 3), (False, 1.0)):
        moved = belief._moved(Facts.none(5), 0, rng, narrow=narrow)
        went = np.abs(moved.x - belief.x)
        taken = went.any(axis=1)
        assert 0.15 < taken.mean() < 0.9
        assert (went[taken] > 0.08).mean() == pytest.approx(0.85 * share, abs=0.1)
