"""Words that can be clicked."""

from __future__ import annotations

from textual.content import Content
from textual.style import Style


def link(words: str | Content, action: str) -> Content:
    """Return words that run an action of the app, whatever numbers it takes: style markup knows no negative ones."""
    return Content.assemble(words).stylize(Style.from_meta({"@click": f"app.{action}"}))
