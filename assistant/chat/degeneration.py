"""Noticing, while a reply streams, that it falls apart: definitions over its latest words, without any model."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

WINDOW = 60
"""Words that are looked at, the latest."""
STRIDE = 4
"""Pieces between two looks at the window."""
LEAST = 24
"""Words that there must be before shares are taken."""
REPEATED = 0.5
"""A reply repeats itself when more than this share of the window's 4-grams came before in it."""
SAME_WORD = 8
"""The same word so often in a row is a stammer."""
SAME_LETTER = 24
"""The same letter, digit or sign so often in a row is no text; signs that draw lines are."""
UNBROKEN = 60
"""So many Latin letters without a space are no word."""
GARBLED = 0.5
"""A reply is garbled when more than this share of the window are no words."""

_SAME_LETTER = re.compile(rf"([^\s\-=_*#~.·|+<>/\\—–─━])\1{{{SAME_LETTER - 1},}}")
_UNBROKEN = re.compile(rf"[A-Za-z]{{{UNBROKEN},}}")
_WORD = re.compile(r"[^\W\d_]{1,30}(?:['’\-–—/.·][^\W\d_]{1,30})*[.'’]?|[+\-−]?[\d.,:/%°$€£]+\w{0,3}", re.UNICODE)
_FENCED = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
"""Program text, which has few words and may repeat itself."""
_EDGES = "\"'“”‘’«»()[]{}<>*_`~#.,;:!?…-–—/\\|=+$€£%&^°•"
_REACH = 40 * WINDOW
"""Characters that surely hold the window."""


class Degeneration:
    """Reads a reply piece by piece and says when it has fallen apart."""

    def __init__(self) -> None:
        self._text = ""
        self._pieces = 0

    def add(self, piece: str) -> str | None:
        """Take the next piece; return what is wrong, in words that end "the reply …", or None.

        A word is judged once the space after it has come.
        """
        self._text = (self._text + piece)[-2 * _REACH :]
        if _SAME_LETTER.search(self._text[-4 * SAME_LETTER :]) or _UNBROKEN.search(self._text[-4 * UNBROKEN :]):
            return "turns into a run of letters"
        self._pieces += 1
        return self.judge() if self._pieces % STRIDE == 0 else None

    def judge(self) -> str | None:
        """Return what is wrong with the window as it is now, or None."""
        complete = self._text[: _last_space(self._text)][-_REACH:]
        return fault(_FENCED.sub(" ", complete).split()[-WINDOW:])


def _last_space(text: str) -> int:
    return next((i for i in range(len(text) - 1, -1, -1) if text[i].isspace()), 0)


def fault(window: Sequence[str]) -> str | None:
    """Return what is wrong with the latest words of a reply, given as they stand between spaces, or None."""
    bare = [word.strip(_EDGES).casefold() for word in window]
    kept = [word for word in bare if word]
    tail = kept[-SAME_WORD:]
    if len(tail) == SAME_WORD and len(set(tail)) == 1:
        return "says the same word over and over"
    if len(kept) < LEAST:
        return None
    grams = [tuple(kept[i : i + 4]) for i in range(len(kept) - 3)]
    if 1 - len(set(grams)) / len(grams) > REPEATED:
        return "repeats itself"
    if sum(not _is_word(word) for word in kept) > GARBLED * len(kept):
        return "is not made of words any more"
    return None


@lru_cache(4096)
def _is_word(word: str) -> bool:
    return _WORD.fullmatch(word) is not None


def whole(text: str) -> str | None:
    """Return what is the first thing wrong with a whole text, read word by word, or None."""
    reader = Degeneration()
    for piece in re.findall(r"\s*\S+|\s+$", text):
        wrong = reader.add(piece)
        if wrong:
            return wrong
    return reader.add(" ") or reader.judge()
