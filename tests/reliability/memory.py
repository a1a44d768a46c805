"""How much a process holds over time, and whether that grows."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

WARM_UP = 0.25
"""Share of the samples, the first, that do not count: caches fill and the allocator finds its size."""
DRAWS = 2000


@dataclass(frozen=True, slots=True)
class Sample:
    """What the process holds at one time."""

    hours: float
    """Of the person's time."""
    acts: int
    rss_mb: float
    objects: int
    """That Python's collector knows, after a collection."""
    threads: int
    files: int


@dataclass(frozen=True, slots=True)
class Trend:
    """Growth per hour with its 95% interval."""

    slope: float
    low: float
    high: float


def sample(hours: float, acts: int) -> Sample:
    """Collect garbage and measure this process."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return Sample(
        round(hours, 4),
        acts,
        round(pages * os.sysconf("SC_PAGE_SIZE") / 2**20, 2),
        len(gc.get_objects()),
        threading.active_count(),
        len(os.listdir("/proc/self/fd")),
    )


def trend(hours: Sequence[float], values: Sequence[float], seed: int = 0) -> Trend:
    """Fit a line through what comes after the warm-up.

    The interval is a bootstrap over blocks of neighbouring residuals: what a process holds now hangs on what it held
    a moment ago, so that single samples are no independent evidence.
    """
    first = int(len(hours) * WARM_UP)
    x, y = np.asarray(hours[first:], dtype=float), np.asarray(values[first:], dtype=float)
    if len(x) < 8:
        raise ValueError(f"{len(x)} samples after the warm-up are too few for a trend")
    design = np.vstack([np.ones_like(x), x]).T
    inverse = np.linalg.pinv(design)
    fitted = inverse @ y
    line = design @ fitted
    residuals = y - line
    block = max(2, round(len(x) ** 0.5))
    chance = np.random.default_rng(seed)
    starts = chance.integers(0, len(x) - block + 1, (DRAWS, -(-len(x) // block)))
    rows = (starts[..., None] + np.arange(block)).reshape(DRAWS, -1)[:, : len(x)]
    slopes = (inverse[1] * (line + residuals[rows])).sum(1)
    low, high = np.percentile(slopes, [2.5, 97.5])
    return Trend(round(float(fitted[1]), 4), round(float(low), 4), round(float(high), 4))
