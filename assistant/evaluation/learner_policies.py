"""What takes part in `assistant bench learner`: the rules of the game, our learner, and the bounds of the field."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from assistant.preference import Command, Complaint, Learner, Options, Pick, Response, Silence, Thumb
from assistant.preference.evidence import Event
from assistant.preference.response import displacement, scales
from assistant.preference.simulation import NAMES, REACH
from assistant.style import Attribute, Profile

Array = NDArray[np.float64]

ATTRIBUTES = tuple(Attribute(name, f"{name}_low", f"{name}_high") for name in NAMES)
"""The simulated bank's attributes."""


class Policy(Protocol):
    """An algorithm that finds a person's voice; voices are displacements c, shape (n,), each within ±REACH."""

    def voice(self) -> Array:
        """Return the c of the next reply."""

    def verdict(self, up: bool, scores: Array) -> None:
        """Take a thumb on the reply to `voice`."""

    def silence(self, scores: Array) -> None:
        """Take that nothing was said about the reply."""

    def reason(self, attribute: int, direction: int, scores: Array) -> None:
        """Take what was wrong with the reply that was just judged bad."""

    def command(self, attribute: int, value: float) -> None:
        """Take a slider moved so that the attribute's c is `value`."""

    def rival(self) -> Array:
        """Return the c of a second reply to compare with that to `voice`."""

    def picked(self, first: bool, scores: Array, rival_scores: Array) -> None:
        """Take which of the two replies was preferred."""


class Ours:
    """The product's learner, driven through its own events."""

    def __init__(self, response: Response, options: Options | None = None) -> None:
        self.learner = Learner.start(ATTRIBUTES, response, options=options)
        self._number = 0
        self._rival: Profile | None = None

    def voice(self) -> Array:
        """See `Policy`."""
        return displacement(self.learner.profile, NAMES)

    def verdict(self, up: bool, scores: Array) -> None:
        """See `Policy`."""
        self._before = self.learner
        self._see(Thumb(id=self._next(), up=up, scores=_named(scores), profile=self.learner.profile))

    def silence(self, scores: Array) -> None:
        """See `Policy`."""
        self._see(Silence(id=self._next(), scores=_named(scores), profile=self.learner.profile))

    def reason(self, attribute: int, direction: int, scores: Array) -> None:
        """See `Policy`; thumb and reason come together, as `/bad too formal` gives them."""
        self.learner, made = self._before, self._before.profile
        self._see(
            Complaint(
                id=self._next(), attribute=NAMES[attribute], direction=direction, scores=_named(scores), profile=made
            )
        )

    def command(self, attribute: int, value: float) -> None:
        """See `Policy`."""
        profile, name = self.learner.profile, NAMES[attribute]
        alpha = 0.5 + 0.5 * value / float(scales(profile, NAMES)[attribute])
        self._see(Command(id=self._next(), before=profile, after=profile.with_alpha({name: alpha}), attribute=name))

    def rival(self) -> Array:
        """See `Policy`."""
        self._rival = self.learner.challenger()
        return displacement(self._rival, NAMES)

    def picked(self, first: bool, scores: Array, rival_scores: Array) -> None:
        """See `Policy`."""
        sides = [(_named(scores), self.learner.profile), (_named(rival_scores), self._rival or self.learner.profile)]
        (chosen, made), (other, other_made) = sides if first else reversed(sides)
        self._see(Pick(id=self._next(), chosen=chosen, other=other, chosen_profile=made, other_profile=other_made))

    def _see(self, event: Event) -> None:
        self.learner, _ = self.learner.observe(event)

    def _next(self) -> int:
        self._number += 1
        return self._number


class NeverChanges:
    """The neutral voice for ever: the lower bound."""

    def __init__(self, c: Array | None = None) -> None:
        self.c = np.zeros(len(NAMES)) if c is None else c

    def voice(self) -> Array:
        """See `Policy`."""
        return self.c

    def verdict(self, up: bool, scores: Array) -> None:
        """See `Policy`."""

    def silence(self, scores: Array) -> None:
        """See `Policy`."""

    def reason(self, attribute: int, direction: int, scores: Array) -> None:
        """See `Policy`."""

    def command(self, attribute: int, value: float) -> None:
        """See `Policy`."""

    def rival(self) -> Array:
        """See `Policy`."""
        return self.c

    def picked(self, first: bool, scores: Array, rival_scores: Array) -> None:
        """See `Policy`."""


class OnlyObeys(NeverChanges):
    """Commands and reasons move it, a pick moves it a part of the way to the winner, thumbs do nothing."""

    def __init__(self, rng: np.random.Generator, step: float, follow: float, apart: float) -> None:
        super().__init__()
        self._rng, self._step, self._follow, self._apart = rng, step, follow, apart
        self._other = self.c

    def reason(self, attribute: int, direction: int, scores: Array) -> None:
        """See `Policy`."""
        self.shift(attribute, direction * self._step)

    def command(self, attribute: int, value: float) -> None:
        """See `Policy`."""
        self.shift(attribute, value - float(self.voice()[attribute]))

    def rival(self) -> Array:
        """See `Policy`."""
        self._other = np.clip(self.voice() + self._apart * self._rng.standard_normal(len(NAMES)), -REACH, REACH)
        return self._other

    def picked(self, first: bool, scores: Array, rival_scores: Array) -> None:
        """See `Policy`."""
        if not first:
            self.c = self.c + self._follow * (self._other - self.voice())

    def shift(self, attribute: int, change: float) -> None:
        """Move one attribute's c."""
        self.c = self.c.copy()
        self.c[attribute] = np.clip(self.c[attribute] + change, -REACH, REACH)


class Search(Protocol):
    """A black-box optimiser of P(up) over c, told one verdict at a time."""

    def ask(self) -> Array:
        """Return what to try next, shape (n,)."""

    def tell(self, tried: Array, value: float) -> None:
        """Take the value, 0 or 1, of what was asked last."""


class Obeying(OnlyObeys):
    """A black-box optimiser that also obeys: what was said outright shifts all that it tries."""

    def __init__(self, search: Search, rng: np.random.Generator, step: float, follow: float, apart: float) -> None:
        super().__init__(rng, step, follow, apart)
        self._search = search
        self._tried = search.ask()

    def voice(self) -> Array:
        """See `Policy`."""
        return np.asarray(np.clip(self._tried + self.c, -REACH, REACH))

    def verdict(self, up: bool, scores: Array) -> None:
        """See `Policy`."""
        self._search.tell(self._tried, float(up))
        self._tried = self._search.ask()

    def silence(self, scores: Array) -> None:
        """See `Policy`. No complaint is praise, to an optimiser that cannot learn a person's habits."""
        self.verdict(True, scores)

    def picked(self, first: bool, scores: Array, rival_scores: Array) -> None:
        """See `Policy`."""
        super().picked(first, scores, rival_scores)
        self.verdict(first, scores)


def _named(scores: Array) -> dict[str, float]:
    return dict(zip(NAMES, scores.tolist(), strict=True))
