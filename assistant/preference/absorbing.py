"""Taking evidence in: which facts, habits and measurements an event adds to what a learner knows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from assistant.preference.errors import PreferenceError
from assistant.preference.evidence import (
    Command,
    Complaint,
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
from assistant.preference.response import displacement, score_array
from assistant.style import Profile

if TYPE_CHECKING:
    from assistant.preference.learner import Learner

NEAR = 0.12
"""How near, as a standard deviation in score, a commanded or a liked text's score is to the ideal."""
WEAK = (0.4, 0.6, 0.0)
"""Probabilities, up to a factor, of a weak sign from someone pleased and from someone not (`Facts.verdicts`)."""


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """The reply judged last."""

    reply: str
    """Digest of its scores and its profile."""
    events: tuple[Event, ...]
    """Evidence on it, oldest first."""
    before: Learner
    """What was known before any of that, without a `last` of its own."""


def absorbed(learner: Learner, event: Event, before: Learner) -> tuple[Learner, bool]:
    """Return the learner with the event among its facts, and whether the profile may move for it.

    Args:
        learner: the learner, its clock already at the event.
        event: what happened; a retraction is not absorbed.
        before: the learner before the event.

    Raises:
        PreferenceError: the event's scores, attribute or direction are not usable.
    """
    match event:
        case Thumb(up=up):
            learner = _judged(learner, event, event.scores, event.profile, before)
            learner = _with(learner, event.scores, verdicts=(1.0, 0.0, 0.0) if up else (0.0, 1.0, 0.0))
            return replace(learner, habits=learner.habits.judged(up)), True
        case Silence():
            learner = _judged(learner, event, event.scores, event.profile, before)
            reply = score_array(event.scores, learner.names).astype(np.float32)[None]
            pleased = float(learner.belief.persons().approval(reply)[0] @ learner.belief.weight)
            learner = _with(learner, event.scores, verdicts=(0.5, 0.5, 1.0))
            return replace(learner, habits=learner.habits.passed_over(pleased)), False
        case Weak():
            learner = _judged(learner, event, event.scores, event.profile, before)
            return (_with(learner, event.scores, verdicts=WEAK), True) if learner.options.weak else (learner, False)
        case Reason():
            learner = _judged(learner, event, event.scores, event.profile, before)
            learner = _with(learner, event.scores, directions=_direction(learner, event))
            return replace(learner, habits=learner.habits.said()), True
        case Complaint():
            learner = _judged(learner, event, event.scores, event.profile, before)
            learner = _with(learner, event.scores, verdicts=(0.0, 1.0, 0.0), directions=_direction(learner, event))
            return replace(learner, habits=learner.habits.judged(False).said()), True
        case Pick():
            other = score_array(event.other, learner.names)
            learner = _measured(learner, event.other_profile, event.other)
            learner = _judged(learner, event, event.chosen, event.chosen_profile, before)
            return _with(learner, event.chosen, picks=other), True
        case Command():
            return _commanded(replace(learner, last=None), event), False
        case Sample():
            learner = replace(learner, last=None)
            for index, score in enumerate(score_array(event.scores, learner.names)):
                learner = _with(learner, event.scores, targets=(index, score, NEAR))
            return replace(learner, habits=learner.habits.said()), True
        case Lock(attribute=name, locked=locked):
            _index(learner, name)
            locks = learner.locks | {name} if locked else learner.locks - {name}
            return replace(learner, locks=locks, last=None), False
        case Retraction():
            raise PreferenceError("a retraction is no evidence of its own")


def digest(value: object) -> str:
    """Return 128 bits of the hash of plain values, in hexadecimal."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=True)
    return hashlib.blake2b(text.encode("ascii"), digest_size=16).hexdigest()


def _commanded(learner: Learner, event: Command) -> Learner:
    """Return the learner with the profile set, and what the person's moving an attribute tells."""
    learner = replace(learner, profile=event.after.aligned(learner.names))
    if event.attribute is None:
        return learner
    index = _index(learner, event.attribute)
    change = displacement(event.after, learner.names)[index] - displacement(event.before, learner.names)[index]
    if abs(change) < 1e-9:
        return learner
    scores = dict(zip(learner.names, learner.response.of(event.before).tolist(), strict=True))
    wanted = float(learner.response.of(event.after)[index])
    learner = _with(learner, scores, directions=(index, 1 if change > 0 else -1), targets=(index, wanted, NEAR))
    return replace(learner, habits=learner.habits.said())


def _with(learner: Learner, scores: Mapping[str, float], **rows: Any) -> Learner:
    """Return the learner with one more row in each named table of facts."""
    reply = score_array(scores, learner.names).astype(np.float32)
    tables = {name: (learner.clock, reply, values, 1.0) for name, values in rows.items()}
    return replace(learner, facts=learner.facts.added(**tables))


def _judged(learner: Learner, event: Event, scores: Mapping[str, float], profile: Profile, before: Learner) -> Learner:
    """Return the learner that knows which reply is being judged, and what was known before."""
    reply = digest({"scores": dict(scores), "profile": profile.as_dict()})
    if learner.last is not None and learner.last.reply == reply:
        return replace(learner, last=replace(learner.last, events=(*learner.last.events, event)))
    judged = Judged(reply, (event,), replace(before, last=None))
    return replace(_measured(learner, profile, scores), last=judged)


def _measured(learner: Learner, profile: Profile, scores: Mapping[str, float]) -> Learner:
    """Return the learner whose response model knows how a profile's reply scored."""
    c = displacement(profile, learner.names)
    return replace(learner, response=learner.response.observed(c, score_array(scores, learner.names)))


def _direction(learner: Learner, event: Reason | Complaint) -> tuple[int, int]:
    if event.direction not in (-1, 1):
        raise PreferenceError(f"a direction is +1 or -1, not {event.direction}")
    return _index(learner, event.attribute), event.direction


def _index(learner: Learner, name: str) -> int:
    if name not in learner.names:
        raise PreferenceError(f"there is no attribute {name!r}; there are {', '.join(learner.names)}")
    return learner.names.index(name)
