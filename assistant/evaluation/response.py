"""The bank's response as its card keeps it: measured scores at the places c where profiles put it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

_EDGE = 0.02


def spread(scores: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return the variance, per attribute, of the replies' scores in logits (scores kept 0.02 away from 0 and 1)."""
    found = {}
    for name in scores[0]:
        logits = [_logit(each[name]) for each in scores]
        middle = fmean(logits)
        found[name] = math.fsum((value - middle) ** 2 for value in logits) / max(1, len(logits) - 1)
    return found


def response(results: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the experiment "targets" measured as a card's response.

    c = s (2α − 1) at even λ, as in full and centred composition (docs/architecture.md).

    Returns:
        {"points": [{"c", "scores"}, …], "noise": standard deviation of one reply's score in logits}, and how it was
        measured.
    """
    points = [
        {
            "c": {name: round(results["strength"] * (2 * alpha - 1), 4) for name, alpha in row["asked"].items()},
            "scores": {name: round(value, 4) for name, value in row["measured"].items()},
        }
        for row in results["rows"]
    ]
    noise = {
        name: round(math.sqrt(fmean(row["spread"][name] for row in results["rows"])), 4)
        for name in results["rows"][0]["spread"]
    }
    measured = {name: results[name] for name in ("compose", "strength", "profiles", "prompts_per_profile", "seed")}
    return {"points": points, "noise": noise, "measured": measured}


def _logit(score: float) -> float:
    inside = min(1 - _EDGE, max(_EDGE, score))
    return math.log(inside / (1 - inside))
