"""The attribute heads: one calibrated logistic regression per attribute over embedding and surface features."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.scoring.embedder import SIZE, ScorerError
from assistant.scoring.surface import NAMES, features
from assistant.sealing import is_broken, sealed

_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Heads:
    """Score = σ(w · standardised features + b), the logistic regression's probability of the high pole."""

    attributes: tuple[str, ...]
    mean: NDArray[np.float64]
    """Of each feature over the training texts, shape (399,)."""
    scale: NDArray[np.float64]
    """Standard deviation of each feature, shape (399,)."""
    weights: NDArray[np.float64]
    """Shape (attributes, 399)."""
    bias: NDArray[np.float64]
    """Shape (attributes,)."""

    def score(self, inputs: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return scores of shape (texts, attributes) for inputs of shape (texts, 399)."""
        logits = (inputs - self.mean) / self.scale @ self.weights.T + self.bias
        return 1 / (1 + np.exp(-np.clip(logits, -60, 60)))

    def joined(self, other: Heads) -> Heads:
        """Return these heads followed by those of `other`, which take the place of any of the same name.

        The others' logits are written in this one's standardised features; they stay what they were.
        """
        kept = [row for row, name in enumerate(self.attributes) if name not in other.attributes]
        weights = other.weights * self.scale / other.scale
        bias = other.bias + other.weights @ ((self.mean - other.mean) / other.scale)
        return Heads(
            (*(self.attributes[row] for row in kept), *other.attributes),
            self.mean,
            self.scale,
            np.vstack([self.weights[kept], weights]),
            np.concatenate([self.bias[kept], bias]),
        )

    def save(self, path: Path) -> None:
        """Write the heads as JSON, six significant digits to a number."""
        values = {
            "format": _FORMAT,
            "attributes": list(self.attributes),
            **{
                name: [_short(row) for row in np.atleast_1d(getattr(self, name))]
                for name in ("mean", "scale", "weights", "bias")
            },
        }
        partial = path.with_name(f".{path.name}.partial")
        partial.write_text(json.dumps(sealed(values)) + "\n", encoding="utf-8")
        os.replace(partial, path)


def _short(value: Any) -> Any:
    """Return numbers with six significant digits."""
    return [_short(each) for each in value] if np.ndim(value) else float(f"{value:.6g}")


def load_heads(path: Path) -> Heads:
    """Read the heads.

    Raises:
        ScorerError: the file is missing or damaged.
    """
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        if is_broken(raw):
            raise ValueError("the file is not as it was written")
        heads = Heads(
            tuple(map(str, raw["attributes"])),
            *(np.array(raw[name], dtype=np.float64) for name in ("mean", "scale", "weights", "bias")),
        )
        size = SIZE + len(NAMES)
        if (
            raw["format"] != _FORMAT
            or heads.weights.shape != (len(heads.attributes), size)
            or heads.mean.shape != (size,)
        ):
            raise ValueError("another format")
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise ScorerError(
            f"the scorers in {path} cannot be read ({error}): restore the file or run assistant train-scorers"
        ) from error
    return heads


def inputs(embeddings: NDArray[np.float64], texts: list[str]) -> NDArray[np.float64]:
    """Return embedding and surface features side by side, shape (texts, 399)."""
    return np.hstack([embeddings, np.array([features(text) for text in texts]).reshape(len(texts), len(NAMES))])
