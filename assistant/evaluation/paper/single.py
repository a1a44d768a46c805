"""The experiment "single": one attribute alone, α from far below the low anchor to far above the high one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.evaluation.paper import drawing
from assistant.evaluation.paper import statistics as stats
from assistant.evaluation.paper.cells import Cell
from assistant.evaluation.paper.experiments import Source
from assistant.evaluation.paper.general_text import general_text
from assistant.evaluation.paper.lab import Lab, Plan, Vector
from assistant.evaluation.paper.statistics import Number, Rows, shown

TITLE = "One attribute alone"
SMALL = Plan(prompts=12)
FULL = Plan(full=True, prompts=40, replies=2)
PASSAGES = {False: 8, True: 100}
"""Passages of general English on which the composed model is judged."""


def alphas(full: bool) -> list[float]:
    """Return the places: −1.5 to 2.5 in steps of ¼, or 37 from −3 to 4."""
    low, high, count = (-3.0, 4.0, 37) if full else (-1.5, 2.5, 17)
    return [round(float(value), 4) for value in np.linspace(low, high, count)]


def run(lab: Lab, source: Source, options: Mapping[str, Any]) -> dict[str, Any]:
    """Measure every place of every attribute.

    Returns:
        Per attribute a row per α: scores, perplexity of the replies under the base, distinct-1/2/3, loops, and the
        perplexity of general English under the composed model; the same for the base; and per attribute Spearman's
        correlation of α and score, over all places and within [0, 1], and where the score turns back.
    """
    places = alphas(lab.plan.full)
    passages, corpus = general_text(PASSAGES[lab.plan.full], options.get("wikitext"))
    progress = lab.progress(len(lab.names) * len(places))
    n = len(lab.prompts)

    def row(key: str, k: Vector) -> dict[str, Any]:
        found = stats.summary(lab.at(key, k), lab.names, n)
        general = lab.cells.get(f"{key} general", lambda: _general(lab, k, passages))
        return {**found, "general": _perplexity(general)}

    def scores(name: str, rows: list[dict[str, Any]]) -> NDArray[np.float64]:
        cells = [lab.at(f"{name} {row['alpha']:g}", lab.neutral()) for row in rows if "broken" not in row]
        return np.array([stats.by_prompt(cell["scores"][name], n) for cell in cells])

    base = row("base", np.zeros(2 * len(lab.names)))
    curves: dict[str, list[dict[str, Any]]] = {}
    for name in lab.names:
        curves[name] = []
        for alpha in places:
            key = f"{name} {alpha:g}"
            known = f"{key} general" in lab.cells
            curves[name].append({"alpha": alpha, **row(key, lab.k(lab.alone(name, alpha)))})
            progress.step(key, not known)
    return {
        "corpus": corpus,
        "passages": len(passages),
        "base": base,
        "curves": curves,
        "findings": {name: findings(name, rows, scores(name, rows)) for name, rows in curves.items()},
    }


def _general(lab: Lab, k: Vector, passages: list[str]) -> dict[str, Any]:
    lab.engine.composer.set(k)
    losses = lab.engine.text_losses(passages)
    return {"nats": [round(nats, 3) for nats, _ in losses], "tokens": [tokens for _, tokens in losses]}


def _perplexity(cell: Cell) -> Number:
    return stats.perplexity(cell, len(cell["nats"])) if all(map(math.isfinite, cell["nats"])) else dict(_BEYOND)


_BEYOND = {"mean": math.inf, "low": math.inf, "high": math.inf}


def findings(name: str, rows: list[dict[str, Any]], scores: NDArray[np.float64]) -> dict[str, Any]:
    """Return what a curve shows of the paper's claim that scores follow α smoothly.

    Args:
        name: of the attribute.
        rows: of its curve.
        scores: of the rows that are not broken, shape (rows, prompts).

    Returns:
        Spearman's correlation of α and the mean score over all places and over those from 0 to 1; the rise from 0 to 1;
        and the places at which the model breaks.
    """
    whole = [row["alpha"] for row in rows if "broken" not in row]
    inside = [i for i, alpha in enumerate(whole) if 0 <= alpha <= 1]

    def rise(chosen: Rows) -> float:
        return float(scores[inside[-1], chosen].mean() - scores[inside[0], chosen].mean())

    return {
        "spearman": stats.follows(whole, scores),
        "spearman_inside": stats.follows([whole[i] for i in inside], scores[inside]),
        "rise_inside": stats.bootstrap(rise, scores.shape[1]),
        "broken": [row["alpha"] for row in rows if "broken" in row],
    }


def table(results: Mapping[str, Any]) -> str:
    """Return the curves as tables."""
    base = results["base"]
    lines = [
        "| attribute | Spearman, all α | within [0, 1] | score rises by, 0 to 1 |",
        "|---|---|---|---|",
    ]
    for name, found in results["findings"].items():
        cells = [shown(found["spearman"]), shown(found["spearman_inside"])]
        lines.append(f"| {name} | {' | '.join(cells)} | {shown(found['rise_inside'])} |")
    lines += [
        "",
        f"The base model's own replies: perplexity {shown(base['perplexity'])}, "
        f"distinct-2 {shown(base['distinct_2'])}; its perplexity on {results['passages']} passages of "
        f"{results['corpus']}: {shown(base['general'], 1)}.",
    ]
    for name, rows in results["curves"].items():
        lines += [
            "",
            f"| {name}: α | score | perplexity of replies | of general English | distinct-1 | distinct-2 | "
            "distinct-3 | loops |",
            "|---|---|---|---|---|---|---|---|",
        ]
        lines += [_line(name, row) for row in rows]
    return "\n".join(lines)


def _line(name: str, row: Mapping[str, Any]) -> str:
    if "broken" in row:
        return f"| {row['alpha']:g} | the model breaks | | | | | | |"
    cells = [shown(row["scores"][name]), shown(row["perplexity"]), shown(row["general"], 1)]
    cells += [shown(row[f"distinct_{n}"]) for n in (1, 2, 3)]
    return f"| {row['alpha']:g} | {' | '.join(cells)} | {row['loops']} of {row['count']} |"


def plots(results: Mapping[str, Any], folder: Path) -> list[Path]:
    """Draw score, perplexity and diversity against α, one line per attribute."""
    panels = {
        "score": "attribute score",
        "perplexity": "perplexity of replies under the base",
        "general": f"perplexity on {results['corpus']}",
        "distinct_2": "distinct-2",
    }
    with drawing.figure(2, 2, folder / "single.svg") as (axes, path):
        for (measure, title), axis in zip(panels.items(), axes, strict=True):
            for name, rows in results["curves"].items():
                kept = [row for row in rows if "broken" not in row]
                values = [row["scores"][name] if measure == "score" else row[measure] for row in kept]
                drawing.band(axis, [row["alpha"] for row in kept], values, name)
            axis.set_xlabel("α")
            axis.set_ylabel(title)
            axis.axvspan(0, 1, color="#888888", alpha=0.08)
            if title.startswith("perplexity"):
                axis.set_yscale("log")
        axes[0].legend()
    return [path]
