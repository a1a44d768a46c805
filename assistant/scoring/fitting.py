"""Fitting the attribute heads on the scorers' split of the texts.

An attribute's own pairs teach its two poles; the pairs of all other attributes are neutral, given half to each
pole, so that a head learns not to answer to what is not its business. Scores are calibrated on prompts that the fit
has not seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.anchors.texts import POLES, Texts
from assistant.scoring.heads import Heads

NEUTRAL_WEIGHT = 0.25
"""Weight of a neutral text beside one of the attribute's own."""
C = 0.02
"""Inverse strength of the ridge penalty, chosen with the weight by cross-validation within the scorers' split."""
FOLDS = 5


@dataclass(frozen=True, slots=True)
class Labelled:
    """A reply with the attribute whose pair it belongs to, its pole (0 low, 1 high), and its prompt."""

    text: str
    attribute: str
    pole: int
    prompt: str


def corpus(texts: Texts, *splits: str) -> list[Labelled]:
    """Return all replies of the splits."""
    return [
        Labelled(reply, attribute.name, value, prompt.id)
        for attribute in texts.attributes
        for value, pole in enumerate(POLES)
        for prompt, reply in texts.pairs(attribute.name, pole, *splits)
    ]


def fit(names: Sequence[str], matrix: NDArray[np.float64], labels: Sequence[Labelled]) -> Heads:
    """Fit one calibrated head per attribute on inputs of shape (texts, 399).

    A logistic regression with a ridge penalty gives the direction; Platt's scaling (1999) of its logits on held-out
    folds of prompts, the attribute's own pairs alone, turns them into probabilities.
    """
    mean, spread = matrix.mean(0), matrix.std(0)
    scale = np.where(spread < 1e-6, 1.0, spread)  # a feature that never varies says nothing
    standard = (matrix - mean) / scale
    weights, bias = [], []
    for name in names:
        w, b = _regress(name, standard, labels)
        slope, shift = _calibrate(name, standard, labels, _folds(name, labels))
        weights.append(slope * w)
        bias.append(slope * b + shift)
    return Heads(tuple(names), mean, scale, np.array(weights), np.array(bias))


def _folds(name: str, labels: Sequence[Labelled]) -> NDArray[np.int_]:
    """Return a fold for each text, so that the attribute's own prompts are spread evenly."""
    own = {label.prompt for label in labels if label.attribute == name}
    numbers = {prompt: i for i, prompt in enumerate(sorted(own))}
    numbers |= {prompt: i for i, prompt in enumerate(sorted({label.prompt for label in labels} - own))}
    return np.array([numbers[label.prompt] % FOLDS for label in labels])


def _regress(name: str, x: NDArray[np.float64], labels: Sequence[Labelled]) -> tuple[NDArray[np.float64], float]:
    from sklearn.linear_model import LogisticRegression

    own, pole = _own(name, labels)
    neutral = x[~own]
    share = min(NEUTRAL_WEIGHT, own.sum() / max(1, len(neutral)))  # all the neutral texts weigh no more than the own
    inputs = np.vstack([x[own], neutral, neutral])
    targets = np.concatenate([pole[own], np.zeros(len(neutral)), np.ones(len(neutral))])
    weight = np.concatenate([np.ones(own.sum()), np.full(2 * len(neutral), share / 2)])
    model = LogisticRegression(C=C, max_iter=2000).fit(inputs, targets, sample_weight=weight)
    return model.coef_[0], float(model.intercept_[0])


def _calibrate(
    name: str, x: NDArray[np.float64], labels: Sequence[Labelled], fold: NDArray[np.int_]
) -> tuple[float, float]:
    """Return slope and shift of the logits, fitted where the regression has not looked."""
    from sklearn.linear_model import LogisticRegression

    own, pole = _own(name, labels)
    logits = np.zeros(len(labels))
    for number in range(FOLDS):
        inside = fold != number
        w, b = _regress(name, x[inside], [label for label, kept in zip(labels, inside, strict=True) if kept])
        logits[~inside] = x[~inside] @ w + b
    model = LogisticRegression(C=100).fit(logits[own, None], pole[own])
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def _own(name: str, labels: Sequence[Labelled]) -> tuple[NDArray[np.bool_], NDArray[np.int_]]:
    return np.array([label.attribute == name for label in labels]), np.array([label.pole for label in labels])


def table(results: Mapping[str, Mapping[str, float]]) -> str:
    """Return what `quality` found as a Markdown table."""
    lines = ["| attribute | AUC, held out | mean of low | mean of high | worst leak |", "|---|---|---|---|---|"]
    for name, row in results.items():
        lines.append(f"| {name} | {row['auc']:.3f} | {row['low']:.2f} | {row['high']:.2f} | {row['leak']:.2f} |")
    return "\n".join(lines)


def quality(heads: Heads, matrix: NDArray[np.float64], labels: Sequence[Labelled]) -> dict[str, dict[str, float]]:
    """Return, per attribute that has texts, the AUC on them, the mean score of each pole, and the worst leak.

    The leak is the largest difference that another attribute's two poles make to this attribute's mean score.
    """
    from sklearn.metrics import roc_auc_score

    scores = heads.score(matrix)
    measured = [name for name in heads.attributes if any(label.attribute == name for label in labels)]
    found = {}
    for name in measured:
        column = heads.attributes.index(name)
        own, pole = _own(name, labels)
        values = scores[:, column]
        leaks = [0.0]
        for other in measured:
            if other != name:
                theirs, _ = _own(other, labels)
                leaks.append(abs(float(values[theirs & (pole == 1)].mean() - values[theirs & (pole == 0)].mean())))
        found[name] = {
            "auc": float(roc_auc_score(pole[own], values[own])),
            "low": float(values[own & (pole == 0)].mean()),
            "high": float(values[own & (pole == 1)].mean()),
            "leak": max(leaks),
        }
    return found
