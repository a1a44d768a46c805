"""What the app does by key and mouse about replies: they are judged, picked and copied."""

from __future__ import annotations

from textual.app import App

from assistant.chat.session import Chat
from assistant.errors import AssistantError
from assistant.tui import clipboard, own_commands
from assistant.tui.code import blocks
from assistant.tui.talk import Talk
from assistant.tui.telling import Telling


class ReplyActions(Telling, App[int]):
    """The part of the app that judges, picks and copies replies."""

    chat: Chat
    _talk: Talk

    async def action_thumb(self, value: int) -> None:
        """Give the newest reply a thumb."""
        await self._talk.transcript.follow()
        await self._talk.command("/good" if value > 0 else "/bad")

    async def action_rate(self, number: int, value: int) -> None:
        """Give any reply a thumb."""
        if entry := self._talk.transcript.entry(number):
            await self._talk.rate(entry.message, value)

    def action_pick(self, number: int) -> None:
        """Go on from one of two replies that were compared."""
        self._talk.prefer(number)

    async def action_copy(self) -> None:
        """Copy the newest reply."""
        await self._copy("")

    async def action_copy_reply(self, number: int) -> None:
        """Copy a reply."""
        if entry := self._talk.transcript.entry(number):
            await self._take(entry.message.content, "the reply")

    async def action_copy_code(self, number: int, block: int) -> None:
        """Copy a code block of a reply."""
        if entry := self._talk.transcript.entry(number):
            await self._take(blocks(entry.message.content)[block], f"code block {block + 1}")

    async def _copy(self, argument: str) -> None:
        try:
            text, what, to_file = own_commands.wanted_copy(self.chat, argument)
        except AssistantError as error:
            await self._talk.say(f"{str(error)[:1].upper()}{str(error)[1:]}", "error")
            return
        await self._take(text, what, to_file)

    async def _take(self, text: str, what: str, to_file: bool = False) -> None:
        try:
            self.notify(clipboard.copy(self, text, what, to_file), markup=False)
        except AssistantError as error:
            await self._talk.say(str(error), "error")
