"""A judge of fluency that no model here had a part in: an interpolated Kneser–Ney trigram model of words.

P(w|uv) = max(c(uvw) − D, 0) / c(uv) + D N(uv·) / c(uv) · P(w|v), and so down with continuation counts in place of
counts, to 1 / |V| (Kneser & Ney 1995, interpolated as in Chen & Goodman 1999), D = n₁ / (n₁ + 2 n₂) in each order.
Words seen once stand for all unknown ones, and what they have as one is shared out among as many, so that
gibberish is not cheap. It knows word order within three words and nothing else.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

_WORD = re.compile(r"[a-z0-9]+(?:['’][a-z]+)*|[^\sa-z0-9]")
_BEGIN, _END, _UNKNOWN = "<s>", "</s>", "<unk>"


def split(text: str) -> list[str]:
    """Return words and marks in lower case."""
    return _WORD.findall(text.lower())


class Trigrams:
    """The model, as counts."""

    def __init__(self, texts: Iterable[str]) -> None:
        """Count; there must be texts."""
        read = [split(text) for text in texts]
        counts = Counter(word for row in read for word in row)
        self._known = {word for word, count in counts.items() if count > 1}
        self._once = max(1, len(counts) - len(self._known))
        rows = [[_BEGIN, _BEGIN, *self._mapped(row), _END] for row in read]
        trigrams = Counter(gram for row in rows for gram in zip(row, row[1:], row[2:], strict=False))
        bigrams = Counter((v, w) for _, v, w in trigrams)  # continuation counts: in how many contexts
        unigrams = Counter((w,) for _, w in bigrams)
        self._orders = [_Order(unigrams), _Order(bigrams), _Order(trigrams)]
        self._even = 1 / (len(unigrams) + 1)

    def _mapped(self, row: Sequence[str]) -> list[str]:
        return [word if word in self._known else _UNKNOWN for word in row]

    def probability(self, context: Sequence[str], word: str) -> float:
        """Return P(word | the last two words of the context), each of them known or the unknown word."""
        found = self._even
        for length, order in enumerate(self._orders):
            before = tuple(context[len(context) - length :])
            found = order.mixed(before, word, found)
        return found

    def nats(self, text: str) -> tuple[float, int]:
        """Return (negative log-likelihood, words) of a text; that it ends does not count, as replies may be cut off."""
        row = [_BEGIN, _BEGIN, *self._mapped(split(text))]
        total = 0.0
        for place in range(2, len(row)):
            total -= math.log(self.probability(row[place - 2 : place], row[place]))
            total += math.log(self._once) if row[place] == _UNKNOWN else 0.0
        return total, len(row) - 2


class _Order:
    """Discounted counts of n-grams of one length."""

    def __init__(self, grams: Counter[Any]) -> None:
        self._grams = grams
        self._sums: Counter[Any] = Counter()
        self._kinds: Counter[Any] = Counter()
        for gram, count in grams.items():
            self._sums[gram[:-1]] += count
            self._kinds[gram[:-1]] += 1
        once = sum(count == 1 for count in grams.values())
        twice = sum(count == 2 for count in grams.values())
        self._discount = once / (once + 2 * twice) if once and twice else 0.75

    def mixed(self, before: tuple[str, ...], word: str, lower: float) -> float:
        """Return P(word | before), with `lower` the probability after a shorter context."""
        total = self._sums.get(before, 0)
        if not total:
            return lower
        kept = max(0.0, self._grams.get((*before, word), 0) - self._discount)
        return (kept + self._discount * self._kinds[before] * lower) / total
