"""What a slash command did."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from assistant.chat.reasons import Why
    from assistant.chat.turn import Turn
    from assistant.store import Hit, Message

Action = Literal["quit", "reopen", "new", "user", "help", "conversation", "sessions", "search"]
"""What an interface has to do besides: with "reopen", begin anew with `bank`;
with "new", "user" and "conversation", show the chat's messages anew; with
"sessions" and "search", it may show a list of its own instead of the text."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command did, to be shown and acted on by an interface."""

    text: str
    level: Literal["info", "error"] = "info"
    action: Action | None = None
    judged: int | None = None
    """Id of the message that was given a thumb."""
    value: int = 0
    """The thumb that it has now: +1, −1, or 0 for none."""
    later: Future[Outcome] | None = None
    """What the command will have done once it is learned from; never an exception."""
    learned: bool = False
    """Whether the profile may have been moved by what was learned."""
    reasons: tuple[Why, ...] = ()
    """What may have been wrong with the judged reply, the likeliest first: to be asked, never waited for."""
    turns: tuple[Callable[[], Turn], ...] = ()
    """Replies to run one after the other."""
    comparing: bool = False
    """Whether they are to be compared, and one picked."""
    question: Message | None = None
    """What they answer, if it is new."""
    picked: tuple[int, int] | None = None
    """Ids of the reply that was preferred and of the one set aside."""
    replaced: int | None = None
    """Id of the message whose place a new sibling takes: it and what followed are no longer on the active path."""
    focus: int | None = None
    """Id of the message to be shown."""
    hits: tuple[Hit, ...] = ()
    """What a search found."""
    bank: Path | None = None
    """Folder of the bank to begin anew with."""
    own: tuple[str, str] | None = None
    """A command that the interface itself runs: its name and argument."""
