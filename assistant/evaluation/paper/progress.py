"""How far a run is, and how long it will still take."""

from __future__ import annotations

import time
from collections.abc import Callable


class Progress:
    """Counts the steps of a run and says after each how many are left, and for how long."""

    def __init__(
        self,
        total: int,
        say: Callable[[str], None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Start the clock.

        Args:
            total: steps to come.
            say: is given each line.
            clock: seconds.
        """
        self._total, self._say, self._clock = total, say, clock
        self._began, self._spent, self.done = clock(), 0, 0

    def step(self, what: str, measured: bool = True) -> None:
        """Count a step; one that an earlier run had `measured` costs nothing and does not enter the estimate."""
        self.done += 1
        self._spent += measured
        if not measured and self.done < self._total:
            return
        each = (self._clock() - self._began) / max(1, self._spent)
        self._say(f"{self.done} of {self._total}: {what}; {duration(each * (self._total - self.done))} left")


def duration(seconds: float) -> str:
    """Return a length of time in the unit that a person would use."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
