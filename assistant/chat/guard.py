"""The guard of a reply in a voice beyond its safe range: it ends what has fallen apart, and says how to go back."""

from __future__ import annotations

from collections.abc import Iterator

from assistant.chat.degeneration import Degeneration
from assistant.engine.base_model import NotFinite
from assistant.style import Profile, SafeRange


class Guard:
    """Watches one reply. Within the safe range, or where none was measured, it lets everything pass."""

    def __init__(self, safe: SafeRange | None, profile: Profile) -> None:
        """Look at how far the profile is.

        Args:
            safe: of the bank.
            profile: the voice of the reply.
        """
        self.armed = safe is not None and safe.beyond(profile)
        """Whether the profile is beyond the edge."""
        self.fault = ""
        """What went wrong with the reply, such as "repeats itself"; empty as long as it is sound."""
        self._reader = Degeneration()

    def watch(self, pieces: Iterator[str]) -> Iterator[str]:
        """Yield the pieces, up to the one with which the reply falls apart.

        Raises:
            NotFinite: the model breaks, and the guard is not armed or nothing was said.
        """
        said = False
        try:
            for piece in pieces:
                yield piece
                said = True
                if self.armed:
                    self.fault = self._reader.add(piece) or ""
                if self.fault:
                    return
        except NotFinite:
            if not (self.armed and said):
                raise
            self.fault = "breaks off"
        finally:
            end = getattr(pieces, "close", None)
            if end is not None:  # the model is free at once
                end()

    @property
    def words(self) -> str:
        """What happened and how to go back, for the chat; empty when nothing did."""
        if not self.fault:
            return ""
        return (
            f"This reply was ended: beyond the safe range of the voice, it {self.fault}. /edge goes back to the edge."
        )
