"""Pictures of results, as SVG: curves with bands, and maps; the same colours everywhere."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from assistant.errors import AssistantError
from assistant.evaluation.paper.statistics import Number

COLOURS = {
    "simplicity": "#1f5fa8",
    "formality": "#c2571a",
    "politeness": "#2e8b57",
    "sentiment": "#8e44ad",
    "humor": "#b8860b",
}


def require() -> None:
    """Check that matplotlib is there.

    Raises:
        AssistantError: it is not.
    """
    if importlib.util.find_spec("matplotlib") is None:
        raise AssistantError("plots need matplotlib: pip install 'assistant[bench]'")


@contextmanager
def figure(
    rows: int, columns: int, path: Path, size: tuple[float, float] = (4.2, 3.0)
) -> Iterator[tuple[list[Any], Path]]:
    """Lend the axes of a figure, row by row, and write it to `path` at the end.

    Args:
        rows: of axes.
        columns: of axes.
        path: of the SVG.
        size: of one of the axes, in inches.
    """
    from matplotlib import rcParams
    from matplotlib.figure import Figure

    rcParams["svg.hashsalt"] = "assistant"  # equal numbers give equal files
    made = Figure(figsize=(size[0] * columns, size[1] * rows), layout="constrained")
    axes = np.atleast_1d(made.subplots(rows, columns)).ravel()
    for axis in axes:
        axis.spines[["top", "right"]].set_visible(False)
    yield list(axes), path
    made.savefig(path, format="svg", metadata={"Date": None})


def band(axis: Any, x: Sequence[float], values: Sequence[Number], name: str, style: str = "-") -> None:
    """Draw a curve with its 95% band in the colour of the attribute `name`."""
    colour = COLOURS.get(name)
    line = axis.plot(x, [value["mean"] for value in values], style, color=colour, label=name, linewidth=1.6)[0]
    low, high = [value["low"] for value in values], [value["high"] for value in values]
    axis.fill_between(x, low, high, color=line.get_color(), alpha=0.15, linewidth=0)


def heat(axis: Any, grid: Any, x: Sequence[float], y: Sequence[float], limits: tuple[float, float], map_: str) -> Any:
    """Draw a matrix of shape (len(y), len(x)) as a map, y upwards; return what a colour bar needs."""
    shown = axis.pcolormesh(x, y, np.asarray(grid, dtype=float), cmap=map_, vmin=limits[0], vmax=limits[1])
    shown.set_rasterized(True)
    return shown


def ternary(point: Sequence[float]) -> tuple[float, float]:
    """Return where a point of the simplex lies in a triangle with the corners (0, 0), (1, 0) and (½, √3/2)."""
    _, b, c = point
    return b + c / 2, c * 3**0.5 / 2
