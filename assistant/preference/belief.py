"""The belief: a weighted population of possible persons, each with a taste that may have begun only lately."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from assistant.preference.facts import Facts, Floats, Ints, Persons
from assistant.preference.state import packed, unpacked

IDEAL_SPREAD = 1.7
"""Prior standard deviation of an ideal's logit."""
WEIGHT_SPREAD = 1.1
"""Prior standard deviation of an importance's logarithm before they are made to sum to 1."""
TOLERANCE, TOLERANCE_SPREAD = 0.21, 0.15
"""Prior median of the tolerance, and standard deviation of its logarithm."""
REPLAY = 12
"""Portions in which evidence is taken in again when an older piece of it was taken back."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How the belief is kept; the defaults were chosen on seeds of their own (docs/results/learning.md)."""

    particles: int = 600
    fading: float = 0.997
    """What one event leaves of the weight of the evidence before it."""
    hazard: float = 0.012
    """Probability per event that a taste changes."""
    scouts: float = 0.04
    """Share of the particles that start anew at each event, weighted for it: they are there when a taste changes."""
    effective: float = 0.5
    """Share of effective particles below which the population is renewed."""
    moves: int = 3
    """Metropolis steps at each renewal, and `idle_moves` otherwise."""
    idle_moves: int = 1
    memory: int = 300
    """Events after which evidence is dropped altogether."""


