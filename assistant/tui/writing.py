"""The replies in the conversation's column: begun, written one after the other, stopped, and left for another place."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from functools import partial

from textual import on
from textual.containers import Vertical
from textual.message import Message as Said

from assistant.chat.host import HostState, Phase
from assistant.chat.host_state import STOPPED
from assistant.chat.outcome import Outcome
from assistant.chat.session import Chat
from assistant.chat.turn import Turn
from assistant.errors import AssistantError
from assistant.store import Message
from assistant.tui.choices import Choices
from assistant.tui.comparison import Comparison
from assistant.tui.entries import PersonEntry, ReplyEntry
from assistant.tui.forks import fork_of
from assistant.tui.messages import Learned
from assistant.tui.prompt import Prompt
from assistant.tui.reply import Reply
from assistant.tui.telling import Telling
from assistant.tui.transcript import Transcript


class Writing(Telling, Vertical):
    """The part of the column that has replies written."""

    prompt: Prompt

    class Written(Said):
        """A reply has ended and is saved."""

    def __init__(self, chat: Chat) -> None:
        super().__init__(id="talk")
        self.chat = chat
        self._reply: Reply | None = None
        self._afterwards: Callable[[], Awaitable[None]] | None = None
        """What is to be done when the reply that is being stopped has ended."""
        self._state = chat.host.state
        self._told = ""
        self.leaving = False
        """Whether the program closes as soon as the reply has been saved."""
        self.transcript = Transcript()
        self._comparison = Comparison(self.transcript)
        self._choices = Choices()

    def run_later(self, line: str) -> None:
        """Run a command that was chosen by key or mouse."""
        raise NotImplementedError

    @property
    def writing(self) -> bool:
        """Whether a reply is being written or waited for."""
        return self._reply is not None or self._comparison.awaited

    async def say(self, text: str, level: str = "info") -> None:
        """Add a line of the program's own to the transcript."""
        await self.transcript.say(text, level)

    async def tell(self, error: Exception) -> None:
        """Say what could not be done."""
        await self.say(str(error), "error")

    async def _asked(self, question: Message) -> None:
        await self.transcript.add(PersonEntry(question, fork_of(self.chat, question.id)))

    async def _answer(self, turn: Turn) -> None:
        """Write the reply of a turn."""
        reply = await self._comparison.show(
            ReplyEntry(turn.reply, running=True, fork=fork_of(self.chat, turn.reply.id))
        )
        self._reply = reply
        reply.run(turn)
        reply.waits(waiting(self._state))
        if self._afterwards is not None or self.leaving:
            reply.stop()

    async def _go_on(self, outcome: Outcome) -> None:
        """Begin a reply, in the place of what it replaces."""
        if outcome.replaced is not None:
            await self.transcript.cut(outcome.replaced)
        if outcome.question is not None:
            await self._asked(outcome.question)
        await self.transcript.follow()
        await self._answer(outcome.turns[0]())

    async def _compare(self, outcome: Outcome) -> None:
        """Begin the replies of a comparison; what they are compared with is the newest reply if there is but one."""
        if outcome.question is not None:
            await self._asked(outcome.question)
        await self.transcript.follow()
        self._comparison.begin(outcome.turns)
        if outcome.question is None:
            await self._comparison.pair(self.chat.newest_reply().id)
            self.run_worker(self._second())
        else:
            await self._answer(outcome.turns[0]())

    async def _second(self) -> None:
        """Begin the second reply of a comparison once its voice is found, unless it is stopped before that."""
        if self.chat.rival is not None and not self.chat.rival.done():
            self.prompt.border_subtitle = "finding the other voice …"
            for found in (await asyncio.wait([asyncio.wrap_future(self.chat.rival)]))[0]:
                found.exception()  # what went wrong is told by the turn that cannot begin
            self.prompt.border_subtitle = ""
        try:
            turn = self._comparison.next()
        except AssistantError as error:
            await self.say(str(error), "error")
            turn = None
        if turn is not None:
            await self._answer(turn)
            return
        self._comparison.alone()
        self._done()

    def expect(self, later: Future[Outcome] | None, quietly: bool = False) -> None:
        """Have what is being learned told once it is; quietly, only where it went wrong."""
        if later is not None:
            later.add_done_callback(lambda done: self.post_message(Learned(done.result(), quietly)))

    async def host(self, state: HostState) -> None:
        """Take note of what the model's host does."""
        self._state = state
        if self._reply is not None:
            self._reply.waits(waiting(state))
        elif state.phase is Phase.FAILED and state.detail != self._told:
            self._told = state.detail
            await self.say(state.detail, "error")
        elif state.phase is Phase.STOPPED:
            await self.say(STOPPED)

    @on(Reply.Ended)
    async def _ended(self, event: Reply.Ended) -> None:
        ended, self._reply = self._reply, None
        self.prompt.border_subtitle = ""
        if event.failure:
            self._told = event.failure
            await self.say(event.failure, "error")
        if self.leaving:
            self.app.exit(0)
            return
        if self._afterwards is not None:
            if event.reply.status == "complete":
                self.chat.finished(event.reply)
            self._done()
            return
        later = self.chat.finished(event.reply)
        self.expect(later or self.chat.later(lambda: Outcome("")))  # once it is measured, the panel shows its scores
        whole = event.reply.status == "complete"
        if self._comparison.awaited and whole:
            if ended is not None:
                await self._comparison.pair(ended.message_id)
            self.run_worker(self._second())
            return
        if self._comparison.paired and whole:
            self._choices.ask(
                "Which do you like better?",
                [("the first", partial(self.run_later, "/pick 1")), ("the second", partial(self.run_later, "/pick 2"))],
            )
        self._done()

    def _done(self) -> None:
        """End what was being written, and go where the person wants to. A reply that was left is not judged by that."""
        self._comparison.end()
        self.post_message(self.Written())
        if self.leaving:
            self.app.exit(0)
        elif self._afterwards is not None:
            act, self._afterwards = self._afterwards, None
            self.call_later(act)

    def stop_writing(self) -> None:
        """Stop the reply, whatever else is open."""
        self._comparison.end()
        if self._reply is not None:
            self._reply.stop()

    def leave(self, act: Callable[[], Awaitable[None]]) -> None:
        """Do something that takes the person elsewhere, once the reply that is being written is stopped and saved."""
        if self.writing:
            self._afterwards = act
            self.stop_writing()
        else:
            self.call_later(act)


def waiting(state: HostState) -> str:
    """Return what a reply that has not begun waits for."""
    if state.phase in (Phase.IDLE, Phase.LOADING):
        return "waiting for the model …"
    return "composing your voice …" if state.phase is Phase.COMPOSING else "thinking …"
