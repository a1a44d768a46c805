"""Facts: evidence as arrays, and how likely each is for a whole population of possible persons at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.preference.state import packed, unpacked

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

TEMPERATURE = 0.06
"""T: how gradually approval falls with the weighted distance."""
SLIP = 0.12
"""Probability of a thumb or pick that says the opposite of what is meant."""
HAZE = 0.04
"""How far from the ideal on an attribute a person no longer tells too much from too little."""
STRAY = 0.05
"""Share of reasons that name an attribute at random."""


@dataclass(frozen=True, slots=True, eq=False)
class Persons:
    """A population of k possible persons: what each wants."""

    ideal: Floats
    """Scores liked best, shape (k, n)."""
    weights: Floats
    """How much each attribute matters, shape (k, n), rows sum to 1."""
    tolerance: Floats
    """Weighted distance at which half of the verdicts are good, shape (k,)."""

    def distance(self, scores: Floats, spread: Floats | None = None) -> Floats:
        """Return weighted distances of replies, shape (r, n) to (r, k): one matrix product.

        Args:
            scores: of the replies, shape (r, n).
            spread: variance of the scores around them, shape (r, n); none if they are measured.
        """
        squared = scores * scores if spread is None else scores * scores + spread
        squares = np.concatenate([squared, scores, np.ones((len(scores), 1), np.float32)], axis=1)
        pull = self.weights * self.ideal
        terms = np.concatenate([self.weights, -2.0 * pull, (pull * self.ideal).sum(1, keepdims=True)], axis=1)
        return np.asarray(np.sqrt(np.maximum(squares @ terms.T, np.float32(1e-8))))

    def approval(self, scores: Floats, spread: Floats | None = None, slip: float = SLIP) -> Floats:
        """Return P(up) of replies for every person, shape (r, n) to (r, k); arguments as for `distance`."""
        half = np.tanh((self.tolerance - self.distance(scores, spread)) * np.float32(0.5 / TEMPERATURE))
        return np.asarray(np.float32(0.5) + np.float32(0.5 - slip) * half)


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """All evidence that counts, in four tables; `when` numbers the events, `weight` is 1 or what is left of it."""

    verdicts: Table
    """Good or bad: values (good, bad, silent): the probabilities of this act of someone pleased and of someone not;
    silent is 1 for the act of saying nothing, whose probabilities follow the person's habits."""
    directions: Table
    """One attribute should move: values (attribute, direction)."""
    targets: Table
    """One attribute should be near a score: values (attribute, score, standard deviation)."""
    picks: Table
    """The first of two replies was preferred: values are the other's scores."""

    @classmethod
    def none(cls, n: int) -> Facts:
        """Return no evidence about n attributes."""
        return cls(Table.empty(n, 3), Table.empty(n, 2), Table.empty(n, 3), Table.empty(n, n))

    def added(self, **rows: tuple[int, Floats, tuple[float, ...] | Floats, float]) -> Facts:
        """Return these facts and one row per named table: (event number, scores, values, weight)."""
        return replace(self, **{name: getattr(self, name).added(*row) for name, row in rows.items()})

    def without(self, event: int) -> Facts:
        """Return the facts without those of one event."""
        return Facts(*(getattr(self, each.name).kept(getattr(self, each.name).when != event) for each in fields(self)))

    def since(self, event: int) -> Facts:
        """Return the facts of events numbered `event` or higher."""
        return Facts(*(getattr(self, each.name).kept(getattr(self, each.name).when >= event) for each in fields(self)))

    def until(self, event: int) -> Facts:
        """Return the facts of events numbered `event` or lower."""
        return Facts(*(getattr(self, each.name).kept(getattr(self, each.name).when <= event) for each in fields(self)))

    def numbers(self) -> Ints:
        """Return the numbers of the events that the facts are of, ascending, shape (events,)."""
        return np.unique(np.concatenate([getattr(self, each.name).when for each in fields(self)]))

    def with_silence(self, silent: tuple[float, float]) -> Facts:
        """Return the facts with silences as likely as `silent` says: of someone pleased, and of someone not."""
        quiet = self.verdicts.values[:, 2] > 0.0
        if not quiet.any():
            return self
        values = self.verdicts.values.copy()
        values[quiet, :2] = silent
        return replace(self, verdicts=replace(self.verdicts, values=values))

    def likelihood(self, persons: Persons, born: Ints, now: int, fading: float) -> Floats:
        """Return each person's log likelihood, shape (k,).

        Args:
            persons: k possible persons.
            born: number of the event since which each has had this taste, shape (k,); older evidence says nothing.
            now: number of the newest event.
            fading: what one event leaves of the weight of those before it.
        """
        total = np.zeros(len(persons.tolerance), np.float32)
        parts = ((self.verdicts, _verdicts), (self.directions, _directions), (self.targets, _targets))
        for table, of in (*parts, (self.picks, _picks)):
            if len(table.when):
                weight = table.weight * np.float32(fading) ** (now - table.when).astype(np.float32)
                each = of(table, persons)
                if born.max() > table.when[0]:
                    each = np.where(table.when[:, None] >= born, each, np.float32(0.0))
                total += (weight[:, None] * each).sum(axis=0)  # no BLAS: its order of summation may follow the threads
        return total

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {each.name: getattr(self, each.name).as_dict() for each in fields(self)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Facts:
        """Return the facts that `as_dict` described."""
        return cls(**{each.name: Table.from_dict(values[each.name]) for each in fields(cls)})


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Rows of one kind of fact."""

    when: Ints
    """Number of the event, ascending, shape (r,)."""
    scores: Floats
    """Scores of the reply, shape (r, n)."""
    values: Floats
    """What `Facts` says, shape (r, width)."""
    weight: Floats
    """Shape (r,)."""

    @classmethod
    def empty(cls, n: int, width: int) -> Table:
        """Return a table without rows."""
        none = np.zeros(0, np.float32)
        return cls(np.zeros(0, np.int32), none.reshape(0, n), none.reshape(0, width), none)

    def added(self, when: int, scores: Floats, values: tuple[float, ...] | Floats, weight: float) -> Table:
        """Return the table with one more row."""
        return Table(
            np.append(self.when, np.int32(when)),
            np.concatenate([self.scores, np.asarray(scores, np.float32)[None]]),
            np.concatenate([self.values, np.asarray(values, np.float32)[None]]),
            np.append(self.weight, np.float32(weight)),
        )

    def kept(self, rows: NDArray[np.bool_]) -> Table:
        """Return the table with only some of its rows."""
        return Table(self.when[rows], self.scores[rows], self.values[rows], self.weight[rows])

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {each.name: packed(getattr(self, each.name)) for each in fields(self)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Table:
        """Return the table that `as_dict` described."""
        return cls(
            unpacked(values["when"], np.int32),
            unpacked(values["scores"], np.float32),
            unpacked(values["values"], np.float32),
            unpacked(values["weight"], np.float32),
        )


def _verdicts(table: Table, persons: Persons) -> Floats:
    good, bad = table.values[:, :1], table.values[:, 1:2]
    return np.asarray(np.log(bad + persons.approval(table.scores) * (good - bad)))


def _directions(table: Table, persons: Persons) -> Floats:
    """Why this attribute (it is a large part of the distance), and which way it should go."""
    attribute = table.values[:, 0].astype(np.int64)
    gaps = persons.ideal[None] - table.scores[:, None]  # (r, k, n)
    parts = persons.weights * np.abs(gaps)
    rows = np.arange(len(attribute))
    why = parts[rows, :, attribute] / (parts.sum(axis=2) + np.float32(1e-6))
    why = np.float32(1.0 - STRAY) * why + np.float32(STRAY / persons.ideal.shape[1])
    signed = gaps[rows, :, attribute] * table.values[:, 1:]
    way = np.float32(0.5) + np.float32(0.48) * np.tanh(signed * np.float32(0.5 / HAZE))
    return np.asarray(np.log(why * way))


def _targets(table: Table, persons: Persons) -> Floats:
    attribute = table.values[:, 0].astype(np.int64)
    off = (persons.ideal[:, attribute].T - table.values[:, 1:2]) / table.values[:, 2:]
    return np.log(np.exp(np.float32(-0.5) * off * off) + np.float32(0.02))


def _picks(table: Table, persons: Persons) -> Floats:
    return np.log(preference(persons.distance(table.scores), persons.distance(table.values)))


def preference(first: Floats, second: Floats) -> Floats:
    """Return the probability that the first of two replies is preferred, given their distances."""
    half = np.tanh((second - first) * np.float32(0.5 / TEMPERATURE))
    return np.asarray(np.float32(0.5) + np.float32(0.5 - SLIP) * half)