@dataclass(frozen=True, slots=True, eq=False)
class Belief:
    """k particles: x holds per row n ideal logits, n log importances and the log tolerance."""

    x: Floats
    """Shape (k, 2n + 1)."""
    born: Ints
    """Event number since which the particle has had this taste, shape (k,)."""
    log_weight: Floats
    """Shape (k,)."""
    fit: Floats
    """Log likelihood of each particle at the last event, shape (k,)."""
    settings: Settings

    @classmethod
    def prior(cls, n: int, settings: Settings, rng: np.random.Generator) -> Belief:
        """Return what is believed of a stranger."""
        k = settings.particles
        x = rng.standard_normal((k, 2 * n + 1)).astype(np.float32) * _spreads(n) + _centres(n)
        nothing = np.zeros(k, np.float32)
        return cls(x, np.zeros(k, np.int32), nothing, nothing, settings)

    @property
    def n(self) -> int:
        """Number of attributes."""
        return int((self.x.shape[1] - 1) // 2)

    @property
    def weight(self) -> Floats:
        """Probabilities of the particles, shape (k,)."""
        raised = np.exp(self.log_weight - self.log_weight.max())
        return np.asarray(raised / raised.sum())

    def persons(self) -> Persons:
        """Return the particles as persons."""
        return _persons(self.x)

    @classmethod
    def anew(cls, n: int, facts: Facts, now: int, settings: Settings, rng: np.random.Generator) -> Belief:
        """Return what is believed of someone of whom `facts` are known: the evidence is taken in again, in order."""
        belief = cls.prior(n, settings, rng)
        numbers = facts.numbers()
        for part in np.array_split(numbers, min(REPLAY, len(numbers))) if len(numbers) else ():
            belief = belief.updated(facts.until(int(part[-1])), int(part[-1]), rng)
        return belief.updated(facts, now, rng)

    def updated(self, facts: Facts, now: int, rng: np.random.Generator) -> Belief:
        """Return the belief after the evidence has become `facts`, the newest numbered `now`."""
        belief = self._aged(now, rng)
        fit = facts.likelihood(belief.persons(), belief.born, now, self.settings.fading)
        log_weight = belief.log_weight + (fit - belief.fit)
        belief = replace(belief, fit=fit, log_weight=log_weight - log_weight.max())
        moves = self.settings.idle_moves
        weight = belief.weight
        if 1.0 / float((weight * weight).sum()) < self.settings.effective * len(weight):
            belief, moves = belief._resampled(rng), self.settings.moves
        for number in range(moves):
            belief = belief._moved(facts, now, rng, narrow=number % 2 == 1)
        return belief

    def _aged(self, now: int, rng: np.random.Generator) -> Belief:
        """Let some particles change their taste: a new ideal, the same importances and tolerance."""
        hazard, scouts = self.settings.hazard, self.settings.scouts
        if hazard <= 0.0:
            return self
        changed = rng.random(len(self.x)) < scouts
        x, born, fit = self.x.copy(), self.born.copy(), self.fit.copy()
        x[changed, : self.n] = rng.standard_normal((int(changed.sum()), self.n)) * IDEAL_SPREAD
        born[changed], fit[changed] = now, 0.0
        log_weight = self.log_weight + np.where(
            changed, np.float32(np.log(hazard / scouts)), np.float32(np.log((1.0 - hazard) / (1.0 - scouts)))
        )
        return replace(self, x=x, born=born, fit=fit, log_weight=log_weight)

    def _resampled(self, rng: np.random.Generator) -> Belief:
        """Return k particles of equal weight (systematic resampling)."""
        k = len(self.x)
        steps = (np.arange(k) + rng.random()) / k
        rows = np.minimum(np.searchsorted(np.cumsum(self.weight.astype(np.float64)), steps), k - 1)
        return replace(
            self, x=self.x[rows], born=self.born[rows], fit=self.fit[rows], log_weight=np.zeros(k, np.float32)
        )

    def _moved(self, facts: Facts, now: int, rng: np.random.Generator, *, narrow: bool) -> Belief:
        """Return the belief after one Metropolis step per particle.

        A step is the scaled difference of two other particles (differential evolution, ter Braak 2006), on all
        coordinates or, `narrow`, on a random third of them, with a little jitter.
        """
        k, d = self.x.shape
        first, second = rng.integers(0, k, k), rng.integers(0, k, k)
        step = self.x[first] - self.x[second]
        scale = 2.38 / np.sqrt(2.0 * d)
        if narrow:
            chosen = rng.random((k, d), dtype=np.float32) < 1 / 3
            step *= chosen
            scale = 2.38 / np.sqrt(2.0 * d / 3)
        tried = self.x + np.float32(scale) * step
        tried += rng.standard_normal((k, d), dtype=np.float32) * np.float32(0.02)
        fit = facts.likelihood(_persons(tried), self.born, now, self.settings.fading)
        gain = (fit - self.fit) + (_log_prior(tried) - _log_prior(self.x))
        accepted = np.log(rng.random(k, dtype=np.float32) + np.float32(1e-12)) < gain
        return replace(self, x=np.where(accepted[:, None], tried, self.x), fit=np.where(accepted, fit, self.fit))

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "x": packed(self.x),
            "born": packed(self.born),
            "log_weight": packed(self.log_weight),
            "fit": packed(self.fit),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any], settings: Settings) -> Belief:
        """Return the belief that `as_dict` described."""
        return cls(
            unpacked(values["x"], np.float32),
            unpacked(values["born"], np.int32),
            unpacked(values["log_weight"], np.float32),
            unpacked(values["fit"], np.float32),
            settings,
        )


def _spreads(n: int) -> Floats:
    return np.array([IDEAL_SPREAD] * n + [WEIGHT_SPREAD] * n + [TOLERANCE_SPREAD], np.float32)


def _centres(n: int) -> Floats:
    return np.array([0.0] * (2 * n) + [np.log(TOLERANCE)], np.float32)


def _log_prior(x: Floats) -> Floats:
    n = (x.shape[1] - 1) // 2
    off = (x - _centres(n)) / _spreads(n)
    return np.asarray(np.float32(-0.5) * (off * off).sum(axis=1))


def _persons(x: Floats) -> Persons:
    n = (x.shape[1] - 1) // 2
    raised = np.exp(x[:, n : 2 * n] - x[:, n : 2 * n].max(axis=1, keepdims=True))
    return Persons(
        ideal=np.float32(0.5) * (1 + np.tanh(np.float32(0.5) * x[:, :n])),
        weights=raised / raised.sum(axis=1, keepdims=True),
        tolerance=np.exp(x[:, -1]),
    )
