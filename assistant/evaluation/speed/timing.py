"""Timing in rounds: every contender once per round, so that what disturbs the machine disturbs them alike."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from typing import Any

import torch

from assistant.evaluation.report import machine

Report = Callable[[int, int], None]
"""Called with the finished and all rounds."""


_clock: Callable[[], float] = time.perf_counter


def now() -> float:
    """Return the clock's time in seconds: of the wall, unless `count_processor_time` was called."""
    return _clock()


def count_processor_time() -> None:
    """Count the processor time of this process from now on, for machines that others keep busy.

    With one thread it is the time that the work would take on a machine of its own, but for what others take of the
    caches and of the memory's bandwidth.
    """
    global _clock
    _clock = time.process_time


def seconds(act: Callable[[], object]) -> float:
    """Return how long a call takes, in seconds."""
    began = now()
    act()
    return now() - began


def rounds(
    contenders: Mapping[str, Callable[[], float]], repeats: int, report: Report = lambda done, total: None
) -> dict[str, list[float]]:
    """Return what each contender measured in each round, after one round that is not counted.

    Args:
        contenders: by name, functions that measure once and return a number.
        repeats: counted rounds, at least 1.
        report: told of each counted round.
    """
    found: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(-1, repeats):
        for name, measure in contenders.items():
            value = measure()
            if number >= 0:
                found[name].append(value)
        if number >= 0:
            report(number + 1, repeats)
    return found


def medians(found: Mapping[str, list[float]], digits: int = 2) -> dict[str, float]:
    """Return the median of each contender."""
    return {name: round(median(values), digits) for name, values in found.items()}


def best(found: Mapping[str, list[float]], digits: int = 2) -> dict[str, float]:
    """Return each contender's best round, the least of times (named …_ms), the most of rates.

    On a machine that others use as well it says more than the median.
    """
    return {name: round(min(values) if name.endswith("_ms") else max(values), digits) for name, values in found.items()}


def surroundings() -> dict[str, Any]:
    """Return what every result says of the machine: its description, threads, and load before the run."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return {
        "machine": machine(),
        "threads": torch.get_num_threads(),
        "clock": "processor" if _clock is time.process_time else "wall",
        "load_before": load,
        "torch": torch.__version__,
    }


def resident_mb() -> float:
    """Return this process's resident memory in MB; 0 where /proc does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
