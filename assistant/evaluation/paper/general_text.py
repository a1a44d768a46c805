"""General English to measure perplexity on: WikiText where there is one, else what packages have."""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path

from assistant.errors import BadInput
from assistant.evaluation import corpora
from assistant.scoring.surface import words

LEAST = 40
"""Words that a passage has at least."""
MOST = 120


def general_text(count: int, wikitext: Path | None = None, seed: int = 0) -> tuple[list[str], str]:
    """Return passages of about 40 to 120 words, and the name of where they come from.

    Args:
        count: passages.
        wikitext: a raw file of WikiText (`wiki.test.raw`); when None, the beginnings of IMDb reviews are taken.
        seed: decides which.

    Raises:
        BadInput: the file cannot be read or has too few passages.
        CorpusMissing: there is no file and the package with the reviews is not installed.
    """
    if wikitext is None:
        passages = [text for side in corpora.openings() for text in side]
        name = "IMDb reviews"
    else:
        try:
            passages = wikitext.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput(f"{wikitext} cannot be read as text: {error}") from error
        name = "WikiText"
    kept = list(_fitting(passages))
    if len(kept) < count:
        raise BadInput(f"{name} has {len(kept)} passages of {LEAST} words or more, not {count}")
    return random.Random(seed).sample(kept, count), name


def _fitting(passages: Iterable[str]) -> Iterable[str]:
    for passage in passages:
        found = passage.split()
        if len(words(passage)) >= LEAST and not passage.lstrip().startswith("="):
            yield " ".join(found[:MOST])
