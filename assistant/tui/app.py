"""The app: wires prompt, transcript, panel and status to one `Chat`."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.events import Resize

from assistant.chat import commands
from assistant.chat.host import HostState, Phase
from assistant.chat.outcome import Outcome
from assistant.chat.session import Chat
from assistant.chat.turn import Turn
from assistant.errors import AssistantError
from assistant.tui.choices import KEYS, Choices
from assistant.tui.completions import Completions
from assistant.tui.help import HelpNotice
from assistant.tui.messages import HostChanged, Learned
from assistant.tui.profile_panel import ProfilePanel
from assistant.tui.prompt import Prompt
from assistant.tui.reply import Reply
from assistant.tui.status import StatusLine
from assistant.tui.theme import CALM
from assistant.tui.transcript import Notice, PersonMessage, Transcript

NARROW = 80
"""Below so many columns the panel is shown on request only."""
PATIENCE = 5.0
"""Seconds to wait, on leaving, for the reply that is being written to be saved."""
STILL_WRITING = "still writing: Enter again when it ends, Esc stops it"
ALONE = ("new", "user", "compare", "pick")
"""Commands that change the conversation, and so wait for the end of a reply."""


class AssistantApp(App[int]):
    """The chat of one person at a time."""

    TITLE = "assistant"
    CSS_PATH = "app.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "stop", "Stop the reply", show=False),
        Binding("f1", "help", "Help"),
        Binding("f2", "panel", "Voice panel"),
        Binding("f3", "thumb(1)", "Thumb up"),
        Binding("f4", "thumb(-1)", "Thumb down"),
        *(Binding(key, f"choose({number})", show=False, priority=True) for number, key in enumerate(KEYS)),
    ]

    def __init__(self, chat: Chat, notice: str = "") -> None:
        """Prepare the app.

        Args:
            chat: what is shown and moved.
            notice: something to say at the start.
        """
        super().__init__()
        self.chat = chat
        self._notice = notice
        self._reply: Reply | None = None
        self._coming: deque[Callable[[], Turn]] = deque()
        self._comparing = False
        self._state = chat.host.state
        self._told = ""
        self._leaving = False
        self.register_theme(CALM)
        self.theme = CALM.name
        self._body = Horizontal(id="body")  # all are kept, for a query finds them only while their screen is on top
        self._transcript = Transcript()
        self._completions = Completions()
        self._choices = Choices()
        self._prompt = Prompt(self._completions, self._complete, self._refusal)
        self._panel = ProfilePanel(chat.workspace.attributes)
        self._status = StatusLine(chat.workspace.card.model)

    def compose(self) -> ComposeResult:
        """Lay out the screen."""
        with self._body:
            with Vertical(id="talk"):
                yield self._transcript
                with Vertical(id="entry"):
                    yield self._choices
                    yield self._completions
                    yield self._prompt
            yield self._panel
        yield self._status

    def on_mount(self) -> None:
        """Have the screen painted before anything else."""
        self._prompt.focus()
        self._show_profile()
        self.call_after_refresh(self._begin)

    async def _begin(self) -> None:
        """Show the conversation, and only then let the model's loading compete for the processor."""
        await self._reload()
        if self._notice:
            await self._say(self._notice)
        self.chat.host.subscribe(self._host_says)
        self.call_after_refresh(self.chat.host.start)

    @property
    def writing(self) -> bool:
        """Whether a reply is being written or waited for."""
        return self._reply is not None or bool(self._coming)

    async def _reload(self) -> None:
        """Show the chat's conversation and profile."""
        messages = self.chat.messages()
        thumbs = self.chat.workspace.store.feedback.list(self.chat.user.id)
        given = {each.message_id: each.value for each in thumbs if each.withdrawn_at is None}
        await self._transcript.show(messages, given)
        if not messages:
            greeting = f"Hello {self.chat.user.name}. Say something, or type / for the commands."
            await self._transcript.add(Notice(greeting, "greeting"))
        self._prompt.remember([each.content for each in messages if each.role == "user"])
        self._show_profile()

    def _show_profile(self) -> None:
        locks = self.chat.workspace.store.learning.locks(self.chat.user.id, self.chat.learning.bank)
        self._panel.show(self.chat.profile, self.chat.user.name, self.chat.revision.number, locks)

    async def _say(self, text: str, level: str = "info") -> None:
        """Add a line of the program's own to the transcript."""
        await self._transcript.add(Notice(text, level))

    # What the person types

    def _complete(self, line: str) -> list[commands.Completion]:
        return commands.complete(self.chat, line) if commands.is_command(line) and "\n" not in line else []

    def _refusal(self, text: str) -> str:
        """Return why a text cannot be sent now; what is refused stays in the field."""
        waits = not commands.is_command(text) or _command_name(text) in ALONE
        return STILL_WRITING if self.writing and waits else ""

    @on(Prompt.Sent)
    async def _sent(self, event: Prompt.Sent) -> None:
        why = self._refusal(event.text)
        if why:
            self._prompt.give_back(event.typed, why)
            return
        self._transcript.follow()
        self._choices.close()
        if commands.is_command(event.text):
            await self._command(event.text)
            return
        try:
            turn = self.chat.ask(commands.literal(event.text))
        except AssistantError as error:
            self._prompt.give_back(event.typed, "not sent")
            await self._say(str(error), "error")
            return
        await self._transcript.add(PersonMessage(turn.question.content))
        await self._answer(turn)

    async def _answer(self, turn: Turn) -> None:
        """Write the reply of a turn."""
        self._reply = reply = Reply(turn.reply)
        await self._transcript.add(reply)
        reply.run(turn)
        reply.waits(_waiting(self._state))

    async def _command(self, line: str) -> None:
        outcome = commands.run(self.chat, line)
        if outcome.action == "quit":
            await self.action_quit()
            return
        try:
            if outcome.action in ("new", "user"):
                await self._reload()
            self._show_profile()
        except AssistantError as error:
            await self._say(str(error), "error")
        if outcome.judged is not None and (reply := self._transcript.reply(outcome.judged)):
            reply.judge(outcome.value)
        for number, aside in zip(outcome.picked or (), (False, True), strict=False):
            if reply := self._transcript.reply(number):
                reply.set_aside(aside)
        self._await(outcome.later)
        if line.strip() == "/help":
            await self.action_help()
        elif outcome.text and not (outcome.judged and outcome.later):  # the thumb is seen, and its lesson is to come
            await self._say(outcome.text, outcome.level)
        if outcome.turns:
            if outcome.question is not None:
                await self._transcript.add(PersonMessage(outcome.question.content))
            self._coming.extend(outcome.turns)
            self._comparing = True
            await self._answer(self._coming.popleft()())

    def _await(self, later: Future[Outcome] | None) -> None:
        """Have what is being learned told once it is."""
        if later is not None:
            later.add_done_callback(lambda done: self.post_message(Learned(done.result())))

    @on(Learned)
    async def _learned(self, event: Learned) -> None:
        outcome = event.outcome
        self._show_profile()
        if outcome.text:
            await self._say(outcome.text, outcome.level)
        if outcome.reasons and outcome.judged is not None and self._transcript.reply(outcome.judged):
            self._choices.ask(
                "What was wrong?",
                [(why.words, partial(self._run, f"/bad {why.words}")) for why in outcome.reasons],
            )

    @on(Prompt.Scrolled)
    def _scrolled(self, event: Prompt.Scrolled) -> None:
        if event.step < 0:
            self._transcript.scroll_page_up()
        else:
            self._transcript.scroll_page_down()

    @on(Completions.OptionSelected)
    def _clicked(self) -> None:
        chosen = self._completions.chosen()
        if chosen is not None:
            self._prompt.accept(chosen)

    # The model

    def _host_says(self, state: HostState) -> None:
        """Pass a change of the host's state on; called from its threads."""
        self.post_message(HostChanged(state))

    @on(HostChanged)
    async def _host_changed(self, event: HostChanged) -> None:
        self._state = event.state
        self._status.phase(event.state)
        if self._reply is not None:
            self._reply.waits(_waiting(event.state))
        elif event.state.phase is Phase.FAILED and event.state.detail != self._told:
            self._told = event.state.detail
            await self._say(event.state.detail, "error")

    @on(Reply.Ended)
    async def _ended(self, event: Reply.Ended) -> None:
        self._reply = None
        self._prompt.border_subtitle = ""
        self._status.speed(event.speed)
        if event.failure:
            self._told = event.failure
            await self._say(event.failure, "error")
        if self._leaving:
            self.exit(0)
            return
        self._await(self.chat.finished(event.reply))
        if self._coming and event.reply.status == "complete":
            await self._answer(self._coming.popleft()())
            return
        if self._comparing and not self._coming and event.reply.status == "complete":
            self._choices.ask(
                "Which do you like better?",
                [("the first", partial(self._run, "/pick 1")), ("the second", partial(self._run, "/pick 2"))],
            )
        self._coming.clear()
        self._comparing = False

    # Keys

    def action_stop(self) -> None:
        """Close the completions, else stop the reply; otherwise nothing."""
        if self._completions.listed:
            self._prompt.close_list()
        elif self._choices.asking:
            self._choices.close()
        elif self._reply is not None:
            self._reply.stop()

    def action_choose(self, number: int) -> None:
        """Give the answer of that number to the question that stands."""
        self._choices.choose(number)

    def _run(self, line: str) -> None:
        """Run a command that was chosen by key."""
        self._transcript.follow()
        self.call_later(self._command, line)

    def action_panel(self) -> None:
        """Show or hide the voice panel."""
        self._body.toggle_class("with-panel" if self._body.has_class("narrow") else "without-panel")

    async def action_thumb(self, value: int) -> None:
        """Give the newest reply a thumb."""
        self._transcript.follow()
        await self._command("/good" if value > 0 else "/bad")

    async def action_help(self) -> None:
        """Show commands and keys."""
        self._transcript.follow()
        await self._transcript.add(HelpNotice(commands.registry(self.chat.workspace.attributes).values()))

    def action_help_quit(self) -> None:
        """Say how to leave, for those who press Ctrl+C."""
        self._prompt.border_subtitle = "Ctrl+Q quits"

    async def action_quit(self) -> None:
        """Leave, after the reply that is being written has been stopped and saved."""
        if self._reply is None or self._leaving:
            self.exit(0)
            return
        self._leaving = True
        self._reply.stop()
        self.set_timer(PATIENCE, lambda: self.exit(0))

    def on_resize(self, event: Resize) -> None:
        """Give the conversation the whole width of a narrow terminal."""
        self._body.set_class(event.size.width < NARROW, "narrow")


def _command_name(line: str) -> str:
    return line[1:].strip().split(" ", 1)[0].lower()


def _waiting(state: HostState) -> str:
    """Return what a reply that has not begun waits for."""
    if state.phase in (Phase.IDLE, Phase.LOADING):
        return "waiting for the model …"
    return "composing your voice …" if state.phase is Phase.COMPOSING else "thinking …"
