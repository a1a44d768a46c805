"""The experiment "pairs": two attributes alone, one moved and one fixed; how much does the fixed one change?"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.evaluation.paper import dense, drawing
from assistant.evaluation.paper import statistics as stats
from assistant.evaluation.paper.cells import Cell
from assistant.evaluation.paper.experiments import Source
from assistant.evaluation.paper.lab import Lab, Plan, Vector
from assistant.evaluation.paper.statistics import Number, Rows, shown
from assistant.style import Compose

TITLE = "Entanglement of pairs"
SMALL = Plan(prompts=8)
FULL = Plan(full=True, prompts=24, replies=2)
FIXED = 1.0
"""α of the fixed attribute."""


def grid(full: bool) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return the α of the moved attribute and its λ; the fixed one has the rest of 1."""
    if full:
        return tuple(float(value) for value in np.linspace(0, 1, 9)), (0.2, 0.4, 0.5, 0.6, 0.8)
    return (0.0, 0.5, 1.0), (0.5, 0.8)


def run(lab: Lab, source: Source, options: Mapping[str, Any]) -> dict[str, Any]:
    """Measure every ordered pair, or with the option "dense" the whole plane of every pair (see `dense`).

    Returns:
        Per ordered pair and λ: both scores at each α, the area and the ratio (see `area` and `ratio`).
    """
    if options.get("dense"):
        return dense.run(lab, source)
    compose = Compose(options.get("compose") or Compose.PAPER)
    alphas, lambdas = grid(lab.plan.full)
    couples = list(permutations(lab.names, 2))
    progress = lab.progress(len(couples) * len(alphas) * len(lambdas))
    rows = []
    for moved, fixed in couples:
        for lam in lambdas:
            cells = [
                lab.at(f"{moved} {alpha:g} λ {lam:g}, {fixed} {FIXED:g}", place, progress)
                for alpha, place in ((alpha, couple(lab, moved, fixed, alpha, lam, compose)) for alpha in alphas)
            ]
            if any("broken" in cell for cell in cells):
                continue
            rows.append({"moved": moved, "fixed": fixed, "lambda": lam, **_measured(lab, cells, alphas, moved, fixed)})
    return {"compose": str(compose), "alphas": alphas, "lambdas": lambdas, "names": list(lab.names), "pairs": rows}


def couple(lab: Lab, moved: str, fixed: str, alpha: float, lam: float, compose: Compose) -> Vector:
    """Return k of a profile that holds two attributes alone."""
    zero = dict.fromkeys(lab.names, 0.0)
    profile = lab.neutral(compose).with_lambda({**zero, moved: lam, fixed: 1 - lam})
    return lab.k(profile.with_alpha({moved: alpha, fixed: FIXED}))


def _measured(lab: Lab, cells: list[Cell], alphas: tuple[float, ...], moved: str, fixed: str) -> dict[str, Any]:
    n = len(lab.prompts)
    own = np.array([stats.by_prompt(cell["scores"][moved], n) for cell in cells])
    other = np.array([stats.by_prompt(cell["scores"][fixed], n) for cell in cells])
    return {
        "own": [stats.score(cell, moved, n) for cell in cells],
        "other": [stats.score(cell, fixed, n) for cell in cells],
        "area": stats.bootstrap(lambda rows: area(own, other, alphas, rows), n, magnitude=True),
        "ratio": stats.bootstrap(lambda rows: ratio(own, other, rows), n),
    }


def area(own: NDArray[Any], other: NDArray[Any], alphas: tuple[float, ...], rows: Rows) -> float:
    """Return ∫ |s_j(α) − s_j(α₀)| dα / (α₁ − α₀) over |s_i(α₁) − s_i(α₀)|, by the trapezium rule from end to end.

    s_i is the mean score of the moved attribute, s_j that of the fixed one. 0: the fixed attribute does not notice. It
    cannot be negative, so noise alone makes it positive; `ratio` has no such bias.

    Args:
        own: scores of the moved attribute, shape (α, prompts).
        other: scores of the fixed one, shape (α, prompts).
        alphas: places.
        rows: prompts that are in.
    """
    s_i, s_j = own[:, rows].mean(1), other[:, rows].mean(1)
    change = np.abs(s_j - s_j[0])
    integral = float((np.diff(alphas) * (change[1:] + change[:-1]) / 2).sum()) / (alphas[-1] - alphas[0])
    return integral / max(abs(float(s_i[-1] - s_i[0])), 1e-3)


def ratio(own: NDArray[Any], other: NDArray[Any], rows: Rows) -> float:
    """Return (s_j(α₁) − s_j(α₀)) / |s_i(α₁) − s_i(α₀)|: the net change of the fixed attribute, with its sign."""
    s_i, s_j = own[:, rows].mean(1), other[:, rows].mean(1)
    return float(s_j[-1] - s_j[0]) / max(abs(float(s_i[-1] - s_i[0])), 1e-3)


def table(results: Mapping[str, Any]) -> str:
    """Return the pairs as a table, by λ."""
    if "planes" in results:
        return dense.table(results)
    lines = [
        f"{results['compose'].capitalize()} composition; the fixed attribute at α = {FIXED:g}.",
        "",
        "| moved | fixed | λ of moved | own score, from → to | the other's, from → to | area | net ratio |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in results["pairs"]:
        lines.append(
            f"| {row['moved']} | {row['fixed']} | {row['lambda']:g} | {_ends(row['own'])} | {_ends(row['other'])} | "
            f"{shown(row['area'])} | {shown(row['ratio'])} |"
        )
    for lam in results["lambdas"]:
        areas = [row["area"]["mean"] for row in results["pairs"] if row["lambda"] == lam]
        clear = [row for row in results["pairs"] if row["lambda"] == lam and _clear(row["ratio"])]
        lines += [
            "",
            f"λ = {lam:g}: median area {np.median(areas):.2f}, {sum(each <= 0.5 for each in areas)} of {len(areas)} at "
            f"most 0.5; the net ratio's interval excludes 0 for {len(clear)}.",
        ]
    return "\n".join(lines)


def _clear(value: Number) -> bool:
    return value["low"] > 0 or value["high"] < 0


def _ends(curve: list[Number]) -> str:
    return f"{curve[0]['mean']:.2f} → {curve[-1]['mean']:.2f}"


def plots(results: Mapping[str, Any], folder: Path) -> list[Path]:
    """Draw every moved attribute's score and the others' as it moves, one row per λ."""
    if "planes" in results:
        return dense.plots(results, folder)
    names, lambdas = results["names"], results["lambdas"]
    with drawing.figure(len(lambdas), len(names), folder / "pairs.svg", (2.8, 2.4)) as (axes, path):
        for number, axis in enumerate(axes):
            lam, moved = lambdas[number // len(names)], names[number % len(names)]
            rows = [row for row in results["pairs"] if row["moved"] == moved and row["lambda"] == lam]
            for row in rows:
                drawing.band(axis, results["alphas"], row["other"], row["fixed"])
            if rows:
                drawing.band(axis, results["alphas"], rows[0]["own"], moved, "--")
            axis.set_ylim(0, 1)
            axis.set_title(f"{moved} moves, λ = {lam:g}", fontsize=9)
            axis.set_xlabel("α")
        axes[0].set_ylabel("score (dashed: its own)")
        handles = {line.get_label(): line for axis in axes for line in axis.get_lines()}
        axes[-1].legend(handles.values(), handles.keys(), fontsize=7)
    return [path]
