"""`/load`: the model, where it is not there."""

from __future__ import annotations

from assistant.chat.host import Phase
from assistant.chat.outcome import Outcome
from assistant.chat.session import Chat
from assistant.errors import BadInput


def load(chat: Chat, argument: str) -> Outcome:
    """Run `/load [stop]`: begin loading the model anew where that failed or was stopped, or stop its preparation.

    Raises:
        BadInput: something else stands after it.
    """
    if argument not in ("", "stop"):
        raise BadInput(f"/load takes nothing after it, or stop, not {argument!r}")
    host = chat.host
    if argument:
        if not host.cancel():
            return Outcome("There is nothing to stop: only the first preparation of the model can be.")
        return Outcome("")  # told by the host once it has ended
    if host.start_again():
        return Outcome("Loading the model.")
    loading = host.state.phase in (Phase.IDLE, Phase.LOADING)
    return Outcome("The model is being loaded." if loading else "The model is loaded already.")
