"""The learner: evidence in, a profile and the reason for it out. Immutable, deterministic, rebuilt from its log by replay."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from assistant.preference import explain
from assistant.preference.belief import Belief, Settings
from assistant.preference.errors import PreferenceError
from assistant.preference.evidence import (
    Command,
    Event,
    Lock,
    Pick,
    Reason,
    Retraction,
    Sample,
    Silence,
    Thumb,
    Weak,
)
from assistant.preference.facts import Facts
from assistant.preference.habits import Habits
from assistant.preference.planner import Outlook, Plan, choose, rival
from assistant.preference.reach import Reach
from assistant.preference.response import Array, Response, displacement, score_array
from assistant.style import Attribute, Profile

NEAR = 0.12
"""How near, as a standard deviation in score, a commanded or a liked text's score is to the ideal."""
WEAK = (0.4, 0.6, 0.0)
"""Probabilities, up to a factor, of a weak sign from someone pleased and from someone not (`Facts.verdicts`)."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a learner works."""

    settings: Settings = Settings()
    plan: Plan = Plan()
    weak: bool = False
    """Whether weak signs (retry, stopped early) count."""


@dataclass(frozen=True, slots=True)
class Advice:
    """What a piece of evidence does to the profile."""

    before: Profile
    profile: Profile
    why: str
    """In words, one line."""

    @property
    def moves(self) -> bool:
        """Whether the profile changes."""
        return self.profile != self.before


@dataclass(frozen=True, slots=True)
class Judged:
    """The reply judged last, and the profile that was in use before that moved it."""

    reply: str
    """Digest of its scores and its profile."""
    event: int
    """Id of the newest evidence on it."""
    before: Profile


