"""`/edge`: back to the edge of the safe range."""

from __future__ import annotations

from assistant.chat import wording
from assistant.chat.outcome import Outcome
from assistant.chat.session import Chat
from assistant.errors import BadInput


def edge(chat: Chat, argument: str) -> Outcome:
    """Run `/edge`: move the profile back to the edge of its safe range, as a change that /undo takes back.

    Raises:
        BadInput: something stands after it.
    """
    if argument:
        raise BadInput(f"/edge takes nothing after it, not {argument!r}")
    safe = chat.workspace.card.safe_range
    if safe is None:
        return Outcome("How far these voices can be carried was not measured: there is no edge to go back to.")
    if not safe.beyond(chat.profile):
        return Outcome("Your voice is within its safe range already.")
    before = chat.profile
    chat.change(safe.pulled_back, "/edge")
    return Outcome(f"Back to the edge: {wording.changes(before, chat.profile)}. /undo brings the old profile back.")
