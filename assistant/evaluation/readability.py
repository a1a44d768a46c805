"""Outside measures of how easy a text is, by packages that `assistant[outside]` installs.

The scorers count syllables and letters themselves; none of this is theirs. Where a package is not installed, a measure
raises CorpusMissing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from statistics import fmean
from typing import Any

from assistant.evaluation.corpora import EXTRA, folder
from assistant.scoring.surface import words


def familiarity(text: str) -> float:
    """Return the mean Zipf frequency of the words by `wordfreq`: about 7 for "the", 3 for "lantern", 0 if unknown."""
    folder("wordfreq", EXTRA)
    import wordfreq

    found = words(text)
    return fmean(wordfreq.zipf_frequency(word, "en") for word in found) if found else 0.0


def automated(text: str) -> float:
    """Return the automated readability index (Smith & Senter, 1967) by `textstat`: a school grade, from letters."""
    folder("textstat", EXTRA)
    import textstat

    return float(textstat.automated_readability_index(text))


@cache
def _hyphens() -> Any:
    folder("pyphen", EXTRA)
    import pyphen

    return pyphen.Pyphen(lang="en_US")


def kincaid(text: str) -> float:
    """Return the Flesch-Kincaid grade with the sentences of `textstat` and the syllables of `pyphen`.

    `textstat` has a Flesch-Kincaid grade of its own, which wants a dictionary from the network.
    """
    folder("textstat", EXTRA)
    import textstat

    found = words(text)
    if not found:
        return 0.0
    syllables = sum(len(_hyphens().positions(word)) + 1 for word in found)
    return 0.39 * float(textstat.words_per_sentence(text)) + 11.8 * syllables / len(found) - 15.59


MEASURES: Mapping[str, tuple[Callable[[str], float], int]] = {
    "Zipf frequency of the words": (familiarity, 1),
    "automated readability index": (automated, -1),
    "Flesch-Kincaid grade": (kincaid, -1),
}
"""Measures by name, with the direction in which simplicity should go with them."""
