"""The experiment "voices": one attribute moved from pole to pole, on prompts that nothing was trained on."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from assistant.anchors.texts import Prompt
from assistant.evaluation.measures import OWN
from assistant.evaluation.sampling import (
    Score,
    Setting,
    Speaker,
    base_profile,
    base_replies,
    perplexity,
    replies_to,
    summary,
)
from assistant.style import Profile


def run(
    engine: Speaker,
    attributes: Sequence[str],
    prompts: Sequence[Prompt],
    setting: Setting,
    score: Score,
    report: Callable[[int, int], None] = lambda done, total: None,
    only: Sequence[str] = (),
    together: bool = False,
) -> dict[str, Any]:
    """Generate and measure replies for every α of every attribute.

    Args:
        engine: speaks.
        attributes: all attributes of the bank.
        prompts: the held-out prompts.
        setting: what to run.
        score: the attribute scorers.
        report: called with the finished and all cells.
        only: attributes to move; all when empty.
        together: whether the others keep an even λ at α = ½, rather than none.

    Returns:
        JSON-able results: per attribute and α the mean of each measure with a 95% bootstrap interval over prompts, the
        perplexity of the replies under the base model, and the replies themselves; the same for the base model's own
        replies; and what it all comes to, as `findings`.
    """
    chosen = list(prompts)[: setting.prompts]
    moved = list(only or attributes)
    began, total = time.time(), len(moved) * len(setting.alphas)
    own = base_replies(engine, attributes, chosen, setting)
    base = {**summary(own, len(chosen), score(own)), "replies": own}
    cells: dict[str, list[dict[str, Any]]] = {}
    for name in moved:
        cells[name] = []
        for alpha in setting.alphas:
            neutral = replace(Profile.neutral(attributes), compose=setting.compose, strength=setting.strength)
            moving = neutral.with_alpha({name: alpha}) if together else neutral.with_options(alpha={name: alpha})
            engine.compose(moving)
            replies = list(replies_to(engine, chosen, setting))
            cells[name].append({"alpha": alpha, **summary(replies, len(chosen), score(replies)), "replies": replies})
            report(sum(map(len, cells.values())), total)
    engine.compose(base_profile(attributes))
    for cell in [base, *(cell for row in cells.values() for cell in row)]:
        cell["perplexity"] = round(perplexity(engine, chosen, cell["replies"]), 3)
    return {
        "experiment": "voices",
        "model": engine.name,
        **setting.describe(),
        "together": together,
        "prompts": [prompt.prompt for prompt in chosen],
        "seconds": round(time.time() - began, 1),
        "base": base,
        "attributes": cells,
        "findings": {name: findings(name, row, base) for name, row in cells.items()},
    }


def findings(name: str, cells: Sequence[dict[str, Any]], base: dict[str, Any]) -> dict[str, Any]:
    """Return what one attribute's cells show.

    Returns:
        `spearman` of mean score and α, the largest step against the direction (`back_step`); and over the cells with α
        in [0, 1]: by how much the score rises from the first to the last (`moved`) and the others change (`leaks`), the
        largest perplexity and the smallest distinct-2 in proportion to the base's own replies, and the loops.
    """
    from scipy.stats import spearmanr

    means = [cell["scores"][name]["mean"] for cell in cells]
    inner = [cell for cell in cells if 0 <= cell["alpha"] <= 1] or list(cells)
    change = {
        other: round(inner[-1]["scores"][other]["mean"] - inner[0]["scores"][other]["mean"], 4)
        for other in inner[0]["scores"]
    }
    return {
        "moved": change.pop(name),
        "spearman": round(float(spearmanr([cell["alpha"] for cell in cells], means).statistic), 4),
        "back_step": round(max(0.0, *(before - after for before, after in pairwise(means)), 0.0), 4),
        "leaks": change,
        "perplexity_ratio": round(max(cell["perplexity"] for cell in inner) / base["perplexity"], 3),
        "distinct_ratio": round(min(cell["distinct_2"] for cell in inner) / base["distinct_2"], 3),
        "loops": sum(cell["loops"] for cell in inner),
        "replies": sum(len(cell["replies"]) for cell in inner),
    }


def table(results: dict[str, Any]) -> str:
    """Return Markdown: scores and outside measures against α, then the findings."""
    alphas = [cell["alpha"] for cell in next(iter(results["attributes"].values()))]
    lines = [
        "| attribute | measure | " + " | ".join(f"α = {alpha:g}" for alpha in alphas) + " |",
        "|---|---|" + "---|" * len(alphas),
    ]
    for name, cells in results["attributes"].items():
        lines.append(_row(name, "our score", [cell["scores"][name] for cell in cells]))
        if name in OWN:
            measure, _ = OWN[name]
            lines.append(_row(name, measure, [cell[measure] for cell in cells]))
        lines.append(f"| {name} | perplexity | " + " | ".join(f"{cell['perplexity']:.1f}" for cell in cells) + " |")
    return "\n".join([*lines, "", *_findings(results)])


def _findings(results: dict[str, Any]) -> list[str]:
    lines = [
        "| attribute | score, 0 to 1 | Spearman | step back | moves most besides | perplexity | distinct-2 | loops |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, found in results["findings"].items():
        other = max(found["leaks"], key=lambda each: abs(found["leaks"][each]), default="")
        besides = f"{other} {found['leaks'][other]:+.2f}" if other else "–"
        lines.append(
            f"| {name} | {found['moved']:+.2f} | {found['spearman']:.2f} | {found['back_step']:.3f} | {besides} | "
            f"{found['perplexity_ratio']:.2f} × base | {found['distinct_ratio']:.2f} × base | "
            f"{found['loops']} of {found['replies']} |"
        )
    base = results["base"]
    lines += ["", f"The base's own replies: perplexity {base['perplexity']:.2f}, distinct-2 {base['distinct_2']:.3f}."]
    return lines


def _row(name: str, measure: str, cells: Sequence[dict[str, float]]) -> str:
    shown = " | ".join(f"{cell['mean']:.2f} [{cell['low']:.2f}, {cell['high']:.2f}]" for cell in cells)
    return f"| {name} | {measure} | {shown} |"
