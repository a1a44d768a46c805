"""How far long work is, how long it will still take, and how those who wait for it watch and end it. Pure."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

_SOON = 8
"""Seconds below which nobody counts."""
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Progress:
    """How much of some work is done, in any unit that is proportional to time."""

    done: float
    total: float
    """0 where it is not known."""

    @property
    def fraction(self) -> float:
        """From 0 to 1."""
        return min(max(self.done / self.total, 0.0), 1.0) if self.total > 0 else 0.0

    @property
    def percent(self) -> str:
        """Such as "43%", and 100% only at the very end; empty where the total is not known."""
        return f"{math.floor(100 * self.fraction + 1e-9)}%" if self.total > 0 else ""


class Eta:
    """The time that is left, from the rate over a sliding window.

    What was done before the first report, as in work that is gone on with, does not count for the rate. A pause makes
    the time longer while it lasts, and is forgotten when it has left the window.
    """

    def __init__(self, window: float = 60.0, clock: Callable[[], float] = time.monotonic) -> None:
        """Prepare.

        Args:
            window: seconds that the rate is measured over.
            clock: of seconds.
        """
        self._window = window
        self._clock = clock
        self._reports: deque[tuple[float, float]] = deque()
        self._total = 0.0

    def add(self, progress: Progress) -> None:
        """Take a report; work that is less done than before has begun anew."""
        now = self._clock()
        if self._reports and progress.done < self._reports[-1][1]:
            self._reports.clear()
        self._total = progress.total
        self._reports.append((now, progress.done))
        while len(self._reports) > 2 and self._reports[1][0] <= now - self._window:
            self._reports.popleft()

    def left(self) -> float | None:
        """Return the seconds that are left by the rate so far, None while nothing is known."""
        if len(self._reports) < 2:
            return None
        (began, before), (_, done) = self._reports[0], self._reports[-1]
        elapsed, gained = self._clock() - began, done - before
        if elapsed <= 0 or gained <= 0:
            return None
        return max(self._total - done, 0.0) * elapsed / gained


def left_words(seconds: float | None) -> str:
    """Return a time that is left as a person would say it, such as "about 3 min left"; empty when it is not known."""
    if seconds is None or not math.isfinite(seconds):
        return ""
    if seconds < _SOON:
        return "a few seconds left"
    if seconds < 55:
        return f"about {5 * math.ceil(seconds / 5)} s left"
    if seconds < 5400 - 30:
        return f"about {max(1, round(seconds / 60))} min left"
    if seconds < _DAY:
        hours, halves = divmod(round(seconds / 1800), 2)
        return f"about {hours} h {'30 min ' if halves else ''}left"
    return f"about {round(seconds / _DAY)} day{'s' if round(seconds / _DAY) > 1 else ''} left"


def words(progress: Progress, left: float | None) -> str:
    """Return how far work is in a few words, such as "43%, about 3 min left"."""
    return ", ".join(each for each in (progress.percent, left_words(left)) if each)


class Milestones:
    """Picks the few reports that are worth a line: where a part of the work is done, or after so many seconds."""

    def __init__(self, parts: int = 4, seconds: float = 120.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._parts = parts
        self._seconds = seconds
        self._clock = clock
        self._told = 0
        self._since = clock()

    def passed(self, progress: Progress) -> bool:
        """Return whether this report is one to tell."""
        part, now = math.floor(progress.fraction * self._parts + 1e-9), self._clock()
        if part <= self._told and now - self._since < self._seconds:
            return False
        self._told, self._since = part, now
        return part < self._parts  # the end is told by what it brought


@dataclass(frozen=True, slots=True)
class Watch:
    """What somebody who waits gives along with long work: to be told how it goes, and to end it."""

    say: Callable[[str], None] = lambda _: None
    """Told in a few words when something slow begins."""
    went: Callable[[Progress], None] = lambda _: None
    """Told how far it is. From the first time on, the work can be cancelled."""
    cancelled: Callable[[], bool] = lambda: False
    """Asked again and again whether to give up; the work then raises `Stopped`."""


UNWATCHED = Watch()
