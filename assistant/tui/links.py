"""Words that can be clicked."""

from __future__ import annotations

from textual.content import Content
from textual.style import Style
from textual.widgets import Static


class Deeds(Static):
    """What can be done with a message by mouse, in a line below it.

    The words name what is done, and the widget knows with which message: so the words of all messages have the same few
    styles. Textual keeps thousands of the styles that it has met.
    """

    def __init__(self, message_id: int, words: Content | str = "") -> None:
        super().__init__(words, markup=False, classes="deeds")
        self._message_id = message_id

    async def action_do(self, name: str, *more: int) -> None:
        """Run an action of the app that takes the id of a message first."""
        given = ", ".join(map(str, (self._message_id, *more)))
        await self.app.run_action(f"app.{name}({given})")


def deed(words: str, name: str, *more: int) -> Content:
    """Return words for a line of `Deeds` that run an action of the app on its message."""
    return _clickable(words, f"do({', '.join(map(repr, (name, *more)))})")


def link(words: str | Content, action: str) -> Content:
    """Return words that run an action of the app."""
    return _clickable(words, f"app.{action}")


def _clickable(words: str | Content, action: str) -> Content:
    # not by style markup, which knows no negative numbers
    return Content.assemble(words).stylize(Style.from_meta({"@click": action}))
