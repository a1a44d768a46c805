"""Fitting a profile to how a text sounds: derivative-free search over the response model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from assistant.preference.reach import SAFE_ALPHA, Reach
from assistant.preference.response import Array, Response, scales
from assistant.style import Compose, Profile

ROUNDS, SAMPLES, ELITE = 30, 96, 12
"""Of the cross-entropy method: rounds, places tried in each, and how many of the best the next round starts from."""
SHORT = 0.002
"""Squared score that a displacement of 1 costs: of voices that fit alike, the one nearest to the base model's own."""


def fit(response: Response, scores: Array, profile: Profile, reach: Reach, seed: int = 0) -> Profile:
    """Return the profile whose replies should score most like `scores`.

    The search minimises Σ (expected score − score)² + SHORT · |c|² over displacements c inside the safe ranges, by the
    cross-entropy method (Rubinstein, 1999), and takes no gradient. It is the few-shot idea of LoraHub (arXiv
    2307.13269) with a response model in place of the language model's loss.

    Args:
        response: expected scores of displacements.
        scores: what to sound like, shape (n,), in [0, 1].
        profile: gives composition and strength; its λ become even, so that each attribute can go where it is asked.
        reach: safe ranges of c.
        seed: of the search.
    """
    names = response.attributes
    even = replace(
        profile.aligned(names).with_lambda({name: 1 / len(names) for name in names}),
        strength=profile.strength if profile.strength > 0 or profile.compose is Compose.PAPER else 1.0,
    )
    scale = scales(even, names)
    low = np.maximum(reach.low, scale * (2 * SAFE_ALPHA[0] - 1))
    high = np.minimum(reach.high, scale * (2 * SAFE_ALPHA[1] - 1))
    rng = np.random.default_rng(seed)
    centre, width = np.zeros(len(names)), 0.5 * (high - low)
    for _ in range(ROUNDS):
        tried = np.clip(centre + width * rng.standard_normal((SAMPLES, len(names))), low, high)
        cost = ((response.scores(tried) - scores) ** 2).sum(axis=1) + SHORT * (tried**2).sum(axis=1)
        best = tried[np.argsort(cost)[:ELITE]]
        centre, width = best.mean(axis=0), best.std(axis=0) + 1e-4
    alpha = 0.5 + 0.5 * centre / scale
    return even.with_alpha({name: round(float(value), 3) for name, value in zip(names, alpha, strict=True)})
