"""Surface features: what a sentence embedding hardly sees, the form of words and sentences."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

WORD = re.compile(r"[A-Za-z]+(?:'[A-Za-z]+)?")
_SENTENCE_END = re.compile(r"[.!?]+(?:\s|$)|\n+")
CONTRACTION = re.compile(
    r"\b\w+'(?:t|re|ve|ll|d|m)\b|\b(?:it|that|there|he|she|what|let|here|who|where|how)'s\b|\b(?:gonna|wanna|gotta|kinda)\b",
    re.IGNORECASE,
)
_VOWELS = re.compile(r"[aeiouy]+")
_SECOND_PERSON = re.compile(r"\b(?:you|your|yours|yourself)\b", re.IGNORECASE)
_FIRST_PERSON = re.compile(r"\b(?:i|me|my|mine|we|us|our)\b", re.IGNORECASE)
_HEDGE = re.compile(r"\b(?:could|would|might|may|perhaps|maybe|please)\b", re.IGNORECASE)
_LINK = re.compile(r"\b(?:because|so|then|but|and)\b", re.IGNORECASE)
_RELATIVE = re.compile(r"\b(?:which|whose|whereas|although|while|whereby|thereby|since)\b", re.IGNORECASE)
_GLAD = re.compile(
    r"\b(?:love\w*|lovely|wonderful\w*|great|good|best|better|happy|happily|glad|joy\w*|delight\w*|beautiful\w*|bright\w*|"
    r"brilliant\w*|charm\w*|cheer\w*|comfort\w*|enjoy\w*|excellent|excit\w*|fun|gorgeous|hope\w*|kind\w*|luck\w*|marvel\w*|"
    r"nice\w*|perfect\w*|pleas\w*|proud\w*|rewarding|satisf\w*|splendid\w*|superb\w*|terrific|thrill\w*|treat|warm\w*|"
    r"welcom\w*|win\w*|worth\w*|easy|easily|fresh|generous\w*|gentle|gift|grateful\w*|thriv\w*|magic\w*|treasure\w*)\b",
    re.IGNORECASE,
)
_GLOOMY = re.compile(
    r"\b(?:sad\w*|bleak\w*|dismal\w*|dreary|grim\w*|gloom\w*|hopeless\w*|miser\w*|disappoint\w*|fail\w*|fear\w*|bad\w*|"
    r"worse|worst|poor\w*|pity|regret\w*|ruin\w*|spoil\w*|suffer\w*|tired\w*|tiresome|dull\w*|empty|harsh\w*|hard\w*|"
    r"lonely|lose|loses|losing|loss\w*|lost|never|nothing|nobody|nowhere|pain\w*|pointless\w*|sorry|sour\w*|struggl\w*|trouble\w*|"
    r"ugly|unfortunate\w*|useless\w*|wast\w*|weak\w*|wear\w*|wretched\w*|wrong\w*|barely|hardly|cold\w*|cruel\w*|despair\w*)\b",
    re.IGNORECASE,
)

NAMES = (
    "letters_per_word",
    "words_per_sentence",
    "syllables_per_word",
    "long_words",
    "contractions",
    "exclamations",
    "questions",
    "commas",
    "second_person",
    "first_person",
    "hedges",
    "links",
    "relatives",
    "glad_words",
    "gloomy_words",
)
"""Names of the features, in order; rates are per 100 words."""


def words(text: str) -> list[str]:
    """Return the words of a text."""
    return WORD.findall(text)


def sentences(text: str) -> int:
    """Return the number of sentences, at least 1."""
    return max(1, sum(1 for part in _SENTENCE_END.split(text) if WORD.search(part)))


def syllables(word: str) -> int:
    """Return the syllables of a word by counting groups of vowels, a silent final e left out."""
    lower = word.lower()
    count = len(_VOWELS.findall(lower))
    return max(1, count - (lower.endswith("e") and not lower.endswith("le") and count > 1))


def features(text: str) -> NDArray[np.float64]:
    """Return the features of a text, shape (15,)."""
    found = words(text)
    count = max(1, len(found))
    rate = 100 / count

    def per_hundred(pattern: re.Pattern[str]) -> float:
        return rate * len(pattern.findall(text))

    return np.array(
        [
            sum(map(len, found)) / count,
            len(found) / sentences(text),
            sum(map(syllables, found)) / count,
            rate * sum(len(word) > 7 for word in found),
            per_hundred(CONTRACTION),
            rate * text.count("!"),
            rate * text.count("?"),
            rate * text.count(","),
            per_hundred(_SECOND_PERSON),
            per_hundred(_FIRST_PERSON),
            per_hundred(_HEDGE),
            per_hundred(_LINK),
            per_hundred(_RELATIVE),
            per_hundred(_GLAD),
            per_hundred(_GLOOMY),
        ]
    )
