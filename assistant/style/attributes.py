"""What an attribute is: a name and its two poles."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_NAME = re.compile(r"[a-z][a-z0-9_]{1,31}")


class AttributeSpecError(ValueError):
    """An attribute's description is not usable; the message says what is wrong."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """One axis of style with a low pole (α = 0) and a high pole (α = 1)."""

    name: str
    """Identifier, lower case: the slash command, the option value and the file name."""
    low: str
    """Adjective of the low pole, such as "casual"."""
    high: str
    """Adjective of the high pole, such as "formal"."""
    about: str = ""
    """One sentence for help texts."""
    low_words: tuple[str, ...] = ()
    """Other adjectives for the low pole that people use, such as "slangy"."""
    high_words: tuple[str, ...] = ()
    """Other adjectives for the high pole, such as "stiff"."""

    def __post_init__(self) -> None:
        for label, value in (("name", self.name), ("low pole", self.low), ("high pole", self.high)):
            if not _NAME.fullmatch(value):
                raise AttributeSpecError(
                    f"the {label} {value!r} of an attribute must be 2 to 32 lower-case letters, digits or underscores"
                )
        if self.low == self.high:
            raise AttributeSpecError(f"the two poles of {self.name} have the same name, {self.low!r}")

    @classmethod
    def from_mapping(cls, values: Mapping[str, object]) -> Attribute:
        """Build an attribute from a parsed table with the keys name, low and high, and about and words if wanted.

        Raises:
            AttributeSpecError: a key is missing or a value is not usable.
        """
        fields: dict[str, str] = {}
        for key in ("name", "low", "high", "about"):
            value = values.get(key, "" if key == "about" else None)
            if not isinstance(value, str):
                raise AttributeSpecError(f"an attribute needs the text {key!r}")
            fields[key] = value
        return cls(**fields, low_words=_words(values, "low_words"), high_words=_words(values, "high_words"))

    def as_dict(self) -> dict[str, object]:
        """Return the inverse of `from_mapping`."""
        plain: dict[str, object] = {"name": self.name, "low": self.low, "high": self.high, "about": self.about}
        for key, words in (("low_words", self.low_words), ("high_words", self.high_words)):
            if words:
                plain[key] = list(words)
        return plain

    def direction(self, adjective: str) -> int:
        """Return +1 for an adjective of the high pole and −1 for one of the low pole.

        Raises:
            KeyError: the adjective names neither pole.
        """
        if adjective in (self.high, *self.high_words):
            return 1
        if adjective in (self.low, *self.low_words):
            return -1
        raise KeyError(adjective)


def _words(values: Mapping[str, object], key: str) -> tuple[str, ...]:
    words = values.get(key, ())
    if not isinstance(words, (list, tuple)) or not all(isinstance(word, str) and word.strip() for word in words):
        raise AttributeSpecError(f"an attribute's {key!r} must be a list of words")
    return tuple(word.lower() for word in words)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that looks most like `word`, or None when none is close."""
    matches = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    return matches[0] if matches else None
