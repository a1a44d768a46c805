"""Text on its way from the model's thread to the interface."""

from __future__ import annotations

import threading


class Pieces:
    """Collects pieces until they are taken, so that the interface hears of many tokens at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._text = ""

    def add(self, text: str) -> bool:
        """Add a piece; return whether it is the first since the last taking, and so worth a message."""
        with self._lock:
            first = not self._text
            self._text += text
            return first and bool(text)

    def take(self) -> str:
        """Return what has been collected, and begin anew."""
        with self._lock:
            text, self._text = self._text, ""
            return text
