"""The scorer that the program uses: texts in, five numbers each out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

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
        self._heads = load_heads(path or locations.scorers())
        self._embedder = Embedder()

    def score(self, texts: Sequence[str]) -> list[dict[str, float]]:
        """Return the scores of each text by attribute."""
        if not texts:
            return []
        found = self._heads.score(inputs(self._embedder.encode(texts), list(texts)))
        return [{name: float(value) for name, value in zip(self._heads.attributes, row, strict=True)} for row in found]
