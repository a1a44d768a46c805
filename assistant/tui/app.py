"""The app: conversation, voice panel and status of one `Chat`, with the keys and settings of the person."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import on
from textual._styles_cache import StylesCache
from textual.actions import ActionParseResult
from textual.app import ComposeResult, SystemCommand
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.dom import DOMNode
from textual.events import Event, InputEvent, Resize
from textual.filter import LineFilter
from textual.screen import Screen

from assistant.chat import commands
from assistant.chat.host import HostState
from assistant.chat.session import Chat
from assistant.settings import Settings, SettingsFile
from assistant.settings.keys import ACTIONS, keys_of, spoken
from assistant.tui import own_commands
from assistant.tui.bindings import bindings, keymap
from assistant.tui.conversation_actions import ConversationActions
from assistant.tui.messages import HostChanged
from assistant.tui.profile_panel import ProfilePanel
from assistant.tui.profile_row import SPARKS, AttributeRow
from assistant.tui.reply import Reply
from assistant.tui.reply_actions import ReplyActions
from assistant.tui.safe_lines import SafeLines
from assistant.tui.settings_screen import SettingsScreen
from assistant.tui.slider import SliderRow
from assistant.tui.status import StatusLine
from assistant.tui.strength_row import StrengthRow
from assistant.tui.talk import Talk
from assistant.tui.telling import EXPECTED
from assistant.tui.theme import CALM, DAYLIGHT, TERMINAL, theme_name
from assistant.tui.training_row import TrainingRow

NARROW = 80
"""Below so many columns the panel is shown on request only."""
PATIENCE = 5.0
"""Seconds to wait, on leaving, for the reply that is being written to be saved."""


class AssistantApp(ReplyActions, ConversationActions):
    """The chat of one person at a time."""

    TITLE = "assistant"
    CSS_PATH = "app.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings("app")

    def __init__(self, chat: Chat, notice: str = "", file: SettingsFile | None = None) -> None:
        """Prepare the app.

        Args:
            chat: what is shown and moved.
            notice: something to say at the start.
            file: the person's settings; their own file when None.
        """
        super().__init__(ansi_color=True if "NO_COLOR" in os.environ else None)  # decides how colour is taken away
        self.chat = chat
        chat.added = own_commands.COMMANDS
        self._file = file or SettingsFile()
        self._notices = [each for each in (notice, self._file.problem) if each]
        self._calm = self.animation_level  # what the environment asks for
        self.register_theme(CALM)
        self.register_theme(DAYLIGHT)
        card = chat.workspace.card
        self._body = Horizontal(id="body")  # all are kept, for a query finds them only while their screen is on top
        self._talk = Talk(chat)
        self._panel = ProfilePanel(chat.workspace.attributes, card.safe_range)
        self._status = StatusLine(card.model)
        self._safe_lines = SafeLines()
        self._training = TrainingRow(chat.trainer)
        self.reopening: Path | None = None
        """Folder of the bank to open the chat anew with, once it has closed."""
        self._apply(self._file.settings)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return what every drawn line passes through."""
        return [self._safe_lines, *super().get_line_filters()]

    def compose(self) -> ComposeResult:
        """Lay out the screen."""
        with self._body:
            yield self._talk
            yield self._panel
        yield self._training
        yield self._status

    def on_mount(self) -> None:
        """Have the screen painted before anything else."""
        self._talk.prompt.focus()
        self._show_profile()
        self.call_after_refresh(self._begin)

    async def _begin(self) -> None:
        """Show the conversation, and only then let the model's loading compete for the processor."""
        try:
            await self._talk.reload()
            self._talk.expect(self.chat.overdue())
        except EXPECTED as error:
            await self.tell(error)
        for text in self._notices:
            await self._talk.say(text)
        self.chat.host.subscribe(self._host_says)
        self.call_after_refresh(self.chat.host.start)

    async def on_event(self, event: Event) -> None:
        """Pass an event on; a key or a turn of the wheel that comes while the app closes has no screen to go to."""
        if self.screen_stack or not isinstance(event, InputEvent):
            await super().on_event(event)

    async def tell(self, error: Exception) -> None:
        """Say what could not be done."""
        await self._talk.say(str(error), "error")

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Do what a key or a link means; what cannot be done is said."""
        try:
            return await super().run_action(action, default_namespace, namespaces)
        except EXPECTED as error:
            await self.tell(error)
            return True

    @property
    def writing(self) -> bool:
        """Whether a reply is being written or waited for."""
        return self._talk.writing

    # Settings

    def _apply(self, settings: Settings) -> None:
        """Take up settings, all but the model, which comes with the next start."""
        self.theme = TERMINAL if self.no_color else theme_name(settings.theme, self.console.color_system)
        self.animation_level = self._calm if settings.animations else "none"
        self.set_keymap(keymap(settings.keys))
        self._talk.apply(settings)
        self.own_keys = self._status.keys = self._panel.keys = settings.keys
        self.chat.sampling = replace(
            self.chat.sampling, temperature=settings.temperature, max_tokens=settings.max_tokens
        )
        self._body.set_class(settings.panel == "shown", "with-panel")
        self._body.set_class(settings.panel == "hidden", "without-panel")

    def action_settings(self) -> None:
        """Show the settings, or close them."""
        if isinstance(self.screen, SettingsScreen):
            self.screen.dismiss()
        elif len(self.screen_stack) == 1:
            self.push_screen(SettingsScreen(self._file, self._apply))

    # The voice

    def _show_profile(self) -> None:
        chat, store = self.chat, self.chat.workspace.store
        locks = store.learning.locks(chat.user.id, chat.learning.bank)
        past = [each.profile for each in reversed(store.profiles.history(chat.user.id, SPARKS))]
        self._panel.show(chat.profile, chat.user.name, chat.revision.number, locks, self._scores(), past)

    def _scores(self) -> dict[str, float] | None:
        """Return what was measured on the last reply."""
        replies = [each for each in self.chat.messages() if each.role == "assistant" and not each.superseded]
        return replies[-1].scores if replies else None

    @on(Talk.Moved)
    @on(Talk.Written)
    def _moved(self) -> None:
        self._status.context(self.chat.context())
        self._show_profile()

    @on(AttributeRow.Turned)
    async def _turned(self, event: AttributeRow.Turned) -> None:
        wanted = ((event.name, event.alpha), (f"weight {event.name}", event.share))
        await self._set([f"/{what} {value:.2f}" for what, value in wanted if value is not None])

    @on(StrengthRow.Turned)
    async def _strengthened(self, event: StrengthRow.Turned) -> None:
        await self._set([f"/strength {event.strength:.2f}"])

    @on(AttributeRow.Locking)
    async def _locking(self, event: AttributeRow.Locking) -> None:
        await self._set([f"/{'lock' if event.lock else 'unlock'} {event.name}"])

    async def _set(self, lines: list[str]) -> None:
        """Run commands whose effect the panel shows; only what goes wrong is said."""
        for line in lines:
            outcome = await self._talk.patiently(partial(commands.run, self.chat, line))
            if outcome.level == "error":
                await self._talk.say(outcome.text, "error")
            self._talk.expect(outcome.later, quietly=True)
        self._show_profile()

    @on(SliderRow.Left)
    def _left(self) -> None:
        self._talk.prompt.focus()

    def action_voice(self) -> None:
        """Turn the voice by keys, or go back to typing."""
        if len(self.screen_stack) > 1:
            return
        if isinstance(self.focused, SliderRow):
            self._talk.prompt.focus()
            return
        if not self._panel.display:
            self.action_panel()
        self._panel.query(AttributeRow).first().focus()

    def action_panel(self) -> None:
        """Show or hide the voice panel."""
        if self._panel.display:
            self._talk.prompt.focus()
        self._body.set_class(not self._panel.display, "with-panel")
        self._body.set_class(bool(self._panel.display), "without-panel")

    def on_resize(self, event: Resize) -> None:
        """Give the conversation the whole width of a narrow terminal."""
        self._body.set_class(event.size.width < NARROW, "narrow")

    # The model

    def _host_says(self, state: HostState) -> None:
        """Pass a change of the host's state on; called from its threads."""
        self.post_message(HostChanged(state))

    @on(HostChanged)
    async def _host_changed(self, event: HostChanged) -> None:
        self._status.phase(event.state)
        await self._talk.host(event.state)

    @on(TrainingRow.Ended)
    async def _trained(self, event: TrainingRow.Ended) -> None:
        await self._talk.say(event.text, "error" if event.failed else "info")

    @on(Reply.Going)
    def _going(self, event: Reply.Going) -> None:
        self._status.speed(event.speed)

    @on(Reply.Ended)
    def _ended(self, event: Reply.Ended) -> None:
        self._status.speed(event.speed)
        # Textual caches styles by widget and so keeps what was drawn of a thousand widgets that are no more
        # (https://github.com/Textualize/textual/issues/6665).
        StylesCache.get_inner_outer.cache_clear()

    # Replies, by key and mouse

    @on(Talk.Own)
    async def _own(self, event: Talk.Own) -> None:
        if event.name == "copy":
            await self._copy(event.argument)
        elif event.name == "sessions":
            self.action_sessions()
        elif event.name == "search":
            self.action_search(event.argument)
        elif event.name == "reopen":
            self.reopening = Path(event.argument)
            self.exit(0)
        else:
            self.action_settings()

    # Keys

    def action_stop(self) -> None:
        """Close what is open, else stop the reply; otherwise nothing."""
        self._talk.stop()

    def action_choose(self, number: int) -> None:
        """Give the answer of that number to the question that stands."""
        self._talk.choose(number)

    async def action_help(self) -> None:
        """Show commands and keys."""
        await self._talk.help()

    def action_help_quit(self) -> None:
        """Say how to leave, for those who press Ctrl+C."""
        self._talk.prompt.border_subtitle = f"{spoken(keys_of('quit', self.own_keys))} quits"

    async def action_quit(self) -> None:
        """Leave, after the reply that is being written has been stopped and saved."""
        if not self._talk.writing or self._talk.leaving:
            self.exit(0)
            return
        self._talk.leaving = True
        self._talk.stop_writing()
        self.set_timer(PATIENCE, lambda: self.exit(0))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Offer what keys and commands do in the palette."""
        for each in ACTIONS:
            if each.place == "app" and not each.name.startswith("choose_") and each.name not in ("stop", "palette"):
                keys = spoken(keys_of(each.name, self.own_keys))
                yield SystemCommand(each.about.rstrip("."), f"Key {keys}", partial(self.run_action, each.action))
        for command in commands.known(self.chat).values():
            if not command.usage and command.name != "quit":
                yield SystemCommand(
                    f"/{command.name}", command.about, partial(self._talk.run_later, f"/{command.name}")
                )
