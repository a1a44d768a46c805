"""A score without generation: does the composed model find an attribute's high texts likelier than its low ones?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from assistant.anchors.texts import POLES, Texts
from assistant.evaluation.paper.lab import Subject

WORDS = 24
"""Of each text, its beginning alone is read."""


class LikelihoodRatio:
    """L_j = mean over held-out pairs of log p(high) − log p(low), each per token, in nats; one number per attribute."""

    def __init__(self, engine: Subject, texts: Texts, pairs: int, split: str = "heldout") -> None:
        """Take the first so many pairs of texts of a split, of each attribute.

        Args:
            engine: judges, under the weights that are composed at the time.
            texts: where the pairs come from.
            pairs: per attribute.
            split: nothing was trained on it.
        """
        self._engine = engine
        ids = [prompt.id for prompt in texts.split(split)[:pairs]]
        self._texts = {
            name: [" ".join(texts.replies[name][each][pole].split()[:WORDS]) for pole in POLES for each in ids]
            for name in texts.replies
        }
        self.pairs = len(ids)

    def of(self, names: Sequence[str]) -> NDArray[np.float64]:
        """Return L of each pair of texts, shape (names, pairs)."""
        losses = self._engine.text_losses([text for name in names for text in self._texts[name]])
        per_token = np.array([-nats / max(1, tokens) for nats, tokens in losses])
        low, high = per_token.reshape(len(names), 2, self.pairs).transpose(1, 0, 2)
        ratios: NDArray[np.float64] = high - low
        return ratios
