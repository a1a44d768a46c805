"""The results of `assistant bench learner` as a page to read: tables in Markdown, plots over ratings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

LOWER = "never_changes"
UPPER = "optimum"
Results = Mapping[str, Mapping[str, Mapping[str, Any] | None]]
_SPECIAL = {"ours": "C3", "only_obeys": "C0", LOWER: "0.0", UPPER: "C2"}
"""Colours of the lines that have a name of their own in every panel; the other algorithms are thin and grey."""


def share(cells: Mapping[str, Mapping[str, Any] | None], name: str) -> float | None:
    """Return an algorithm's regret as a share of that of "never_changes" in the same scenario; None if unknown."""
    own, lower = cells.get(name), cells.get(LOWER)
    if own is None or lower is None or not lower["regret"][0] > 0.0:
        return None
    return float(own["regret"][0] / lower["regret"][0])


def table(results: Results) -> str:
    """Return one Markdown table per scenario, the least regret first."""
    return "\n\n".join(f"### {place}\n\n{_rows(cells)}" for place, cells in results.items())


def overview(results: Results) -> str:
    """Return one Markdown table of all: regret as a share of that of "never_changes"."""
    places = list(results)
    names = list(dict.fromkeys(name for cells in results.values() for name in cells))
    lines = ["| algorithm | " + " | ".join(places) + " |", "|---" * (len(places) + 1) + "|"]
    for name in names:
        shares = [share(results[place], name) for place in places]
        lines.append(f"| {name} | " + " | ".join("" if each is None else f"{each:.2f}" for each in shares) + " |")
    return "\n".join(lines)


def missing(results: Results) -> list[str]:
    """Return the algorithms that could not run anywhere."""
    names = dict.fromkeys(name for cells in results.values() for name in cells)
    return [name for name in names if all(cells.get(name) is None for cells in results.values())]


def page(command: str, results: Results, plots: Sequence[str] = ()) -> str:
    """Return the whole page.

    Args:
        command: the one that made the results.
        results: of `learner_bench.run`.
        plots: names of image files beside the page.
    """
    parts = ["# Learning a voice, in simulation", f"`{command}`", overview(results)]
    parts += [f"![{name}]({name})" for name in plots]
    parts.append(table(results))
    if absent := missing(results):
        parts.append(f"Not run, for want of a package of `assistant[bench]`: {', '.join(absent)}.")
    return "\n\n".join(parts) + "\n"


def plot(results: Results, folder: Path) -> list[str]:
    """Draw the share of thumbs up and the regret so far over ratings, one panel per scenario.

    Returns:
        Names of the files written; none if matplotlib is not installed.
    """
    try:
        from matplotlib import use
        from matplotlib.figure import Figure
    except ImportError:
        return []
    use("Agg")
    files = []
    for what, title in (("up", "expected share of thumbs up"), ("regret", "regret so far, thumbs up")):
        across = min(3, len(results))
        down = -(-len(results) // across)
        figure = Figure(figsize=(4.0 * across, 2.8 * down), layout="constrained")
        panels = np.ravel(figure.subplots(down, across, squeeze=False, sharex=True, sharey=what == "up"))
        for panel in panels[len(results) :]:
            panel.set_visible(False)
        for panel, (place, cells) in zip(panels, results.items(), strict=False):
            panel.set_title(place, fontsize=10)
            for name, cell in cells.items():
                if cell is not None and (name in _SPECIAL or what == "up" or name != UPPER):
                    _line(panel, name, cell, what)
        handles = {
            label: line for panel in panels for line, label in zip(*panel.get_legend_handles_labels(), strict=True)
        }
        figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=6, fontsize=9)
        figure.suptitle(f"{title}, over ratings", fontsize=11)
        files.append(f"learning-{what}.png")
        figure.savefig(folder / files[-1], dpi=80)
    return files


def _line(panel: Any, name: str, cell: Mapping[str, Any], what: str) -> None:
    if what == "up":
        window = max(1, len(cell["curve"]) // 16)
        values = np.convolve(cell["curve"], np.ones(window) / window, mode="valid")
        ratings = np.arange(len(values)) + (window + 1) / 2
    else:
        values = np.cumsum(cell["lost"])
        ratings = np.arange(len(values)) + 1.0
    known = name in _SPECIAL
    panel.plot(
        ratings,
        values,
        color=_SPECIAL.get(name, "0.7"),
        linewidth=1.8 if known else 0.7,
        linestyle="--" if name in (LOWER, UPPER) else "-",
        zorder=3 if known else 1,
        label=name if known else "other baselines",
    )


def _rows(cells: Mapping[str, Mapping[str, Any] | None]) -> str:
    lines = [
        "| algorithm | regret | share | first eighth | second eighth | second quarter | second half |",
        "|---|---|---|---|---|---|---|",
    ]
    ran = {name: cell for name, cell in cells.items() if cell is not None}
    for name, cell in sorted(ran.items(), key=lambda each: float(each[1]["regret"][0])):
        part = share(cells, name)
        mean, half = cell["regret"]
        ups = " | ".join(f"{value:.2f}" for value in cell["up"])
        lines.append(f"| {name} | {mean:.1f} ± {half:.1f} | {'' if part is None else f'{part:.2f}'} | {ups} |")
    return "\n".join(lines)
