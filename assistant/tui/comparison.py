"""The course of a comparison: two replies to one message, written one after the other."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from assistant.chat.turn import Turn
from assistant.tui.entries import ReplyEntry
from assistant.tui.pair import Pair
from assistant.tui.reply import Reply
from assistant.tui.transcript import Transcript


class Comparison:
    """Which replies are still to be written, and where they stand in the transcript."""

    def __init__(self, transcript: Transcript) -> None:
        self._transcript = transcript
        self._coming: deque[Callable[[], Turn]] = deque()
        self._pair: Pair | None = None

    @property
    def awaited(self) -> bool:
        """Whether a reply is still to be begun."""
        return bool(self._coming)

    @property
    def paired(self) -> bool:
        """Whether the second reply has been begun."""
        return self._pair is not None

    def begin(self, turns: Sequence[Callable[[], Turn]]) -> None:
        """Take up what begins the replies."""
        self._coming.extend(turns)

    async def pair(self, first: int) -> None:
        """Make room for a second reply beside one that there is."""
        if self._pair is None:
            self._pair = await self._transcript.pair(first)

    def next(self) -> Turn | None:
        """Begin the next reply, which is awaited until it is shown; None when there is none, or none any more."""
        return self._coming[0]() if self._coming else None

    async def show(self, entry: ReplyEntry) -> Reply:
        """Show a reply that begins: the second beside the first, any other at the end."""
        reply = await self._shown(entry)
        if self._coming:
            self._coming.popleft()
        return reply

    async def _shown(self, entry: ReplyEntry) -> Reply:
        if self._pair is not None:
            entry.place = len(self._pair.entry.replies) + 1
            return await self._pair.add(entry)
        await self._transcript.add(entry)
        reply = self._transcript.reply(entry.message.id)
        assert reply is not None  # the person has just been taken to the end
        return reply

    def forgo(self) -> None:
        """Do without the replies that have not been begun."""
        self._coming.clear()

    def alone(self) -> None:
        """Have the first reply be one that is not compared: the second does not come."""
        if self._pair is not None:
            self._pair.alone()
        self.end()

    def end(self) -> None:
        """Begin no more."""
        self._coming.clear()
        self._pair = None
