"""Fitting the attribute heads on the scorers' split of the texts.

An attribute's own pairs teach its two poles; the pairs of all other attributes are neutral, given half to each pole, so
that a head learns not to answer to what is not its business.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from assistant.anchors.texts import POLES, Texts
from assistant.scoring.embedder import Embedder
from assistant.scoring.heads import Heads, inputs

NEUTRAL_WEIGHT = 0.25
"""Weight of a neutral text beside one of the attribute's own."""
C = 0.02
"""Inverse strength of the ridge penalty, chosen by cross-validation over prompts within the scorers' split."""


def corpus(texts: Texts, *splits: str) -> tuple[list[str], list[tuple[str, int]]]:
    """Return all replies of the splits, and of each its attribute and pole (0 low, 1 high)."""
    found, labels = [], []
    for attribute in texts.attributes:
        for value, pole in enumerate(POLES):
            for _, reply in texts.pairs(attribute.name, pole, *splits):
                found.append(reply)
                labels.append((attribute.name, value))
    return found, labels


def fit(names: tuple[str, ...], matrix: NDArray[np.float64], labels: list[tuple[str, int]], c: float = C) -> Heads:
    """Fit one head per attribute on inputs of shape (texts, 397) with their labels."""
    from sklearn.linear_model import LogisticRegression

    mean, scale = matrix.mean(0), matrix.std(0) + 1e-9
    standard = (matrix - mean) / scale
    weights, bias = [], []
    for name in names:
        own = np.array([attribute == name for attribute, _ in labels])
        target = np.array([value for _, value in labels])
        x = np.vstack([standard[own], standard[~own], standard[~own]])
        y = np.concatenate([target[own], np.zeros((~own).sum()), np.ones((~own).sum())])
        w = np.concatenate([np.ones(own.sum()), np.full(2 * (~own).sum(), NEUTRAL_WEIGHT / 2)])
        model = LogisticRegression(C=c, max_iter=2000).fit(x, y, sample_weight=w)
        weights.append(model.coef_[0])
        bias.append(model.intercept_[0])
    return Heads(names, mean, scale, np.array(weights), np.array(bias))


def fit_heads(texts: Texts, embedder: Embedder) -> Heads:
    """Fit the heads on the scorers' split."""
    found, labels = corpus(texts, "scorers")
    return fit(tuple(each.name for each in texts.attributes), inputs(embedder.encode(found), found), labels)


def auc(scores: NDArray[np.float64], positive: NDArray[np.bool_]) -> float:
    """Return the area under the ROC curve: the chance that a positive scores above a negative."""
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(positive, scores))
