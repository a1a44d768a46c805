"""What came of one run."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

MOST = 8
"""Faults that are kept of a run."""


@dataclass
class Outcome:
    """What was seen before a kill, and what was there after it."""

    scenario: str
    moment: str = ""
    """What the program was doing when it was killed."""
    again: bool = False
    """Whether the program started again and showed what was there."""
    sound: bool = False
    """Whether integrity_check, foreign keys and `assistant db check` found nothing."""
    messages: int = 0
    """Messages that were on the screen as sent or were printed."""
    words: int = 0
    """Words of replies that were on the screen."""
    revisions: int = 0
    """Changes of a profile that were on the screen or were printed."""
    kept: int = 0
    """Messages and revisions of earlier runs that had to be there still."""
    faults: list[str] = field(default_factory=list)
    screen: list[str] = field(default_factory=list)
    """What stood on the screen when the program was killed, where there are faults."""

    def wrong(self, fault: str) -> None:
        """Take note of a fault; the first few tell enough."""
        if len(self.faults) < MOST:
            self.faults.append(fault)

    def require(self, condition: bool, fault: str) -> None:
        """Take note of a fault unless the condition holds."""
        if not condition:
            self.wrong(fault)

    def as_dict(self) -> dict[str, Any]:
        """Return it as a line of the log."""
        return asdict(self)
