"""The last look at what is drawn: no widget, whatever it was given, sends a control character to the terminal."""

from __future__ import annotations

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from assistant.chat.display import drawable


class SafeLines(LineFilter):
    """Leaves out of every drawn line what could steer the terminal, such as escape sequences pasted into a field."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments without control characters in their texts; the terminal counts those as nothing."""
        return [
            segment if segment.control or segment.text.isprintable() else segment._replace(text=drawable(segment.text))
            for segment in segments
        ]
