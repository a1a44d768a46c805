"""The conversation's column: what the person types and chooses, and what their commands did."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message as Said

from assistant.chat import commands, feedback_commands, registry
from assistant.chat.display import one_line
from assistant.chat.outcome import Outcome
from assistant.chat.reasons import Why
from assistant.chat.session import Chat
from assistant.chat.turn import Turn
from assistant.errors import AssistantError
from assistant.settings import Settings
from assistant.store import Message, WentOn
from assistant.tui.completions import Completions
from assistant.tui.entries import Entry
from assistant.tui.forks import forks_of, pairs_of
from assistant.tui.help import HelpNotice
from assistant.tui.messages import Learned
from assistant.tui.prompt import Prompt
from assistant.tui.writing import Writing

Result = TypeVar("Result")
SOON = 0.5
"""Seconds in which the database answers, unless another program keeps it."""
WAITING = "waiting for the database, which another program uses …"
STILL_WRITING = "still writing: Enter again when it ends, Esc stops it"


class Talk(Writing):
    """Where the person and the program talk."""

    class Moved(Said):
        """The profile, or what the panel shows beside it, may have changed."""

    class Own(Said):
        """The person wants a command of the interface."""

        def __init__(self, name: str, argument: str) -> None:
            self.name = name
            self.argument = argument
            super().__init__()

    def __init__(self, chat: Chat) -> None:
        super().__init__(chat)
        self._settings = Settings()
        self._completions = Completions()
        self.prompt = Prompt(self._completions, self._complete, self._refusal)

    def compose(self) -> ComposeResult:
        """Lay out the column."""
        yield self.transcript
        with Vertical(id="entry"):
            yield self._choices
            yield self._completions
            yield self.prompt

    def apply(self, settings: Settings) -> None:
        """Take up settings."""
        self._settings = settings
        self.prompt.send_key = settings.send_key
        self._choices.keys = settings.keys

    async def reload(self, focus: int | None = None) -> None:
        """Show the chat's conversation, with a message of it on the screen, the latest when None."""
        self.chat.look()
        messages = self.chat.messages()
        forks = self.chat.forks()
        await self.transcript.show(messages, self.chat.thumbs(), forks_of(forks), focus, pairs_of(forks))
        if not messages:
            greeting = f"Hello {one_line(self.chat.user.name)}. Say something, or type / for the commands."
            await self.transcript.say(greeting, "greeting")
        if self.prompt.editing not in {each.id for each in messages}:
            self.prompt.leave()
        self.prompt.remember([each.content for each in messages if each.role == "user"])
        self.post_message(self.Moved())

    async def patiently(self, act: Callable[[], Result]) -> Result:
        """Do what may have to wait for the database, while the person types on; say so when it takes long."""
        doing = asyncio.create_task(asyncio.to_thread(act))
        await asyncio.wait({doing}, timeout=SOON)
        if not doing.done():
            self.prompt.border_subtitle = WAITING
        try:
            return await doing
        finally:
            if self.prompt.border_subtitle == WAITING:
                self.prompt.border_subtitle = ""

    async def help(self) -> None:
        """Show commands and keys."""
        await self.transcript.follow()
        known = list(commands.known(self.chat).values())
        await self.transcript.add(Entry(partial(HelpNotice, known, self._settings)))

    # What the person types

    def _complete(self, line: str) -> list[commands.Completion]:
        if not commands.is_command(line) or "\n" in line:
            return []
        try:
            return commands.complete(self.chat, line)
        except AssistantError:  # nothing can be offered now; why, the command itself will say
            return []

    def _refusal(self, text: str) -> str:
        """Return why a text cannot be sent now; what is refused stays in the field."""
        waits = not commands.is_command(text) or commands.alone(text)
        return STILL_WRITING if self.writing and waits else ""

    @on(Prompt.Sent)
    async def _sent(self, event: Prompt.Sent) -> None:
        why = self._refusal(event.text)
        if why:
            self.prompt.give_back(event.typed, why)
            return
        await self.transcript.follow()
        self._choices.close()
        if commands.is_command(event.text):
            await self.command(event.text)
            return
        text = commands.literal(event.text)
        try:
            turn = await self.patiently(lambda: self._turn(event.editing, text))
        except AssistantError as error:
            self.prompt.give_back(event.typed, "not sent")
            if isinstance(error, WentOn):
                await self.reload()
            await self.say(str(error), "error")
            return
        if event.editing is not None:
            await self.transcript.cut(event.editing)
        await self._asked(turn.question)
        await self._answer(turn)

    def _turn(self, editing: int | None, text: str) -> Turn:
        return self.chat.ask(text) if editing is None else self.chat.edit(editing, text)

    async def command(self, line: str) -> None:
        """Run a command and show what it did."""
        outcome = await self.patiently(lambda: commands.run(self.chat, line))
        if outcome.action in ("sessions", "search"):
            self.post_message(self.Own(outcome.action, registry.split(line)[1]))
        else:
            await self._show(outcome)

    async def _show(self, outcome: Outcome) -> None:
        if outcome.action == "quit":
            await self.app.action_quit()
            return
        if outcome.action == "reopen":
            self.post_message(self.Own("reopen", str(outcome.bank)))
            return
        if outcome.own is not None:
            self.post_message(self.Own(*outcome.own))
            return
        try:
            if outcome.action in ("new", "user", "conversation"):
                await self.reload(outcome.focus)
        except AssistantError as error:
            await self.say(str(error), "error")
        self.post_message(self.Moved())
        if outcome.judged is not None:
            self.transcript.judge(outcome.judged, outcome.value)
        for number, aside in zip(outcome.picked or (), (False, True), strict=False):
            self.transcript.set_aside(number, aside)
            self._choices.close()
        self.expect(outcome.later)
        if outcome.action == "help" and outcome.text.count("\n") > 1:
            await self.help()
        elif outcome.text and not (outcome.judged and outcome.later):  # the thumb is seen, and its lesson is to come
            await self.say(outcome.text, outcome.level)
        if outcome.turns and outcome.comparing:
            await self._compare(outcome)
        elif outcome.turns:
            await self._go_on(outcome)

    @on(Learned)
    async def _learned(self, event: Learned) -> None:
        outcome = event.outcome
        self.post_message(self.Moved())
        if outcome.text and not (event.quietly and outcome.level == "info"):
            await self.say(outcome.text, outcome.level)
        judged = self.transcript.entry(outcome.judged) if outcome.judged is not None else None
        if outcome.reasons and judged is not None and judged.thumb < 0:
            self._choices.ask(
                "What was wrong?",
                [(why.words, partial(self._reason, judged.message, why)) for why in outcome.reasons],
            )

    def _reason(self, message: Message, why: Why) -> None:
        self.call_later(self.rate, message, -1, why)

    async def rate(self, message: Message, value: int, why: Why | None = None) -> None:
        """Give a reply a thumb, with a reason if there is one."""
        try:
            outcome = feedback_commands.judge(self.chat, value, message, why)
        except AssistantError as error:
            outcome = Outcome(str(error), "error")
        await self._show(outcome)

    def prefer(self, number: int) -> None:
        """Go on from a reply that was compared with another."""
        if not self.refuse():
            self.call_later(self._prefer, number)  # the widget that was clicked cannot wait for its own removal

    async def _prefer(self, number: int) -> None:
        try:
            outcome = feedback_commands.prefer(self.chat, number)
        except AssistantError as error:
            outcome = Outcome(str(error), "error")
        await self._show(outcome)

    def choose(self, number: int) -> None:
        """Give the answer of that number to the question that stands."""
        self._choices.choose(number)

    def run_later(self, line: str) -> None:
        """Run a command that was chosen by key or mouse."""
        self.call_later(self._run, line)

    async def _run(self, line: str) -> None:
        await self.transcript.follow()
        await self.command(line)

    @on(Prompt.Scrolled)
    def _scrolled(self, event: Prompt.Scrolled) -> None:
        if event.step < 0:
            self.transcript.scroll_page_up(animate=False)
        else:
            self.transcript.scroll_page_down(animate=False)

    @on(Completions.OptionSelected)
    def _clicked(self) -> None:
        chosen = self._completions.chosen()
        if chosen is not None:
            self.prompt.accept(chosen)

    def refuse(self) -> bool:
        """Say so if a reply is being written, so that the conversation cannot be changed; return whether one is."""
        if self.writing:
            self.prompt.border_subtitle = STILL_WRITING
        return self.writing

    def stop(self) -> None:
        """Close the completions, else the question, else stop the reply, else the model's first preparation."""
        if self._completions.listed:
            self.prompt.close_list()
        elif self.prompt.editing is not None:
            self.prompt.leave()
        elif self._choices.asking:
            self._choices.close()
        elif self._reply is not None:
            self._reply.stop()
        else:
            self._comparison.forgo()  # the second reply of a comparison, whose voice is still being found
            self.chat.host.cancel()
