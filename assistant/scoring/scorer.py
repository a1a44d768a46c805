"""The scorer that the program uses: texts in, a number per attribute out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant import locations
from assistant.scoring.embedder import Embedder
from assistant.scoring.heads import inputs, load_heads


class Scorer:
    """Scores texts in [0, 1] per attribute: 0 sounds like the low pole, 1 like the high one."""

    def __init__(self, path: Path | None = None) -> None:
        """Load heads and embedder; slow, imports torch.

        Raises:
            ScorerError: one of them is missing or damaged.
        """
        self.heads = load_heads(path or locations.scorers())
        self._embedder = Embedder()

    def score(self, texts: Sequence[str]) -> list[dict[str, float]]:
        """Return the scores of each text by attribute."""
        if not texts:
            return []
        found = self.heads.score(self.inputs(texts))
        return [{name: float(value) for name, value in zip(self.heads.attributes, row, strict=True)} for row in found]

    def inputs(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return what the heads see of texts, shape (texts, 399)."""
        return inputs(self._embedder.encode(texts), list(texts))
