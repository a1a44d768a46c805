"""Outside measures: numbers on a text that had no part in training anything here."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from assistant.scoring.surface import CONTRACTION, sentences, syllables, words

_POLITE = re.compile(
    r"\b(?:please|kindly|grateful|appreciate|thanks?|thank you|sorry|pardon|welcome|glad to|happy to|i hope|"
    r"(?:could|would|may|might) (?:you|i|we)|if you (?:don't mind|like|wish|can)|if i may|would be kind)\b",
    re.IGNORECASE,
)


def contractions(text: str) -> float:
    """Return contractions per 100 words."""
    return 100 * len(CONTRACTION.findall(text)) / max(1, len(words(text)))


def letters_per_word(text: str) -> float:
    """Return the mean length of a word in letters."""
    found = words(text)
    return sum(map(len, found)) / max(1, len(found))


def register(text: str) -> float:
    """Return an index of formal register: letters per word less a tenth of the contractions per 100 words.

    Casual English contracts and prefers short words (Heylighen & Dewaele, 1999, on formality as a dimension of style);
    the weight makes one contraction in ten words as telling as one letter of mean word length.
    """
    return letters_per_word(text) - contractions(text) / 10


def grade(text: str) -> float:
    """Return the Flesch-Kincaid grade: 0.39 words/sentence + 11.8 syllables/word − 15.59 (Kincaid et al., 1975)."""
    found = words(text)
    if not found:
        return 0.0
    return 0.39 * len(found) / sentences(text) + 11.8 * sum(map(syllables, found)) / len(found) - 15.59


def politeness(text: str) -> float:
    """Return words and phrases of courtesy per 100 words."""
    return 100 * len(_POLITE.findall(text)) / max(1, len(words(text)))


def exclamations(text: str) -> float:
    """Return exclamation marks per 100 words."""
    return 100 * text.count("!") / max(1, len(words(text)))


@cache
def _vader() -> Any:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    return SentimentIntensityAnalyzer()


def vader(text: str) -> float:
    """Return VADER's compound sentiment, from −1 to 1 (Hutto & Gilbert, 2014)."""
    return float(_vader().polarity_scores(text)["compound"])


def distinct(texts: list[str], n: int) -> float:
    """Return the share of distinct n-grams among all n-grams of the texts (Li et al., 2016, arXiv 1510.03055)."""
    grams = [gram for text in texts for gram in _grams([word.lower() for word in words(text)], n)]
    return len(set(grams)) / max(1, len(grams))


def repetition(text: str) -> float:
    """Return the share of 4-grams that occurred before in the same text; looping replies approach 1."""
    grams = _grams([word.lower() for word in words(text)], 4)
    return 1 - len(set(grams)) / len(grams) if grams else 0.0


def _grams(found: list[str], n: int) -> list[tuple[str, ...]]:
    return [tuple(found[i : i + n]) for i in range(len(found) - n + 1)]


MEASURES: Mapping[str, Callable[[str], float]] = {
    "grade": grade,
    "register": register,
    "contractions": contractions,
    "politeness": politeness,
    "vader": vader,
    "exclamations": exclamations,
    "repetition": repetition,
}
"""All measures of one text, by name."""

OWN: Mapping[str, tuple[str, int]] = {
    "simplicity": ("grade", -1),
    "formality": ("register", 1),
    "politeness": ("politeness", 1),
    "sentiment": ("vader", 1),
}
"""The outside measure that should follow an attribute, and in which direction; humor has none."""
