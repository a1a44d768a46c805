"""Places of the experiment "extrapolation", each measured once: what the lab measures, and KL from the base."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, cast

import numpy as np

from assistant.chat.host import Messages
from assistant.evaluation.paper import stability
from assistant.evaluation.paper.lab import Lab, Vector
from assistant.evaluation.paper.stability import Ratios

if TYPE_CHECKING:
    import torch


class Distributions(Protocol):
    """An engine that tells its next-token distributions."""

    def log_probs(self, conversations: Sequence[Messages], replies: Sequence[str]) -> list[torch.Tensor]:
        """Return the log-probabilities along given replies, each of shape (tokens, vocabulary)."""


class Places:
    """Measures of places in centred composition, from the lab's cells."""

    def __init__(self, lab: Lab) -> None:
        """Take the lab."""
        self._lab = lab
        self._engine = cast("Distributions", lab.engine)
        self._own: list[torch.Tensor] = []
        self.fresh = 0
        """Cells measured in this run."""

    def k(self, c: Mapping[str, float]) -> Vector:
        """Return the coefficients of all anchors: k = ±c/2 for the two poles of each attribute."""
        return np.array([sign * c.get(name, 0.0) / 2 for name in self._lab.names for sign in (-1, 1)]) + 0.0

    def at(self, c: Mapping[str, float]) -> Ratios | None:
        """Return the measures where attributes have these c and the others none; None where the model breaks."""
        lab, k = self._lab, self.k(c)
        key = " ".join(f"{name} {c[name]:+g}" for name in lab.names if c.get(name)) or "base"
        self.fresh += (f"{key} kl" not in lab.cells) or (key not in lab.cells)
        cell = lab.at(key, k)
        if "broken" in cell:
            return None
        divergence = lab.cells.get(f"{key} kl", lambda: self._divergence(k))
        return stability.ratios(cell, divergence, len(lab.prompts))

    def _divergence(self, k: Vector) -> dict[str, Any]:
        """Return Σ over tokens of KL(base ‖ composed), in nats, along each of the base's own replies.

        Teacher-forced: KL(p ‖ q) = Σ p (log p − log q) at each position of the base's reply, p the base's distribution.
        """
        lab = self._lab
        replies = [text or " " for text in lab.base()["replies"]]
        asked = [prompt.messages() for prompt in lab.asked()]
        if not self._own:
            lab.engine.composer.set(np.zeros(2 * len(lab.names)))
            self._own = self._engine.log_probs(asked, replies)
        lab.engine.composer.set(k)
        nats = [
            float((own.exp() * (own - moved)).sum())
            for own, moved in zip(self._own, self._engine.log_probs(asked, replies), strict=True)
        ]
        if not all(map(math.isfinite, nats)):
            return {"broken": "the logits are not finite"}
        return {"nats": [round(each, 4) for each in nats], "tokens": [len(own) for own in self._own]}
