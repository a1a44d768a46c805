"""A headless chat that is taught, and what it has learned."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path

from assistant.chat import commands
from assistant.chat.host import ModelHost
from assistant.chat.outcome import Outcome
from assistant.chat.session import Chat
from assistant.preference import state
from assistant.store import Message
from tests import fake

FORMAL = "A formal formal formal answer."


def run(chat: Chat, line: str) -> Outcome:
    """Run a command line and wait for what it teaches."""
    outcome = commands.run(chat, line)
    return outcome if outcome.later is None else outcome.later.result(fake.DEADLINE)


def answer(chat: Chat, text: str = FORMAL) -> Message:
    engine = fake.FakeEngine(text)
    chat.host = ModelHost(lambda say: engine)
    turn = chat.ask("hello")
    list(turn.stream())
    return turn.reply


def settle(chat: Chat) -> None:
    """Wait for what goes on in the background."""
    chat.later(lambda: Outcome("")).result(fake.DEADLINE)


def dies(chat: Chat) -> None:
    """Let the program end before anything that takes a moment is done from now on."""
    chat.later = lambda act, failed="": Future()  # type: ignore[method-assign]


def dying(folder: Path) -> Chat:
    """Return a chat with a reply, whose program ends before anything that takes a moment is done."""
    chat = fake.chat(folder)
    answer(chat)
    settle(chat)
    dies(chat)
    return chat


def rebuilt(chat: Chat) -> dict[str, object]:
    """Return the state of a learner made from the whole log."""
    known = chat.workspace.store.learning.known(chat.user.id, chat.learning.bank, anew=True)
    return state(chat.learning._caught_up(known))


def kinds(chat: Chat) -> list[str]:
    """Return the kinds of the evidence, oldest first."""
    return [each.kind for each in reversed(chat.workspace.store.learning.list(chat.user.id))]
