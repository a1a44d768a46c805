"""Voices by name: those that come with the program, and those that a person has saved."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant import locations
from assistant.errors import BadInput
from assistant.store import Store
from assistant.style import Profile, nearest
from assistant.style.profile import NEUTRAL_ALPHA


@dataclass(frozen=True, slots=True)
class Preset:
    """A voice with a name."""

    name: str
    about: str
    profile: Profile
    own: bool
    """Whether the person saved it, rather than the program."""


@dataclass(frozen=True, slots=True)
class _Shipped:
    name: str
    about: str
    alpha: Mapping[str, float]
    weights: Mapping[str, float]
    strength: float

    def profile(self, attributes: Sequence[str]) -> Profile | None:
        """Return the voice over a bank's attributes, or None when it is about none of them."""
        if not set(self.alpha) & set(attributes):
            return None
        weights = {name: self.weights.get(name, 1.0) for name in attributes}
        total = sum(weights.values())
        return Profile(
            {name: self.alpha.get(name, NEUTRAL_ALPHA) for name in attributes},
            {name: weight / total for name, weight in weights.items()},
            self.strength,
        )


@functools.cache
def _shipped() -> tuple[_Shipped, ...]:
    with (locations.data() / "voices.toml").open("rb") as file:
        rows = tomllib.load(file)["voice"]
    return tuple(
        _Shipped(row["name"], row["about"], row["alpha"], row.get("lambda", {}), row.get("strength", 1.0))
        for row in rows
    )


def presets(store: Store, user_id: int, attributes: Sequence[str]) -> list[Preset]:
    """Return the voices that a person can choose from: their own first; one of theirs hides one of the same name."""
    own = [
        Preset(voice.name, "saved by you", Profile.from_dict(voice.profile).aligned(attributes), True)
        for voice in store.voices.list(user_id)
    ]
    taken = {each.name.casefold() for each in own}
    found = [(each, each.profile(attributes)) for each in _shipped() if each.name not in taken]
    return own + [Preset(each.name, each.about, profile, False) for each, profile in found if profile is not None]


def preset(known: Sequence[Preset], name: str) -> Preset:
    """Return the voice of a name, whatever its case.

    Raises:
        BadInput: there is none; the message names the nearest.
    """
    names = {each.name.casefold(): each for each in known}
    sought = " ".join(name.casefold().split())
    if sought not in names:
        guess = nearest(sought, names)
        hint = f"did you mean {names[guess].name}?" if guess else "/voice lists them"
        raise BadInput(f"there is no voice {name.strip()!r}; {hint}")
    return names[sought]
