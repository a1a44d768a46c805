"""A learner's state as JSON: small, versioned, upgraded when it is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from assistant.preference.absorbing import Judged
from assistant.preference.belief import Belief
from assistant.preference.errors import PreferenceError
from assistant.preference.evidence import event_from_dict
from assistant.preference.facts import Facts
from assistant.preference.habits import Habits
from assistant.preference.learner import Learner, Options
from assistant.preference.response import Response
from assistant.style import Attribute, Profile, ProfileError

VERSION = 1
_UPGRADES: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = MappingProxyType({})
"""What turns the state of a version into that of the next; none is needed yet."""


def state(learner: Learner) -> dict[str, Any]:
    """Return a learner as plain values for JSON. The safe ranges and the options are not part of it."""
    last = learner.last
    return {
        "version": VERSION,
        "attributes": list(learner.names),
        "response": learner.response.as_dict(),
        "profile": learner.profile.as_dict(),
        "belief": learner.belief.as_dict(),
        "facts": learner.facts.as_dict(),
        "habits": learner.habits.as_dict(),
        "locks": sorted(learner.locks),
        "clock": learner.clock,
        "ids": list(learner.ids),
        "last": last
        and {
            "reply": last.reply,
            "events": [event.as_dict() for event in last.events],
            "before": state(last.before),
        },
    }


def restored(
    values: object,
    attributes: Sequence[Attribute],
    safe: Mapping[str, Sequence[float]] | None = None,
    options: Options | None = None,
) -> Learner:
    """Return the learner that `state` described.

    Raises:
        PreferenceError: the state is damaged, of a newer program or of another bank; replaying the log makes a new one.
    """
    if not isinstance(values, Mapping) or not isinstance(values.get("version"), int):
        raise PreferenceError("what was learned cannot be read: it is rebuilt from the log of feedback")
    plain = dict(values)
    if plain["version"] < 1:
        raise PreferenceError("what was learned is damaged (it has no version): it is rebuilt from the log")
    if plain["version"] > VERSION:
        raise PreferenceError(f"what was learned is of version {plain['version']}, from a newer program than this one")
    for version in range(plain["version"], VERSION):
        plain = _UPGRADES[version](plain)
    fresh = Learner.start(attributes, safe=safe, options=options)
    try:
        if tuple(plain["attributes"]) != fresh.names:
            raise PreferenceError("what was learned belongs to another bank: it is rebuilt from the log of feedback")
        last = plain["last"] and Judged(
            reply=str(plain["last"]["reply"]),
            events=tuple(event_from_dict(event) for event in plain["last"]["events"]),
            before=restored(plain["last"]["before"], attributes, safe, options),
        )
        learner = replace(
            fresh,
            response=Response.from_dict(plain["response"]),
            profile=Profile.from_dict(plain["profile"]),
            belief=Belief.from_dict(plain["belief"], fresh.options.settings),
            facts=Facts.from_dict(plain["facts"]),
            habits=Habits.from_dict(plain["habits"]),
            locks=frozenset(plain["locks"]),
            clock=int(plain["clock"]),
            ids=tuple(plain["ids"]),
            last=last,
        )
    except (KeyError, IndexError, AttributeError, TypeError, ValueError, OverflowError, ProfileError) as error:
        raise PreferenceError(f"what was learned is damaged ({error}): it is rebuilt from the log") from error
    if learner.belief.n != len(fresh.names) or learner.response.attributes != fresh.names:
        raise PreferenceError("what was learned is damaged (its shapes do not fit): it is rebuilt from the log")
    return learner
