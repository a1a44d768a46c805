"""What is killed, and how often of 200 times."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Protocol

from tests.reliability.kill.beginnings import FirstStart, Migrate
from tests.reliability.kill.calling import Ask, Backup, Import, ProfileSet
from tests.reliability.kill.chatting import (
    Chatting,
    Plain,
    ask,
    ask_plainly,
    ask_quickly,
    branch,
    judge,
    turn,
    turn_and_ask,
)
from tests.reliability.kill.making import Convert, Train
from tests.reliability.kill.outcome import Outcome
from tests.reliability.kill.place import Place

BLOCK = 5
"""Runs of one scenario in a row, at the most, before it is the next one's turn."""


class Scenario(Protocol):
    """One kind of kill."""

    name: str
    scripted: bool
    """Whether a script answers instead of the model."""

    def run(self, place: Place, number: int, rng: random.Random) -> Outcome:
        """Do something, kill the program, check what is left, start it again."""


@dataclass(frozen=True)
class Share:
    """A scenario and its share of 200 runs."""

    scenario: Scenario
    runs: int


def shares() -> list[Share]:
    """Return all scenarios."""
    return [
        Share(Chatting("streaming", ask, 4.0), 26),
        Share(Chatting("saving", ask_quickly, 5.0, KILL_WORDS="4", KILL_PACE="0"), 18),
        Share(Chatting("composing", turn, 3.0, KILL_COMPOSING="0.2"), 22),
        Share(Chatting("branching and judging", branch, 8.0, KILL_WORDS="12", KILL_PACE="0.01"), 18),
        Share(Chatting("judging", judge, 4.0, KILL_WORDS="12", KILL_PACE="0", KILL_LEARNING="0.3"), 8),
        Share(Plain("plain", ask_plainly, 5.0, KILL_WORDS="40"), 12),
        Share(Ask(), 12),
        Share(ProfileSet(), 20),
        Share(Import(), 15),
        Share(Migrate(), 14),
        Share(FirstStart(), 10),
        Share(Backup(), 5),
        Share(Chatting("streaming, real model", ask, 12.0, scripted=False, ready="● ready"), 7),
        Share(Chatting("composing, real model", turn_and_ask, 6.0, scripted=False, ready="● ready"), 5),
        Share(Convert(), 2),
        Share(Train(), 6),
    ]


def plan(runs: int, chosen: list[Share]) -> list[Scenario]:
    """Return which scenario each run is of: each has its share, and all come early."""
    total = sum(share.runs for share in chosen)
    left = {share.scenario.name: max(1, round(share.runs * runs / total)) for share in chosen}
    order: list[Scenario] = []
    while len(order) < runs:
        for share in chosen:
            count = min(BLOCK, left[share.scenario.name] if any(left.values()) else 1)
            left[share.scenario.name] -= min(count, left[share.scenario.name])
            order += [share.scenario] * count
    return order[:runs]
