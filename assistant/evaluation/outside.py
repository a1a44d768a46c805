"""Outside checks of the scorers: do they agree with other people's labels, and with other people's measures?

Each comparison is a row: an attribute, what it is compared with, the area under the ROC curve with its 95%
interval, and Spearman's rank correlation where there is a measure to rank by. A comparison whose package is not
installed is left out and says so.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from typing import Any

import numpy as np

from assistant.evaluation import corpora, readability
from assistant.evaluation.measures import vader

Score = Callable[[Sequence[str]], list[dict[str, float]]]
SAMPLE = 1000
"""Texts of a side of a comparison at the most, drawn at random."""
SEED = 0
PAIRS: Sequence[tuple[str, str, Callable[[], tuple[list[str], list[str]]]]] = (
    ("sentiment", "Rotten Tomatoes sentences: positive against negative", corpora.snippets),
    ("sentiment", "IMDb reviews, first sentences: positive against negative", corpora.openings),
    ("politeness", "comments: other against those judged insulting", corpora.comments),
    ("humor", "pyjokes against facts", lambda: (corpora.facts(), corpora.programmer_jokes())),
    ("humor", "pyjoker's jokes against facts", lambda: (corpora.facts(), corpora.jokes())),
    ("formality", "facts against comments that are no insults", lambda: (corpora.comments()[1], corpora.facts())),
)
"""Attribute, what is compared, and the texts of the low and of the high side."""
RIVALS = {"sentiment": ("VADER instead", vader)}
"""A measure of other people's that is put to the same test."""
TEXTS: Sequence[tuple[str, Callable[[], list[str]]]] = (
    ("facts", corpora.facts),
    ("Rotten Tomatoes sentences", lambda: [*chain(*corpora.snippets())]),
    ("IMDb reviews, first sentences", lambda: [*chain(*corpora.openings())]),
)
"""Texts on which simplicity is compared with measures."""


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison."""

    attribute: str
    compared: str
    auc: float
    low: float
    """Lower end of the 95% interval of the AUC."""
    high: float
    texts: int
    spearman: float | None = None


def run(score: Score, report: Callable[[str], None] = lambda _: None) -> dict[str, Any]:
    """Make all comparisons.

    Returns:
        JSON-able results: "rows", and "missing" with the reason for each comparison that could not be made.
    """
    rows: list[Row] = []
    missing: dict[str, str] = {}
    for attribute, compared, sides in PAIRS:
        report(f"{attribute}: {compared}")
        try:
            low, high = (draw(side) for side in sides())
        except corpora.CorpusMissing as error:
            missing[f"{attribute}: {compared}"] = str(error)
            continue
        found = [np.array([each[attribute] for each in score(side)]) for side in (low, high)]
        rows.append(Row(attribute, compared, *separation(*found), len(low) + len(high)))
        if attribute in RIVALS:
            name, rival = RIVALS[attribute]
            theirs = [np.array([rival(text) for text in side]) for side in (low, high)]
            rows.append(Row(f"({name})", compared, *separation(*theirs), len(low) + len(high)))
    for name, read in TEXTS:
        report(f"simplicity: {name}")
        try:
            texts = draw(read())
            rows += simplicity(name, texts, [each["simplicity"] for each in score(texts)])
        except corpora.CorpusMissing as error:
            missing[f"simplicity: {name}"] = str(error)
    return {"rows": [asdict(row) for row in rows], "missing": missing, "sample": SAMPLE, "seed": SEED}


def draw(texts: Sequence[str]) -> list[str]:
    """Return at most `SAMPLE` of the texts, the same ones each time."""
    return random.Random(SEED).sample(list(texts), min(SAMPLE, len(texts)))


def simplicity(name: str, texts: Sequence[str], scores: Sequence[float]) -> Iterator[Row]:
    """Yield how the scores of simplicity follow each outside measure on the texts.

    The AUC is that of the easiest third by the measure against the hardest.
    """
    from scipy.stats import spearmanr

    found = np.array(scores)
    for measure, (function, sign) in readability.MEASURES.items():
        ease = np.array([sign * function(text) for text in texts])
        hard, easy = np.quantile(ease, (1 / 3, 2 / 3))
        auc = separation(found[ease <= hard], found[ease >= easy])
        yield Row("simplicity", f"{name}: {measure}", *auc, len(texts), float(spearmanr(found, ease).statistic))


def separation(low: np.ndarray[Any, Any], high: np.ndarray[Any, Any]) -> tuple[float, float, float]:
    """Return the AUC of two sides' scores, and its 95% interval after Hanley & McNeil (1982)."""
    from sklearn.metrics import roc_auc_score

    labels = np.concatenate([np.zeros(len(low)), np.ones(len(high))])
    auc = float(roc_auc_score(labels, np.concatenate([low, high])))
    one, two = auc / (2 - auc), 2 * auc * auc / (1 + auc)
    spread = auc * (1 - auc) + (len(high) - 1) * (one - auc**2) + (len(low) - 1) * (two - auc**2)
    half = 1.96 * math.sqrt(max(spread, 0.0) / (len(low) * len(high)))
    return auc, max(0.0, auc - half), min(1.0, auc + half)


def table(results: Mapping[str, Any]) -> str:
    """Return the comparisons as a Markdown table, with a line for each that could not be made."""
    lines = ["| attribute | compared with | AUC | 95% | Spearman | texts |", "|---|---|---|---|---|---|"]
    for row in results["rows"]:
        rank = "" if row["spearman"] is None else f"{row['spearman']:.2f}"
        lines.append(
            f"| {row['attribute']} | {row['compared']} | {row['auc']:.3f} | {row['low']:.3f}–{row['high']:.3f} "
            f"| {rank} | {row['texts']} |"
        )
    return "\n".join([*lines, *(f"\nNot made: {what}, which {why}" for what, why in results["missing"].items())])
