"""What the app does by key and mouse about conversations and their branches."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from textual.app import App

from assistant.chat.session import Chat
from assistant.errors import AssistantError
from assistant.store import Hit
from assistant.tui.rewording import take_up, take_up_earlier
from assistant.tui.search_screen import SearchScreen
from assistant.tui.sessions_screen import SessionsScreen, Visit
from assistant.tui.talk import Talk
from assistant.tui.telling import Telling


class ConversationActions(Telling, App[int]):
    """The part of the app that goes from branch to branch and from conversation to conversation."""

    chat: Chat
    own_keys: dict[str, str]
    """Keys that the person chose."""
    _talk: Talk

    def action_retry(self) -> None:
        """Have the last message answered anew."""
        if not self._talk.refuse():
            self._talk.run_later("/retry")

    def action_edit(self) -> None:
        """Take up an earlier message of the person to be worded anew."""
        take_up_earlier(self._talk.prompt, self.chat)

    def action_reword(self, number: int) -> None:
        """Take up a message of the person to be worded anew."""
        try:
            take_up(self._talk.prompt, self.chat.message(number))
        except AssistantError as error:
            self._talk.prompt.border_subtitle = str(error)

    def action_sibling(self, number: int, step: int) -> None:
        """Go over to a sibling of a message; nothing at either end."""
        self.call_later(self._go_over, number, step)  # the widget that was clicked cannot wait for its own removal

    async def _go_over(self, number: int, step: int) -> None:
        if self._talk.refuse():
            return
        try:
            chosen = self.chat.siblings(number).step(step)
            self.chat.choose(chosen.id)
        except AssistantError as error:
            self._talk.prompt.border_subtitle = str(error)
            return
        taken_up = self._talk.prompt.editing == number
        await self._talk.reload(chosen.id)
        if taken_up:
            take_up(self._talk.prompt, chosen)

    def action_step(self, step: int) -> None:
        """Go over to a sibling of the message that is being worded anew, else at the last fork."""
        forks = self.chat.forks()
        if not forks:
            self._talk.prompt.border_subtitle = "there are no siblings here: retrying and editing make them"
            return
        places = [each.messages[each.position].id for each in forks]
        editing = self._talk.prompt.editing
        self.action_sibling(editing if editing in places and editing is not None else places[-1], step)

    def action_sessions(self) -> None:
        """Show the conversations."""
        if len(self.screen_stack) == 1:
            self.push_screen(SessionsScreen(self.chat, self.own_keys), self._visit)

    def action_search(self, words: str = "") -> None:
        """Search in all conversations."""
        if len(self.screen_stack) == 1:
            self.push_screen(SearchScreen(self.chat, words, self.own_keys), self._jump)

    def _visit(self, visit: Visit | None) -> None:
        here = self.chat.conversation.id if self.chat.conversation else None
        if visit is None or (self._talk.writing and visit.conversation_id == here is not None):
            return
        if visit.conversation_id is not None:
            self._talk.leave(partial(self._go, partial(self.chat.open, visit.conversation_id)))
        else:
            self._talk.leave(self._talk.reload)

    def _jump(self, hit: Hit | None) -> None:
        if hit is not None:
            number = hit.message.id
            self._talk.leave(partial(self._go, partial(self.chat.jump, hit.conversation_id, number), number))

    async def _go(self, there: Callable[[], object], focus: int | None = None) -> None:
        """Go to another place and show it."""
        try:
            there()
            await self._talk.reload(focus)
        except AssistantError as error:
            await self._talk.say(str(error), "error")
