"""Learning from feedback: what a person says about replies becomes evidence, and evidence moves their profile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.chat import retelling
from assistant.chat.measuring import Measure, Measuring
from assistant.chat.reasons import Why
from assistant.chat.workspace import Workspace
from assistant.errors import BadInput
from assistant.preference import (
    Complaint,
    Event,
    Learner,
    Lock,
    Options,
    Pick,
    PreferenceError,
    Reason,
    Response,
    Retraction,
    Sample,
    Silence,
    Thumb,
    Weak,
    restored,
    state,
)
from assistant.preference.explain import effect
from assistant.preference.fitting import fit
from assistant.preference.response import score_array
from assistant.store import Evidence, Known, Message, OwedLesson, ProfileRevision, Step
from assistant.style import Profile

FEW = 20
"""Entries of the log, of about 30 ms each, that are replayed while others cannot write to the database, at the most."""
Make = Callable[[int], Event]
"""Makes an event with the number that it gets."""


class NothingToLearn(BadInput):
    """A reply teaches nothing, and will not later."""


class _BehindError(Exception):
    """More has happened since a learner was kept than should be replayed while others wait for the database."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a piece of evidence did, or would do."""

    why: str
    """In words, one line."""
    before: Profile
    after: Profile
    revision: ProfileRevision | None = None
    """The person's newest; None after a dry run."""

    @property
    def moved(self) -> bool:
        """Whether the profile changes."""
        return self.before != self.after


