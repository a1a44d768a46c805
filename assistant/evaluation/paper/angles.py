"""Angles between anchors: cosines of their updates per layer and whole, beside those of unrelated updates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import torch

from assistant.anchors.bank import Factors
from assistant.anchors.gram import Array, cosines, directions, gram, means, scattered
from assistant.evaluation.paper import statistics as stats
from assistant.evaluation.paper.statistics import Rows


def grams(factors: Mapping[str, Factors]) -> Array:
    """Return the anchors' inner products per layer, shape (layers, 2n, 2n)."""
    return np.stack([gram(each) for each in factors.values()])


def seen(products: Array, through: Array) -> Array:
    """Return the inner products of combinations of anchors (rows of `through`) per layer."""
    return np.asarray(through @ products @ through.T)


def angles(factors: Mapping[str, Factors], names: Sequence[str], draws: int, seed: int) -> dict[str, Any]:
    """Return all cosines, with 95% bootstrap intervals over layers, beside those of a null.

    Args:
        factors: per layer.
        names: of the attributes.
        draws: of the null.
        seed: of the null.

    Returns:
        "anchors": the whole cosines of all anchors, (low, high) of each attribute, shape (2n, 2n);
        "poles": per attribute the cosine of its low and high update; "pairs": per pair of attributes that of the
        directions d and of the means m; each with the distribution over layers; "norms": of d and m as a share of
        the anchors' own; "null": the same cosines of updates of equal norms and spectra put elsewhere.
    """
    n, products = len(names), grams(factors)
    d, m = seen(products, directions(n)), seen(products, means(n))
    kinds = [name.rsplit(".", 1)[-1] for name in factors]
    return {
        "layers": len(factors),
        "poles": {name: _cosine(products, 2 * i, 2 * i + 1) for i, name in enumerate(names)},
        "anchors": np.round(cosines(products.sum(0)), 4).tolist(),
        "pairs": [
            {
                "one": names[i],
                "other": names[j],
                "directions": _cosine(d, i, j),
                "means": _cosine(m, i, j),
                "kinds": {kind: _of_kind(d, kinds, kind, i, j) for kind in dict.fromkeys(kinds)},
            }
            for i, j in combinations(range(n), 2)
        ],
        "norms": {
            name: {
                "direction": round(float(np.sqrt(d[:, i, i].sum())), 4),
                "mean": round(float(np.sqrt(m[:, i, i].sum())), 4),
            }
            for i, name in enumerate(names)
        },
        "null": null(factors, n, draws, seed),
    }


def null(factors: Mapping[str, Factors], attributes: int, draws: int, seed: int) -> dict[str, Any]:
    """Return the cosines of updates that were put elsewhere at random (see `scattered`), whole and per layer.

    Returns:
        For "poles", "directions" and "means": the 2.5th and 97.5th percentile of the whole cosine over draws and pairs,
        the greatest magnitude, and the root mean square of the cosine in one layer.
    """
    generator = torch.Generator().manual_seed(seed)
    whole: dict[str, list[float]] = {"poles": [], "directions": [], "means": []}
    layers: dict[str, list[float]] = {key: [] for key in whole}
    through = {"directions": directions(attributes), "means": means(attributes)}
    upper = np.triu_indices(attributes, 1)
    for _ in range(draws):
        apart = np.stack([gram(scattered(each, generator, 1)) for each in factors.values()])
        for i in range(attributes):
            whole["poles"].append(float(cosines(apart.sum(0))[2 * i, 2 * i + 1]))
            layers["poles"] += [float(value) for value in cosines(apart)[:, 2 * i, 2 * i + 1]]
        paired = np.stack([gram(scattered(each, generator, 2)) for each in factors.values()])
        for key, matrix in through.items():
            products = seen(paired, matrix)
            whole[key] += [float(value) for value in cosines(products.sum(0))[upper]]
            layers[key] += [float(value) for value in cosines(products)[:, upper[0], upper[1]].ravel()]
    return {key: _spread(values, layers[key]) for key, values in whole.items()}


def _spread(whole: Sequence[float], layers: Sequence[float]) -> dict[str, float]:
    low, high = np.percentile(whole, [2.5, 97.5])
    return {
        "low": round(float(low), 5),
        "high": round(float(high), 5),
        "largest": round(float(np.abs(whole).max()), 5),
        "layer": round(float(np.sqrt(np.mean(np.square(layers)))), 5),
    }


def _cosine(products: Array, i: int, j: int) -> dict[str, Any]:
    """Return the whole cosine with its interval over layers, and quantiles of the single layers'."""

    def statistic(rows: Rows) -> float:
        return float(cosines(products[rows].sum(0))[i, j])

    low, middle, high = np.percentile(cosines(products)[:, i, j], [5, 50, 95])
    spread = {"low": round(float(low), 4), "median": round(float(middle), 4), "high": round(float(high), 4)}
    return {"whole": stats.bootstrap(statistic, len(products), 300), "layers": spread}


def _of_kind(products: Array, kinds: Sequence[str], kind: str, i: int, j: int) -> float:
    rows = np.flatnonzero(np.array(kinds) == kind)
    return round(float(cosines(products[rows].sum(0))[i, j]), 4)
