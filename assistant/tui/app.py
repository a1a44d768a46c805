"""The app: wires prompt, transcript, panel and status to one `Chat`."""

from __future__ import annotations

import time
from typing import ClassVar

from textual import on, work
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.events import Resize
from textual.widgets import TextArea

from assistant.chat import commands
from assistant.chat.host import HostState, Phase
from assistant.chat.session import Chat, Turn
from assistant.errors import AssistantError
from assistant.tui.completions import Completions
from assistant.tui.messages import HostChanged, ReplyEnded, ReplyGrew
from assistant.tui.profile_panel import ProfilePanel
from assistant.tui.prompt import Prompt
from assistant.tui.status import StatusLine
from assistant.tui.transcript import Notice, PersonMessage, Reply, Transcript

FRAME = 0.04
"""Seconds of streamed text that are shown together; a message per token would slow the model down."""
NARROW = 84
"""Below so many columns the panel is shown on request only."""
STILL_WRITING = "Still writing: your text stays here. Esc stops the reply, Enter sends after that."


class AssistantApp(App[int]):
    """The chat of one person at a time."""

    TITLE = "assistant"
    CSS_PATH = "app.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "stop", "Stop", priority=True, show=False),
        Binding("f1", "help", "Help"),
        Binding("f2", "panel", "Voice panel"),
        Binding("f3", "thumb(1)", "Thumb up"),
        Binding("f4", "thumb(-1)", "Thumb down"),
        Binding("ctrl+q", "leave", "Quit", priority=True),
    ]

    def __init__(self, chat: Chat) -> None:
        super().__init__()
        self.chat = chat
        self._turn: Turn | None = None
        self._leaving = False

    def compose(self) -> ComposeResult:
        """Lay out the screen."""
        with Horizontal(id="body"):
            with Vertical(id="talk"):
                yield Transcript()
                yield Completions()
                yield Prompt()
            yield ProfilePanel(self.chat.workspace.attributes)
        yield StatusLine(self.chat.workspace.card.model)

    async def on_mount(self) -> None:
        """Show what there is, then have the model loaded."""
        self.chat.host.subscribe(self._host_says)
        self.query_one(Prompt).focus()
        await self._reload()
        self.call_after_refresh(self.chat.host.start)

    def _host_says(self, state: HostState) -> None:
        """Pass a change of the host's state on from its thread."""
        self.post_message(HostChanged(state))

    @property
    def writing(self) -> bool:
        """Whether a reply is being written or waited for."""
        return self._turn is not None

    async def _reload(self) -> None:
        """Show the chat's conversation and profile."""
        messages = self.chat.messages()
        store = self.chat.workspace.store.feedback
        thumbs = {each.message_id: each.value for each in store.list(self.chat.user.id) if each.withdrawn_at is None}
        await self.query_one(Transcript).show(messages, thumbs, self.chat.user.name)
        self.query_one(Prompt).remember([each.content for each in messages if each.role == "user"])
        self._show_profile()

    def _show_profile(self) -> None:
        self.query_one(ProfilePanel).show(self.chat.profile, self.chat.user.name, self.chat.revision.number)

    # What the person types

    @on(TextArea.Changed)
    def _typed(self, event: TextArea.Changed) -> None:
        line = event.text_area.text
        found = commands.complete(self.chat, line) if commands.is_command(line) and "\n" not in line else []
        self._offer([] if len(found) == 1 and found[0].text.strip() == line.strip() else found)

    def _offer(self, found: list[commands.Completion]) -> None:
        self.query_one(Completions).offer(found)
        self.query_one(Prompt).completing = bool(found)

    @on(Prompt.Key)
    async def _completion_key(self, event: Prompt.Key) -> None:
        listed, prompt = self.query_one(Completions), self.query_one(Prompt)
        if event.key in ("up", "down"):
            listed.move(-1 if event.key == "up" else 1)
            return
        chosen, typed = listed.chosen(), prompt.text
        if event.key == "enter" and (chosen is None or self._whole(typed)):
            await self._send(typed)
        elif chosen is not None:
            prompt.text = chosen.text
            prompt.move_cursor(prompt.document.end)
            if event.key == "enter" and " " in typed:
                await self._send(chosen.text)

    def _whole(self, line: str) -> bool:
        """Return whether a command line stands for itself: its name is known and its argument is no piece of a word."""
        name, _, argument = line[1:].partition(" ")
        return name in commands.registry(self.chat.workspace.attributes) and not argument.strip().isalpha()

    @on(Completions.OptionSelected)
    def _completion_clicked(self) -> None:
        chosen, prompt = self.query_one(Completions).chosen(), self.query_one(Prompt)
        if chosen is not None:
            prompt.text = chosen.text
            prompt.move_cursor(prompt.document.end)
            prompt.focus()

    @on(Prompt.Sent)
    async def _sent(self, event: Prompt.Sent) -> None:
        await self._send(event.text)

    async def _send(self, text: str) -> None:
        """Run a command or send a message; nothing typed is lost when that cannot be done now."""
        if not text.strip():
            return
        prompt = self.query_one(Prompt)
        if commands.is_command(text):
            prompt.clear_sent(text)
            await self._command(text)
        elif self.writing:
            self.notify(STILL_WRITING, severity="warning")
        else:
            try:
                turn = self.chat.ask(commands.literal(text))
            except AssistantError as error:
                await self._notice(str(error), "error")
                return
            prompt.clear_sent(text)
            await self._begin(turn)

    async def _command(self, line: str) -> None:
        name = line[1:].strip().split(" ", 1)[0].lower()
        if self.writing and name in ("user", "new"):
            self.notify("A reply is still being written: Esc stops it.", severity="warning")
            return
        outcome = commands.run(self.chat, line)
        if outcome.action == "quit":
            self.action_leave()
            return
        if outcome.action in ("new", "user"):
            await self._reload()
        if outcome.judged is not None:
            reply = self.query_one(Transcript).reply(outcome.judged)
            if reply is not None:
                reply.judge(outcome.value)
        self._show_profile()
        await self._notice(outcome.text, outcome.level)

    async def _notice(self, text: str, level: str) -> None:
        transcript = self.query_one(Transcript)
        await transcript.add(Notice(text, level))
        transcript.anchor()

    # A reply, from its beginning to its end

    async def _begin(self, turn: Turn) -> None:
        transcript = self.query_one(Transcript)
        reply = Reply(turn.reply)
        await transcript.add(PersonMessage(turn.question.content))
        await transcript.add(reply)
        reply.wait()
        transcript.anchor()
        self._turn = turn
        self._write(turn)

    @work(thread=True, group="reply")
    def _write(self, turn: Turn) -> None:
        """Run the turn in a thread of its own and post what comes of it."""
        pending, shown, failure = "", time.monotonic(), ""
        try:
            for piece in turn.stream():
                pending += piece
                if time.monotonic() - shown >= FRAME:
                    self.post_message(ReplyGrew(pending))
                    pending, shown = "", time.monotonic()
        except AssistantError as error:
            failure = str(error)
        finally:
            if pending:
                self.post_message(ReplyGrew(pending))
            self.post_message(ReplyEnded(turn.reply, failure))

    @on(ReplyGrew)
    async def _grew(self, event: ReplyGrew) -> None:
        if self._turn is not None:
            reply = self.query_one(Transcript).reply(self._turn.reply.id)
            if reply is not None:
                await reply.grow(event.text)

    @on(ReplyEnded)
    async def _ended(self, event: ReplyEnded) -> None:
        self._turn = None
        reply = self.query_one(Transcript).reply(event.reply.id)
        if reply is not None:
            await reply.end(event.reply)
        self.query_one(StatusLine).speed(event.reply.tokens or 0, event.reply.seconds or 0.0)
        if event.failure:
            await self._notice(event.failure, "error")
        if self._leaving:
            self.exit(0)

    @on(HostChanged)
    async def _host_changed(self, event: HostChanged) -> None:
        self.query_one(StatusLine).phase(event.state)
        if event.state.phase is Phase.FAILED and not self.writing:
            await self._notice(event.state.detail, "error")

    # Keys

    def action_stop(self) -> None:
        """Close the completions, else stop the reply; otherwise nothing."""
        if self.query_one(Completions).display:
            self._offer([])
        elif self._turn is not None:
            self._turn.stop()

    def action_panel(self) -> None:
        """Show or hide the voice panel."""
        self.screen.toggle_class("panel" if self.screen.has_class("narrow") else "hidden-panel")

    async def action_thumb(self, value: int) -> None:
        """Give the newest reply a thumb."""
        await self._command("/good" if value > 0 else "/bad")

    async def action_help(self) -> None:
        """Show the commands."""
        await self._command("/help")

    def action_leave(self) -> None:
        """Leave, after the reply that is being written has been stopped and saved."""
        if self._turn is None or self._leaving:
            self.exit(0)
            return
        self._leaving = True
        self._turn.stop()

    def on_resize(self, event: Resize) -> None:
        """Give the conversation the whole width of a narrow terminal."""
        self.screen.set_class(event.size.width < NARROW, "narrow")
