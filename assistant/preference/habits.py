"""Habits: how often a person says that they are pleased, and that they are not, so that silence tells something."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from assistant.preference.facts import Facts

HALF = 1.0
"""Prior count of each of the four kinds of reply: nothing is known of a stranger's habits."""


@dataclass(frozen=True, slots=True)
class Habits:
    """Expected counts of replies that pleased or not, and were judged or not."""

    praised: float = HALF
    content: float = HALF
    """Replies that pleased and were passed over in silence."""
    blamed: float = HALF
    endured: float = HALF
    """Replies that displeased and were passed over in silence."""
    told: float = 0.0
    """Things said outright: reasons, commands, samples."""

    @property
    def silent(self) -> tuple[float, float]:
        """Probabilities of saying nothing when pleased, and when not."""
        return self.content / (self.praised + self.content), self.endured / (self.blamed + self.endured)

    def judged(self, up: bool) -> Habits:
        """Return the habits after a thumb."""
        return replace(self, praised=self.praised + 1) if up else replace(self, blamed=self.blamed + 1)

    def passed_over(self, pleased: float) -> Habits:
        """Return the habits after a reply without a thumb that pleased with probability `pleased` before that."""
        content, endured = (share * odds for share, odds in zip(self.silent, (pleased, 1 - pleased), strict=True))
        share = content / (content + endured)
        return replace(self, content=self.content + share, endured=self.endured + 1 - share)

    def said(self) -> Habits:
        """Return the habits after something was said outright."""
        return replace(self, told=self.told + 1)

    def retracted(self, facts: Facts, event: int) -> Habits:
        """Return the habits without the thumb, silence or saying of one event among the facts."""
        values = facts.verdicts.values[facts.verdicts.when == event]
        ups, downs = float((values[:, 1] == 0.0).sum()), float((values[:, 0] == 0.0).sum())
        told = any((table.when == event).any() for table in (facts.directions, facts.targets))
        silences = self.content + self.endured - 2 * HALF
        share = (
            float((values[:, 2] > 0.0).sum()) / silences if silences > 0 else 0.0
        )  # of what all silences counted for
        return Habits(
            praised=self.praised - ups,
            content=self.content - share * (self.content - HALF),
            blamed=self.blamed - downs,
            endured=self.endured - share * (self.endured - HALF),
            told=self.told - (1.0 if told else 0.0),
        )

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Habits:
        """Return the habits that `as_dict` described."""
        return cls(**{name: float(values[name]) for name in cls.__dataclass_fields__})
