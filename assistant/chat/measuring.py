"""Measuring replies by the attribute scorers, which are loaded when they are first needed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from assistant import locations

if TYPE_CHECKING:
    from assistant.scoring.scorer import Scorer

Measure = Callable[[str], Mapping[str, float]]
"""From a text to its attribute scores in [0, 1]."""


class Measuring:
    """The scorers that belong to a bank. Safe to call from several threads."""

    def __init__(self, bank: Path) -> None:
        self._bank = bank
        self._scorer: Scorer | None = None
        self._lock = threading.Lock()

    def __call__(self, text: str) -> Mapping[str, float]:
        """Return the scores of a text; the first call loads the scorers, which takes seconds and imports torch.

        Raises:
            ScorerError: the scorers are missing or damaged.
        """
        with self._lock:
            if self._scorer is None:
                from assistant.engine.base_model import LOADING, quieten

                quieten()
                with LOADING:
                    from assistant.scoring.scorer import Scorer

                    self._scorer = Scorer(locations.scorers(self._bank))
            return self._scorer.score([text])[0]
