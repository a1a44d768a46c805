"""The experiment "targets": all attributes set at once to random places; does each score follow what was asked?"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from statistics import fmean
from typing import Any

from assistant.anchors.texts import Prompt
from assistant.evaluation.measures import distinct, repetition
from assistant.evaluation.voices import Score, Setting, Speaker, replies_to
from assistant.style import Profile

LOOPS = 0.3
"""A reply is counted as looping when so many of its 4-grams came before."""


def run(
    engine: Speaker,
    attributes: Sequence[str],
    prompts: Sequence[Prompt],
    setting: Setting,
    profiles: int,
    score: Score,
    report: Callable[[int, int], None] = lambda done, total: None,
) -> dict[str, Any]:
    """Generate replies for random profiles, every λ even, and compare asked α with measured scores.

    Args:
        engine: speaks.
        attributes: all attributes of the bank.
        prompts: the held-out prompts; each profile answers `setting.prompts` of them, drawn anew.
        setting: what to run; `setting.alphas` is not used.
        profiles: how many.
        score: the attribute scorers.
        report: called with the finished and all profiles.

    Returns:
        JSON-able results: per attribute Spearman's rank correlation of α and the profile's mean score, with a 95%
        bootstrap interval over profiles; diversity and loops of all replies; and every profile with its replies.
    """
    rng = random.Random(setting.seed)
    began, rows = time.time(), []
    for number in range(profiles):
        asked = {name: rng.random() for name in attributes}
        profile = replace(Profile.neutral(attributes).with_alpha(asked), compose=setting.compose)
        chosen = rng.sample(list(prompts), setting.prompts)
        engine.compose(profile)
        replies = list(replies_to(engine, chosen, replace(setting, seed=setting.seed + number)))
        scores = score(replies)
        measured = {name: fmean(each[name] for each in scores) for name in attributes}
        rows.append({"asked": asked, "measured": measured, "replies": replies})
        report(number + 1, profiles)
    spoken = [reply for row in rows for reply in row["replies"]]
    return {
        "experiment": "targets",
        "model": engine.name,
        "compose": str(setting.compose),
        "profiles": profiles,
        "prompts_per_profile": setting.prompts,
        "seed": setting.seed,
        "seconds": round(time.time() - began, 1),
        "spearman": {name: correlation(rows, name) for name in attributes},
        "distinct_2": round(distinct(spoken, 2), 4),
        "loops": sum(repetition(reply) > LOOPS for reply in spoken),
        "replies": len(spoken),
        "rows": rows,
    }


def correlation(rows: Sequence[dict[str, Any]], name: str, draws: int = 500) -> dict[str, float]:
    """Return Spearman's correlation of asked and measured for an attribute, with its 95% bootstrap interval."""
    from scipy.stats import spearmanr

    pairs = [(row["asked"][name], row["measured"][name]) for row in rows]
    rng = random.Random(0)

    def rho(sample: Sequence[tuple[float, float]]) -> float:
        return float(spearmanr([asked for asked, _ in sample], [measured for _, measured in sample]).statistic)

    found = sorted(rho(rng.choices(pairs, k=len(pairs))) for _ in range(draws))
    low, high = found[round(0.025 * (draws - 1))], found[round(0.975 * (draws - 1))]
    return {"mean": round(rho(pairs), 3), "low": round(low, 3), "high": round(high, 3)}


def table(results: dict[str, Any]) -> str:
    """Return the correlations as a Markdown table."""
    names = list(results["spearman"])
    cells = [f"{row['mean']:.2f} [{row['low']:.2f}, {row['high']:.2f}]" for row in results["spearman"].values()]
    return "\n".join(
        [
            "| composition | " + " | ".join(names) + " | distinct-2 | loops |",
            "|---|" + "---|" * (len(names) + 2),
            f"| {results['compose']} | {' | '.join(cells)} | {results['distinct_2']:.3f} | "
            f"{results['loops']} of {results['replies']} |",
        ]
    )
