"""The experiment "voices": one attribute at a time from pole to pole, on prompts that nothing was trained on."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean
from typing import Any, Protocol

from assistant.anchors.texts import Prompt
from assistant.chat.host import Messages
from assistant.engine.sampling import Sampling
from assistant.evaluation.measures import MEASURES, OWN, distinct
from assistant.style import Compose, Profile

BATCH = 48
Score = Callable[[Sequence[str]], Sequence[Mapping[str, float]]]


class Speaker(Protocol):
    """What the experiment needs of an engine."""

    name: str

    def compose(self, profile: Profile) -> bool:
        """Compose the profile into the weights."""

    def batch(self, conversations: Sequence[Messages], settings: Sequence[Sampling]) -> list[tuple[str, int]]:
        """Return text and number of tokens of one reply per conversation."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What is run."""

    alphas: tuple[float, ...] = (0.0, 0.25, 0.5, 0.75, 1.0)
    prompts: int = 24
    """Held-out prompts, the first so many."""
    replies: int = 2
    """Seeds per prompt."""
    max_tokens: int = 60
    seed: int = 1
    compose: Compose = Compose.FULL


def run(
    engine: Speaker,
    attributes: Sequence[str],
    prompts: Sequence[Prompt],
    setting: Setting,
    score: Score,
    report: Callable[[int, int], None] = lambda done, total: None,
    only: Sequence[str] = (),
) -> dict[str, Any]:
    """Generate and measure replies for every α of every attribute, the others without weight.

    Args:
        engine: speaks.
        attributes: all attributes of the bank.
        prompts: the held-out prompts.
        setting: what to run.
        score: the attribute scorers.
        report: called with the finished and all cells.
        only: attributes to move; all when empty.

    Returns:
        JSON-able results: per attribute and α the mean of each measure with a 95% bootstrap interval over prompts, and
        the replies themselves.
    """
    chosen = list(prompts)[: setting.prompts]
    moved = list(only or attributes)
    began, total = time.time(), len(moved) * len(setting.alphas)
    cells: dict[str, list[dict[str, Any]]] = {}
    for name in moved:
        cells[name] = []
        for alpha in setting.alphas:
            profile = Profile.neutral(attributes).with_options(alpha={name: alpha}, compose=setting.compose)
            engine.compose(profile)
            replies = list(replies_to(engine, chosen, setting))
            cells[name].append({"alpha": alpha, **summary(replies, len(chosen), score(replies)), "replies": replies})
            report(sum(map(len, cells.values())), total)
    return {
        "experiment": "voices",
        "model": engine.name,
        "compose": str(setting.compose),
        "prompts": [prompt.prompt for prompt in chosen],
        "replies_per_prompt": setting.replies,
        "max_tokens": setting.max_tokens,
        "seed": setting.seed,
        "seconds": round(time.time() - began, 1),
        "attributes": cells,
    }


def replies_to(engine: Speaker, prompts: Sequence[Prompt], setting: Setting) -> Iterator[str]:
    """Yield the replies, prompt by prompt within each seed."""
    for repeat in range(setting.replies):
        for start in range(0, len(prompts), BATCH):
            chunk = prompts[start : start + BATCH]
            settings = [
                Sampling(max_tokens=setting.max_tokens, seed=setting.seed + 1000 * repeat + start + row)
                for row in range(len(chunk))
            ]
            yield from (text for text, _ in engine.batch([prompt.messages() for prompt in chunk], settings))


def summary(replies: Sequence[str], prompts: int, scores: Sequence[Mapping[str, float]]) -> dict[str, Any]:
    """Return each measure's and score's mean with its interval, and the diversity of the replies together.

    Args:
        replies: seed by seed, in the order of the prompts within each.
        prompts: number of prompts, over which the interval is drawn.
        scores: of each reply, by attribute.
    """
    found: dict[str, Any] = {
        name: _mean([measure(reply) for reply in replies], prompts) for name, measure in MEASURES.items()
    }
    found["scores"] = {name: _mean([each[name] for each in scores], prompts) for name in scores[0]}
    found["distinct_2"] = round(distinct(list(replies), 2), 4)
    return found


def _mean(values: Sequence[float], prompts: int) -> dict[str, float]:
    low, high = bootstrap([fmean(values[row::prompts]) for row in range(prompts)])
    return {"mean": round(fmean(values), 4), "low": round(low, 4), "high": round(high, 4)}


def bootstrap(values: Sequence[float], draws: int = 1000, seed: int = 0) -> tuple[float, float]:
    """Return the 95% percentile bootstrap interval of the mean."""
    rng = random.Random(seed)
    means = sorted(fmean(rng.choices(values, k=len(values))) for _ in range(draws))
    return means[round(0.025 * (draws - 1))], means[round(0.975 * (draws - 1))]


def table(results: dict[str, Any]) -> str:
    """Return a Markdown table: each attribute's score and outside measure against α, and what else moved most."""
    alphas = [cell["alpha"] for cell in next(iter(results["attributes"].values()))]
    lines = [
        "| attribute | measure | " + " | ".join(f"α = {alpha:g}" for alpha in alphas) + " | monotone |",
        "|---|---|" + "---|" * (len(alphas) + 1),
    ]
    for name, cells in results["attributes"].items():
        lines.append(_row(name, "our score", [cell["scores"][name] for cell in cells], 1))
        if name in OWN:
            measure, sign = OWN[name]
            lines.append(_row(name, measure, [cell[measure] for cell in cells], sign))
        moved = {
            other: cells[-1]["scores"][other]["mean"] - cells[0]["scores"][other]["mean"]
            for other in cells[0]["scores"]
            if other != name
        }
        worst = max(moved, key=lambda other: abs(moved[other]))
        lines.append(f"| {name} | moved most besides | {worst} by {moved[worst]:+.2f} |" + " |" * len(alphas))
    return "\n".join(lines)


def _row(name: str, measure: str, cells: Sequence[dict[str, float]], sign: int) -> str:
    shown = " | ".join(f"{cell['mean']:.2f} [{cell['low']:.2f}, {cell['high']:.2f}]" for cell in cells)
    rises = all(sign * (after["mean"] - before["mean"]) > 0 for before, after in pairwise(cells))
    return f"| {name} | {measure} | {shown} | {'yes' if rises else 'no'} |"