class Learning:
    """Evidence in, profile revisions out, for all people of a workspace. Nothing is kept here between calls.

    Whatever a person did is in the log of the store: their learner is what it was last, brought up to date by what
    happened since, or rebuilt from the whole log.
    """

    def __init__(self, workspace: Workspace, measure: Measure | None = None) -> None:
        self._workspace = workspace
        self._measure = measure or Measuring(workspace.bank)
        self._log = workspace.store.learning
        self.bank = bank_of(workspace.card.model, workspace.names)

    def scores(self, message: Message) -> dict[str, float]:
        """Return the scores of a reply over the bank's attributes, measured once and stored with it.

        Raises:
            NothingToLearn: there is nothing to measure.
            BadInput: it is still being written, or an attribute has no scorer.
            ScorerError: the scorers are missing or damaged.
        """
        if message.status == "streaming":
            raise BadInput("this reply is still being written")
        found = message.scores or self._workspace.store.conversations.scores(message.id)
        if found is None or any(name not in found for name in self._workspace.names):
            if not message.content.strip():
                raise NothingToLearn("this reply is empty: there is nothing to learn from")
            found = self._scored(message.content)
            self._workspace.store.conversations.measured(message.id, found)
        return {name: found[name] for name in self._workspace.names}

    def learner(self, user_id: int) -> Learner:
        """Return what is known of a person now."""
        return self._caught_up(self._known(user_id))

    def thumb(
        self,
        user_id: int,
        message: Message,
        up: bool,
        why: Why | None = None,
        dry: bool = False,
        owed: OwedLesson | None = None,
    ) -> Lesson:
        """Learn from a thumb; what was said about the reply before no longer counts.

        Args:
            user_id: who gave it.
            message: the reply.
            up: which way.
            why: what was wrong, with a thumb down. Said after the thumb, it is learned beside it, since what the thumb
                moved was seen; said with it, the two are one piece of evidence.
            dry: whether to look only.
            owed: the lesson that this is, if it is owed.

        Raises:
            LearnedAlready: it is not owed any more.
        """
        scores, profile = self.scores(message), _profile(message)
        if why is None:
            makes = self._retractions(user_id, message)
            makes.append(lambda number: Thumb(id=number, up=up, scores=scores, profile=profile))
            return self._learn(user_id, makes, message.id, dry, owed=owed)
        after, attribute, direction = self._only_blamed(user_id, message), why.attribute, why.direction
        kind = Reason if after else Complaint
        makes = [] if after else self._retractions(user_id, message)
        makes.append(
            lambda number: kind(id=number, attribute=attribute, direction=direction, scores=scores, profile=profile)
        )
        return self._learn(user_id, makes, message.id, dry, owed=owed)

    def pick(self, user_id: int, chosen: Message, other: Message, owed: OwedLesson | None = None) -> Lesson:
        """Learn from a choice between two replies to the same message; an earlier choice between them is taken back."""
        scores, others = self.scores(chosen), self.scores(other)
        made, beside = _profile(chosen), _profile(other)
        makes = [
            _retraction(evidence)
            for message in (chosen, other)
            for evidence in self._active(user_id, message)
            if evidence.kind == Pick.kind
            and (evidence.content["chosen"], evidence.content["other"]) in ((scores, others), (others, scores))
        ]
        makes.append(
            lambda number: Pick(id=number, chosen=scores, other=others, chosen_profile=made, other_profile=beside)
        )
        return self._learn(user_id, makes, chosen.id, owed=owed)

    def passed_over(self, user_id: int, message: Message) -> None:
        """Note that a person read a reply, said nothing about it, and went on. It moves nothing by itself."""
        if self._log.mode(user_id) != "off" and not self._active(user_id, message):
            scores, profile = self.scores(message), _profile(message)
            self._learn(user_id, [lambda number: Silence(id=number, scores=scores, profile=profile)], message.id)

    def weak(self, user_id: int, message: Message, sign: str) -> Lesson | None:
        """Learn from a weak sign, "retry" or "stopped", if the person allows it; else return None."""
        if self._log.mode(user_id) != "weak":
            return None
        scores, profile = self.scores(message), _profile(message)
        return self._learn(
            user_id, [lambda number: Weak(id=number, sign=sign, scores=scores, profile=profile)], message.id
        )

    def like(self, user_id: int, text: str) -> Lesson:
        """Set the profile to what should sound like a text, and remember that the person likes it.

        Raises:
            BadInput: the text is empty.
        """
        if not text.strip():
            raise BadInput("there is no text to learn from")
        found = self._scored(text)
        scores = {name: found[name] for name in self._workspace.names}

        def fitted(learner: Learner) -> Profile:
            return fit(learner.response, score_array(scores, learner.names), learner.profile, learner.reach)

        return self._learn(user_id, [lambda number: Sample(id=number, scores=scores)], fitted=fitted)

    def lock(self, user_id: int, attribute: str, locked: bool) -> Lesson:
        """Keep an attribute from being moved by what is learned, or let it move again."""
        return self._learn(user_id, [lambda number: Lock(id=number, attribute=attribute, locked=locked)])

    def retract(self, user_id: int, message: Message, owed: OwedLesson | None = None) -> Lesson | None:
        """Take back all evidence on a reply; return None when there was none."""
        makes = self._retractions(user_id, message)
        if makes:
            return self._learn(user_id, makes, message.id, owed=owed)
        if owed is not None:
            self.forget(owed)
        return None

    def forget(self, owed: OwedLesson) -> None:
        """Owe a lesson no longer: there is nothing to learn."""
        self._workspace.store.owed.drop(owed)

    def _retractions(self, user_id: int, message: Message) -> list[Make]:
        return [_retraction(evidence) for evidence in reversed(self._verdicts(user_id, message))]

    def _only_blamed(self, user_id: int, message: Message) -> bool:
        """Return whether a thumb down is all that was learned about a reply."""
        found = self._verdicts(user_id, message)
        return [(each.kind, each.bank) for each in found] == [(Thumb.kind, self.bank)] and not found[0].content["up"]

    def _verdicts(self, user_id: int, message: Message) -> list[Evidence]:
        """Return the evidence on a reply that counts, picks aside: which of two was better stays true whatever is said
        of the one."""
        return [each for each in self._active(user_id, message) if each.kind != Pick.kind]

    def _active(self, user_id: int, message: Message) -> list[Evidence]:
        """Return the evidence on a reply that counts, oldest first."""
        found = self._log.on(user_id, message.id)
        gone = {each.content["of"] for each in found if each.kind == Retraction.kind}
        return [each for each in found if each.kind != Retraction.kind and each.number not in gone]

    def _scored(self, text: str) -> dict[str, float]:
        found = dict(self._measure(text))
        for name in self._workspace.names:
            if name not in found:
                raise BadInput(f"{name} has no scorer: run assistant train-scorers --extend {self._workspace.bank}")
        return found

    def _learn(
        self,
        user_id: int,
        makes: Sequence[Make],
        message_id: int | None = None,
        dry: bool = False,
        fitted: Callable[[Learner], Profile] | None = None,
        owed: OwedLesson | None = None,
    ) -> Lesson:
        lessons = []

        def advance(known: Known) -> Step:
            learner = self._caught_up(known)
            before, events, cause = learner.profile, [], ""
            for number, make in enumerate(makes, known.number):
                event = make(number)
                learner, advice = learner.observe(event)
                events.append((event.as_dict(), advice.why))
                cause = advice.why.rsplit(": ", 1)[0]
            profile = learner.profile
            if fitted is not None:
                profile, cause = fitted(learner), "Fitted to a text that you like"
            first = event.attribute if isinstance(event, Reason | Complaint) else None
            why = f"{cause}: {effect(before, profile, first)}"
            lessons.append(Lesson(why, before, profile))
            return Step(
                events=tuple(events),
                cause=cause,
                profile=profile if profile != before else known.newest.profile,
                state=state(learner),
                revision_kind="learn" if fitted is None else "fit",
            )

        if dry:
            advance(self._known(user_id))
            return lessons[-1]

        def briefly(known: Known) -> Step:
            if len(known.entries) > FEW:
                raise _BehindError
            return advance(known)

        try:
            revision = self._log.learn(user_id, self.bank, briefly, message_id, owed)
        except (PreferenceError, _BehindError):  # what is kept cannot be used, or is far behind: that takes a while
            known = self._known(user_id)
            self._log.remember(user_id, self.bank, known, state(self._caught_up(known)))
            revision = self._log.learn(user_id, self.bank, advance, message_id, owed)
        lesson = lessons[-1]
        return Lesson(lesson.why, lesson.before, lesson.after, revision)

    def _known(self, user_id: int) -> Known:
        """Return what brings a learner up to date: the whole log where the state kept from last time cannot be used."""
        known = self._log.known(user_id, self.bank)
        try:
            self._begun(known)
        except PreferenceError:
            return self._log.known(user_id, self.bank, anew=True)
        return known

    def _caught_up(self, known: Known) -> Learner:
        """Return the learner after all that happened."""
        learner = self._begun(known)
        for entry in known.entries:
            learner = learner.replay(retelling.events(entry, learner))
        return learner.replay(retelling.settled(known.newest, learner))

    def _begun(self, known: Known) -> Learner:
        """Return the learner before the entries.

        Raises:
            PreferenceError: the state kept from last time cannot be used.
        """
        card, options = self._workspace.card, Options(weak=True)  # weak signs are in the logs of who allowed them alone
        if known.state is not None:
            return restored(known.state, card.attributes, options=options)
        return Learner.start(card.attributes, Response.from_card(card.names, card.response), options=options)


def bank_of(model: str, attributes: Sequence[str]) -> str:
    """Return what evidence is about: a model, and attributes in their order."""
    return f"{model}: {', '.join(attributes)}"


def attributes_of(bank: str) -> tuple[str, ...]:
    """Return the attributes that `bank_of` named."""
    return tuple(bank.rpartition(": ")[2].split(", "))


def _retraction(evidence: Evidence) -> Make:
    return lambda number: Retraction(id=number, of=evidence.number)


def _profile(message: Message) -> Profile:
    if message.profile is None:
        raise NothingToLearn("this reply was made without a profile: there is nothing to learn from")
    return Profile.from_dict(message.profile)
