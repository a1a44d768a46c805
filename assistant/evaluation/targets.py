"""The experiment "targets": all attributes set at once to random places; does each score follow what was asked?"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from statistics import fmean
from typing import Any

from assistant.anchors.texts import Prompt
from assistant.evaluation.measures import distinct, repetition
from assistant.evaluation.response import spread
from assistant.evaluation.sampling import (
    LOOPS,
    Score,
    Setting,
    Speaker,
    base_profile,
    base_replies,
    replies_to,
)
from assistant.style import Profile


def run(
    engine: Speaker,
    attributes: Sequence[str],
    prompts: Sequence[Prompt],
    setting: Setting,
    profiles: int,
    score: Score,
    report: Callable[[int, int], None] = lambda done, total: None,
    corners: bool = False,
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
        corners: whether every α is 0 or 1, rather than anywhere between.

    Returns:
        JSON-able results: per attribute Spearman's rank correlation of α and the profile's mean score, with a 95%
        bootstrap interval over profiles, and the difference of the mean score above and below α = ½; perplexity of all
        replies under the base, their diversity and loops, beside the base's own to the same prompts; and every profile
        with its replies.
    """
    rng = random.Random(setting.seed)
    began, rows, spoken, answered = time.time(), [], [], []
    for number in range(profiles):
        asked = {name: float(rng.random() < 0.5) if corners else rng.random() for name in attributes}
        neutral = replace(Profile.neutral(attributes), compose=setting.compose, strength=setting.strength)
        chosen = rng.sample(list(prompts), setting.prompts)
        engine.compose(neutral.with_alpha(asked))
        replies = list(replies_to(engine, chosen, replace(setting, seed=setting.seed + number)))
        scores = score(replies)
        measured = {name: fmean(each[name] for each in scores) for name in attributes}
        rows.append({"asked": asked, "measured": measured, "spread": spread(scores), "replies": replies})
        spoken += replies
        answered += chosen * setting.replies
        report(number + 1, profiles)
    judged = answered[: 8 * setting.prompts]
    own = base_replies(engine, attributes, judged, replace(setting, replies=1))
    engine.compose(base_profile(attributes))
    return {
        "experiment": "targets",
        "model": engine.name,
        **setting.describe(),
        "profiles": profiles,
        "corners": corners,
        "prompts_per_profile": setting.prompts,
        "spearman": {name: correlation(rows, name) for name in attributes},
        "effect": {name: effect(rows, name) for name in attributes},
        "replies": _quality(engine, answered, spoken),
        "base": _quality(engine, judged, own),
        "seconds": round(time.time() - began, 1),
        "rows": rows,
    }


def _quality(engine: Speaker, prompts: Sequence[Prompt], replies: Sequence[str]) -> dict[str, float]:
    """Return the replies' perplexity under the weights now composed, their diversity, and how many loop.

    Distinct-2 falls with the amount of text: it is the mean over chunks of 40 replies.
    """
    pairs = [(prompt.messages(), text) for prompt, text in zip(prompts, replies, strict=True) if text.strip()]
    losses = engine.losses([messages for messages, _ in pairs], [text for _, text in pairs])
    chunks = [list(replies[i : i + 40]) for i in range(0, len(replies), 40)]
    return {
        "perplexity": round(math.exp(math.fsum(a for a, _ in losses) / max(1, sum(b for _, b in losses))), 3),
        "distinct_2": round(fmean(distinct(chunk, 2) for chunk in chunks if len(chunk) == len(chunks[0])), 4),
        "loops": sum(repetition(reply) > LOOPS for reply in replies),
        "count": len(replies),
    }


def effect(rows: Sequence[dict[str, Any]], name: str) -> float:
    """Return the mean score of profiles that asked for more than ½ less that of the others."""
    sides = [[row["measured"][name] for row in rows if (row["asked"][name] > 0.5) is side] for side in (True, False)]
    return round(fmean(sides[0]) - fmean(sides[1]), 4) if all(sides) else 0.0


def correlation(rows: Sequence[dict[str, Any]], name: str, draws: int = 500) -> dict[str, float]:
    """Return Spearman's correlation of asked and measured for an attribute, with its 95% bootstrap interval.

    A score that never changes has the correlation 0.
    """
    from scipy.stats import spearmanr

    pairs = [(row["asked"][name], row["measured"][name]) for row in rows]
    rng = random.Random(0)

    def rho(sample: Sequence[tuple[float, float]]) -> float:
        if len({measured for _, measured in sample}) == 1:
            return 0.0
        return float(spearmanr([asked for asked, _ in sample], [measured for _, measured in sample]).statistic)

    found = sorted(rho(rng.choices(pairs, k=len(pairs))) for _ in range(draws))
    low, high = found[round(0.025 * (draws - 1))], found[round(0.975 * (draws - 1))]
    return {"mean": round(rho(pairs), 3), "low": round(low, 3), "high": round(high, 3)}


def table(results: dict[str, Any]) -> str:
    """Return the correlations, the effects and the quality as a Markdown table."""
    names = list(results["spearman"])
    rho = [f"{row['mean']:.2f} [{row['low']:.2f}, {row['high']:.2f}]" for row in results["spearman"].values()]
    moved = [f"{value:+.2f}" for value in results["effect"].values()]
    spoken, base = results["replies"], results["base"]
    return "\n".join(
        [
            f"| {results['compose']}, strength {results['strength']:g} | " + " | ".join(names) + " |",
            "|---|" + "---|" * len(names),
            f"| Spearman | {' | '.join(rho)} |",
            f"| above less below ½ | {' | '.join(moved)} |",
            "",
            f"Perplexity under the base {spoken['perplexity']:.2f}, "
            f"{spoken['perplexity'] / base['perplexity']:.2f} times its own replies' {base['perplexity']:.2f}; "
            f"distinct-2 {spoken['distinct_2']:.3f} (base {base['distinct_2']:.3f}); "
            f"{spoken['loops']} of {spoken['count']} replies loop.",
        ]
    )
