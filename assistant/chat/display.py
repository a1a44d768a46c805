"""Stored and generated text on its way to a terminal."""

from __future__ import annotations

import re

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str) -> str:
    """Return the text with control characters shown as "�", so that no escape sequence reaches the terminal.

    Line breaks and tabs stay; overrides of the writing direction and lone surrogates go as well.
    """
    return _CONTROL.sub("\ufffd", text.replace("\r\n", "\n"))
