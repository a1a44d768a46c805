"""Evidence: what a person did that tells what they want. Immutable events, kept in an append-only log as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar, TypeAlias

from assistant.preference.errors import PreferenceError
from assistant.style import Profile, ProfileError

VERSION = 1
"""Of the JSON form; `event_from_dict` reads all versions up to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Event:
    id: int
    """Number of the event in the person's log, unique there."""
    kind: ClassVar[str]

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, as stored."""
        plain = {name: _plain(getattr(self, name)) for name in self.__dataclass_fields__}
        return {"kind": self.kind, "version": VERSION, **plain}


@dataclass(frozen=True, slots=True, kw_only=True)
class Thumb(_Event):
    """A thumb on a reply."""

    kind: ClassVar[str] = "thumb"
    up: bool
    scores: Mapping[str, float]
    """Measured scores of the reply, in [0, 1]."""
    profile: Profile
    """The profile that made it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence(_Event):
    """A reply that was read and not judged: the person went on to something else."""

    kind: ClassVar[str] = "silence"
    scores: Mapping[str, float]
    profile: Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason(_Event):
    """What was wrong with a reply, said after its thumb: one attribute, and which way it should have gone."""

    kind: ClassVar[str] = "reason"
    attribute: str
    direction: int
    """+1: more towards the high pole; −1: less."""
    scores: Mapping[str, float]
    profile: Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint(_Event):
    """A thumb down and what was wrong, said together: nobody saw what the thumb alone would have moved."""

    kind: ClassVar[str] = "complaint"
    attribute: str
    direction: int
    """+1: more towards the high pole; −1: less."""
    scores: Mapping[str, float]
    profile: Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick(_Event):
    """One of two replies to the same prompt, chosen in `/compare`."""

    kind: ClassVar[str] = "pick"
    chosen: Mapping[str, float]
    other: Mapping[str, float]
    """Measured scores of the two."""
    chosen_profile: Profile
    other_profile: Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Command(_Event):
    """A profile set outright: a slash command, a slider, `profile set`, undo, redo, import, reset."""

    kind: ClassVar[str] = "command"
    before: Profile
    after: Profile
    attribute: str | None = None
    """The attribute that the person moved, evidence of what they want; None for a change that is none, such as undo."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample(_Event):
    """Scores of a text that the person likes (`/like`, `assistant profile fit`)."""

    kind: ClassVar[str] = "sample"
    scores: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Weak(_Event):
    """A weak sign of displeasure, counted only if the person allows it: retried at once, or stopped early."""

    kind: ClassVar[str] = "weak"
    sign: str
    """"retry" or "stopped"."""
    scores: Mapping[str, float]
    profile: Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock(_Event):
    """An attribute that the learner must leave alone from now on, or may move again."""

    kind: ClassVar[str] = "lock"
    attribute: str
    locked: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Retraction(_Event):
    """Evidence taken back: it no longer counts."""

    kind: ClassVar[str] = "retraction"
    of: int
    """Id of the event that is taken back."""


Event: TypeAlias = Thumb | Silence | Reason | Complaint | Pick | Command | Sample | Weak | Lock | Retraction

_KINDS: Mapping[str, type[Event]] = MappingProxyType(
    {kind.kind: kind for kind in (Thumb, Silence, Reason, Complaint, Pick, Command, Sample, Weak, Lock, Retraction)}
)
_PROFILES = frozenset({"profile", "chosen_profile", "other_profile", "before", "after"})
_UPGRADES: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = MappingProxyType({})
"""What turns the JSON of a version into that of the next; none is needed yet."""


def event_from_dict(values: object) -> Event:
    """Return the event that `as_dict` described, in any version.

    Raises:
        PreferenceError: it is not an event, or one of a newer program.
    """
    if not isinstance(values, Mapping) or values.get("kind") not in _KINDS:
        raise PreferenceError(f"this is not a piece of evidence: {json.dumps(values, default=str)[:80]}")
    plain = dict(values)
    version = plain.pop("version", VERSION)
    if not isinstance(version, int) or version < 1:
        raise PreferenceError(f"a piece of evidence is damaged: it has the version {str(version)[:20]}")
    if version > VERSION:
        raise PreferenceError(f"evidence of version {version} is from a newer program; this one reads up to {VERSION}")
    for step in range(version, VERSION):
        plain = _UPGRADES[step](plain)
    kind = _KINDS[plain.pop("kind")]
    try:
        profiles = {key: Profile.from_dict(value) for key, value in plain.items() if key in _PROFILES}
        return kind(**{**plain, **profiles})
    except (TypeError, ValueError, OverflowError, ProfileError) as error:
        raise PreferenceError(f"a piece of evidence of kind {kind.kind} is damaged: {error}") from error


def _plain(value: object) -> object:
    if isinstance(value, Profile):
        return value.as_dict()
    return dict(value) if isinstance(value, Mapping) else value
