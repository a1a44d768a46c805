"""The learner: evidence in, a profile and its reason out. Immutable, deterministic, rebuilt from its log by replay."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from assistant.preference import explain
from assistant.preference.absorbing import Judged, absorbed, digest
from assistant.preference.belief import Belief, Settings
from assistant.preference.errors import PreferenceError
from assistant.preference.evidence import Complaint, Event, Reason, Retraction
from assistant.preference.facts import Facts
from assistant.preference.habits import Habits
from assistant.preference.planner import Outlook, Plan, choose, rival
from assistant.preference.reach import Reach
from assistant.preference.response import Array, Response, displacement
from assistant.style import Attribute, Profile


@dataclass(frozen=True, slots=True)
class Options:
    """How a learner works."""

    settings: Settings = field(default_factory=Settings)
    plan: Plan = field(default_factory=Plan)
    weak: bool = False
    """Whether weak signs (retry, stopped early) count."""


@dataclass(frozen=True, slots=True)
class Advice:
    """What a piece of evidence does to the profile."""

    before: Profile
    """In use when the evidence came."""
    profile: Profile
    """In use from now on."""
    why: str
    """In words, one line."""

    @property
    def moves(self) -> bool:
        """Whether the profile changes."""
        return self.profile != self.before


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
    habits: Habits = field(default_factory=Habits)
    locks: frozenset[str] = frozenset()
    clock: int = 0
    """Events so far."""
    ids: tuple[int, ...] = ()
    """Ids of the newest events, oldest first."""
    last: Judged | None = None
    """The reply that the newest evidence is about; None after evidence that is about no reply."""

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
            response: the bank's response model (`Response.from_card`); the prior's if not given.
            profile: to begin with; the neutral one if not given.
            safe: lowest and highest c per attribute from the bank's card; `reach.SAFE_C` for those not named.
            options: how to learn.

        Raises:
            PreferenceError: the response model or the safe ranges do not fit.
        """
        names = tuple(attribute.name for attribute in attributes)
        response, options = response or Response.prior(names), options or Options()
        if response.attributes != names:
            raise PreferenceError(
                f"the response model is for {', '.join(response.attributes)}, the bank for {', '.join(names)}"
            )
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
        """Return what an event would do, without doing it; the id of the event does not matter."""
        return self.observe(event)[1]

    def observe(self, event: Event) -> tuple[Learner, Advice]:
        """Return the learner after an event, and what it makes of the profile.

        No α moves by more than `reach.STEP` unless the person moves it, both from the profile that was in use when
        the judged reply was first judged, however many pieces of evidence that reply gets, and from the profile in use
        now. A retraction gives the earlier profile back.

        Raises:
            PreferenceError: the event's scores, attribute or direction are not usable; the learner stays as it was.
        """
        learner = self._retracted(event.of) if isinstance(event, Retraction) else self._took(event)
        return learner, Advice(
            self.profile, learner.profile, explain.line(event, self.profile, learner.profile, self.attributes)
        )

    def check(self, event: Event) -> None:
        """Refuse an event that `observe` could not take in, whoever wrote it.

        Raises:
            PreferenceError: its values are of the wrong types or sizes, or of another bank.
        """
        try:
            if isinstance(event, Retraction):
                if type(event.of) is not int:
                    raise TypeError("what it takes back is no number")
                return
            absorbed(self, event, self)
            explain.line(event, self.profile, self.profile, self.attributes)
        except (TypeError, ValueError, OverflowError, LookupError, AttributeError) as error:
            raise PreferenceError(f"a piece of evidence of kind {event.kind} is damaged: {error}") from error

    def challenger(self) -> Profile:
        """Return the voice that `/compare` should set beside the present one: the comparison would tell most.

        It is within one step of the present profile.
        """
        c = rival(self._outlook(self.profile), self.options.plan, np.random.default_rng([self.clock, 1]))
        return self.reach.moved(self.profile, c, self.importance(), self.locks)

    def importance(self) -> Array:
        """Return how much each attribute is believed to matter, shape (n,), sum 1."""
        weight = self.belief.weight.astype(np.float64)
        return np.asarray(weight @ self.belief.persons().weights.astype(np.float64))

    def ideal(self) -> tuple[Array, Array]:
        """Return mean and standard deviation of the ideal scores as believed, shape (n,) each, in [0, 1]."""
        ideals, weight = self.belief.persons().ideal.astype(np.float64), self.belief.weight.astype(np.float64)
        mean = weight @ ideals
        return mean, np.sqrt(weight @ (ideals - mean) ** 2)

    def _took(self, event: Event) -> Learner:
        rng = self._random(event)
        ids = (*self.ids, event.id)[-self.options.settings.memory :]
        learner, plans = absorbed(replace(self, clock=self.clock + 1, ids=ids), event, self)
        if learner.facts is not self.facts:
            learner = learner._believed(rng)
        return (
            learner._planned(rng, (event.attribute, event.direction) if isinstance(event, Reason | Complaint) else None)
            if plans
            else learner
        )

    def _retracted(self, of: int) -> Learner:
        """Return the learner without what one event told.

        Evidence on the newest judged reply is undone to the bit: what came before that reply is kept, and the rest of
        its evidence observed again. Older evidence leaves the facts and the belief is made anew from those that remain;
        the profile stays, since later evidence has moved it too.
        """
        if self.last is not None and any(event.id == of for event in self.last.events):
            return self.last.before.replay(event for event in self.last.events if event.id != of)
        if of not in self.ids:
            return self  # older than the memory: nothing of it is left
        number = self.clock - len(self.ids) + 1 + self.ids.index(of)
        habits = self.habits.retracted(self.facts, number)
        facts = self.facts.without(number).with_silence(habits.silent)
        rng = np.random.default_rng([self.clock, number])
        belief = Belief.anew(len(self.names), facts, self.clock, self.options.settings, rng)
        return replace(self, facts=facts, habits=habits, belief=belief, last=None)

    def _believed(self, rng: np.random.Generator) -> Learner:
        oldest = self.clock - self.options.settings.memory
        facts = self.facts.since(oldest + 1) if self.clock % 25 == 0 and oldest > 0 else self.facts
        facts = facts.with_silence(self.habits.silent)
        return replace(self, facts=facts, belief=self.belief.updated(facts, self.clock, rng))

    def _planned(self, rng: np.random.Generator, named: tuple[str, int] | None = None) -> Learner:
        """Return the learner with the profile one step on.

        Where a person has named an attribute, it goes their way at least a little, and the c of all others stays:
        nobody who says "too formal" expects another sense of humor (docs/results/learning.md has what it costs).
        """
        start = self.last.before.profile if self.last is not None else self.profile
        outlook = self._outlook(start)
        if named is not None:
            outlook = replace(outlook, box=self.reach.heeding(start, *outlook.box, named, self.profile))
        c = choose(outlook, self.options.plan, rng)
        profile = self.reach.moved(start, c, self.importance(), self.locks, self.profile)
        return replace(self, profile=profile) if explain.visible(self.profile, profile) else self

    def _outlook(self, start: Profile) -> Outlook:
        return Outlook(
            response=self.response,
            persons=self.belief.persons(),
            weight=self.belief.weight,
            now=displacement(start, self.names),
            box=self.reach.box(start, self.locks),
            safe=(self.reach.low, self.reach.high),
            told=self.habits.told,
        )

    def _random(self, event: Event) -> np.random.Generator:
        """Return random numbers that depend on nothing but what happened: replay and preview draw the same."""
        content = {key: value for key, value in event.as_dict().items() if key != "id"}
        return np.random.default_rng(int(digest([self.clock, content]), 16))
