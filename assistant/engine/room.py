"""How a conversation fits into the model's context."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Room:
    """Tokens that the model reads and that are left to it, and what was left out for want of room."""

    size: int
    """Tokens that fit into the context, the reply's included."""
    used: int
    """Tokens that are read."""
    dropped: int = 0
    """Oldest turns that were left out: a turn is a message of the person and what follows it."""
    cut: int = 0
    """Tokens that were cut off at the beginning of a single message that is too long by itself."""

    @property
    def left(self) -> int:
        """Tokens that are left for the reply and what comes after it."""
        return max(self.size - self.used, 0)

    def with_reply(self, tokens: int) -> Room:
        """Return the room once a reply of so many tokens is read as well."""
        return Room(self.size, min(self.used + tokens, self.size), self.dropped, self.cut)

    def as_dict(self) -> dict[str, int]:
        """Return plain values, as stored."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, object]) -> Room | None:
        """Return the room that `as_dict` described, or None when these are other values."""
        found = {name: values.get(name) for name in cls.__slots__}
        whole = {name: value for name, value in found.items() if isinstance(value, int) and value >= 0}
        return cls(**whole) if len(whole) == len(found) else None