@dataclass(frozen=True, slots=True, eq=False)
class Learner:
    """What is known of one person, for one bank. `start` makes one; `observe` returns the next one."""

    attributes: tuple[Attribute, ...]
    response: Response
    reach: Reach
    profile: Profile
    """In use now."""
    belief: Belief
    facts: Facts
    options: Options
    habits: Habits = Habits()
    locks: frozenset[str] = frozenset()
    clock: int = 0
    """Events so far."""
    ids: tuple[int, ...] = ()
    """Ids of the newest events, oldest first."""
    last: Judged | None = field(default=None)

    @classmethod
    def start(
        cls,
        attributes: Sequence[Attribute],
        response: Response | None = None,
        profile: Profile | None = None,
        safe: Mapping[str, Sequence[float]] | None = None,
        options: Options | None = None,
    ) -> Learner:
        """Return the learner of a stranger.

        Args:
            attributes: of the bank, in its order.
            response: the bank's response model; the prior's if the card has none.
            profile: to begin with; the neutral one if not given.
            safe: ranges of c per attribute from the bank's card.
            options: how to learn.

        Raises:
            PreferenceError: the response model or the safe ranges do not fit.
        """
        names = tuple(attribute.name for attribute in attributes)
        response, options = response or Response.prior(names), options or Options()
        if response.attributes != names:
            raise PreferenceError(f"the response model is for {', '.join(response.attributes)}, the bank for {names}")
        return cls(
            attributes=tuple(attributes),
            response=response,
            reach=Reach.of(names, safe),
            profile=(profile or Profile.neutral(names)).aligned(names),
            belief=Belief.prior(len(names), options.settings, np.random.default_rng(0)),
            facts=Facts.none(len(names)),
            options=options,
        )

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the attributes."""
        return self.response.attributes

    def replay(self, events: Iterable[Event]) -> Learner:
        """Return the learner after all these events: the same, to the bit, as observing them one by one."""
        learner = self
        for event in events:
            learner, _ = learner.observe(event)
        return learner

    def preview(self, event: Event) -> Advice:
        """Return what an event would do, without doing it."""
        return self.observe(event)[1]

    def observe(self, event: Event) -> tuple[Learner, Advice]:
        """Return the learner after an event, and what it makes of the profile.

        The step is bounded by `reach.STEP` from the profile in use before the reply was judged, however many pieces of
        evidence that reply gets (a thumb, then its reason).

        Raises:
            PreferenceError: the event's scores, attribute or direction are not usable.
        """
        rng = self._random(event)
        before = self.profile
        learner = replace(
            self, clock=self.clock + 1, ids=(*self.ids, event.id)[-self.options.settings.memory :], last=self.last
        )
        learner, plans = learner._absorbed(event)
        if learner.facts is not self.facts:
            learner = learner._believed(rng)
        if plans:
            learner = learner._planned(rng)
        return learner, Advice(before, learner.profile, explain.line(event, before, learner.profile, self.attributes))

    def challenger(self) -> Profile:
        """Return the voice that `/compare` should set beside the present one: the comparison would tell most."""
        rng = np.random.default_rng([self.clock, 1])
        return self.reach.moved(
            self.profile, rival(self._outlook(), self.options.plan, rng), self.importance(), self.locks
        )

    def importance(self) -> Array:
        """Return how much each attribute is believed to matter, shape (n,), sum 1."""
        return np.asarray(self.belief.weight @ self.belief.persons().weights, dtype=np.float64)

    def ideal(self) -> tuple[Array, Array]:
        """Return mean and standard deviation of the ideal scores as believed, shape (n,) each."""
        ideals, weight = self.belief.persons().ideal.astype(np.float64), self.belief.weight.astype(np.float64)
        mean = weight @ ideals
        return mean, np.sqrt(weight @ (ideals - mean) ** 2)

    def _absorbed(self, event: Event) -> tuple[Learner, bool]:
        """Return the learner with the event among its facts, and whether the profile may move for it."""
        match event:
            case Thumb(up=up):
                learner = self._judged(event.scores, event.profile, event.id)
                learner = learner._with(event.scores, verdicts=(1.0, 0.0, 0.0) if up else (0.0, 1.0, 0.0))
                return replace(learner, habits=self.habits.judged(up)), True
            case Silence():
                learner = self._judged(event.scores, event.profile, event.id)._with(event.scores, verdicts=(0.5, 0.5, 1.0))
                reply = score_array(event.scores, self.names).astype(np.float32)[None]
                pleased = float(self.belief.persons().approval(reply)[0] @ self.belief.weight)
                return replace(learner, habits=self.habits.passed_over(pleased)), False
            case Weak():
                learner = self._judged(event.scores, event.profile, event.id)
                return (learner._with(event.scores, verdicts=WEAK), True) if self.options.weak else (learner, False)
            case Reason(attribute=name, direction=direction):
                if direction not in (-1, 1):
                    raise PreferenceError(f"a direction is +1 or -1, not {direction}")
                learner = self._judged(event.scores, event.profile, event.id)
                learner = learner._with(event.scores, directions=(self._index(name), direction))
                return replace(learner, habits=self.habits.said()), True
            case Pick():
                other = score_array(event.other, self.names)
                learner = self._measured(event.other_profile, event.other)
                learner = learner._judged(event.chosen, event.chosen_profile, event.id)
                return learner._with(event.chosen, picks=other), True
            case Command():
                return self._commanded(event), False
            case Sample():
                learner = self
                for index, score in enumerate(score_array(event.scores, self.names)):
                    learner = learner._with(event.scores, targets=(index, score, NEAR))
                return replace(learner, habits=self.habits.said()), True
            case Lock(attribute=name, locked=locked):
                self._index(name)
                return replace(self, locks=self.locks | {name} if locked else self.locks - {name}), False
            case Retraction(of=of):
                return self._retracted(of)

    def _commanded(self, event: Command) -> Learner:
        """Return the learner with the profile set, and what the person's moving an attribute tells."""
        learner = replace(self, profile=event.after.aligned(self.names), last=None)
        if event.attribute is None:
            return learner
        index = self._index(event.attribute)
        before, after = event.before.aligned(self.names), learner.profile
        change = after.alpha[event.attribute] - before.alpha[event.attribute]
        if change == 0.0:
            return learner
        scores = dict(zip(self.names, self.response.of(before).tolist(), strict=True))
        wanted = float(self.response.of(after)[index])
        learner = learner._with(scores, directions=(index, 1 if change > 0 else -1), targets=(index, wanted, NEAR))
        return replace(learner, habits=self.habits.said())

    def _retracted(self, of: int) -> tuple[Learner, bool]:
        """Return the learner without the facts of an event; the reply judged last gives its profile back."""
        if of not in self.ids:
            return self, False  # older than the memory, or another person's: nothing of it is left
        clock = self.clock - len(self.ids) + 1 + self.ids.index(of)
        learner = replace(self, facts=self.facts.without(clock), habits=self.habits.retracted(self.facts, clock))
        if self.last is not None and self.last.event == of:
            return replace(learner, profile=self.last.before, last=None), False
        return learner, False

    def _with(self, scores: Mapping[str, float], **rows: Any) -> Learner:
        """Return the learner with one more row in each named table of facts."""
        reply = score_array(scores, self.names).astype(np.float32)
        tables = {name: (self.clock, reply, values, 1.0) for name, values in rows.items()}
        return replace(self, facts=self.facts.added(**tables))

    def _judged(self, scores: Mapping[str, float], profile: Profile, event: int) -> Learner:
        """Return the learner that knows which reply is being judged, and what was in use before."""
        reply = _digest({"scores": dict(scores), "profile": profile.as_dict()})
        if self.last is not None and self.last.reply == reply:
            return replace(self, profile=self.last.before, last=replace(self.last, event=event))
        return replace(self._measured(profile, scores), last=Judged(reply, event, self.profile))

    def _measured(self, profile: Profile, scores: Mapping[str, float]) -> Learner:
        """Return the learner whose response model knows how a profile's reply scored."""
        c = displacement(profile, self.names)
        return replace(self, response=self.response.observed(c, score_array(scores, self.names)))

    def _believed(self, rng: np.random.Generator) -> Learner:
        oldest = self.clock - self.options.settings.memory
        facts = self.facts.since(oldest + 1) if self.clock % 25 == 0 and oldest > 0 else self.facts
        facts = facts.with_silence(self.habits.silent)
        return replace(self, facts=facts, belief=self.belief.updated(facts, self.clock, rng))

    def _planned(self, rng: np.random.Generator) -> Learner:
        c = choose(self._outlook(), self.options.plan, rng)
        return replace(self, profile=self.reach.moved(self.profile, c, self.importance(), self.locks))

    def _outlook(self) -> Outlook:
        return Outlook(
            response=self.response,
            persons=self.belief.persons(),
            weight=self.belief.weight,
            now=displacement(self.profile, self.names),
            box=self.reach.box(self.profile, self.locks),
            safe=(self.reach.low, self.reach.high),
            told=self.habits.told,
        )

    def _index(self, name: str) -> int:
        if name not in self.names:
            raise PreferenceError(f"there is no attribute {name!r}; there are {', '.join(self.names)}")
        return self.names.index(name)

    def _random(self, event: Event) -> np.random.Generator:
        """Return random numbers that depend on nothing but what happened: replay and preview draw the same."""
        content = {key: value for key, value in event.as_dict().items() if key != "id"}
        return np.random.default_rng(int(_digest([self.clock, content]), 16))


def _digest(value: object) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=True)
    return hashlib.blake2b(text.encode("ascii"), digest_size=16).hexdigest()
