"""Stored and generated text on its way to a terminal."""

from __future__ import annotations

import re

_CONTROL = "\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff"
"""What could steer a terminal: control characters, overrides of the writing direction, lone surrogates."""
_UNSEEN = "\xad\u061c\u200b\u200e\u200f\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
"""What cannot be seen, but lets two names look the same, or turns what stands beside it around."""
_HARMFUL = re.compile(f"[{_CONTROL}]")
_DOUBTFUL = re.compile(f"[{_CONTROL}{_UNSEEN}]")


def printable(text: str) -> str:
    """Return the text with control characters shown as "�", so that no escape sequence reaches the terminal.

    Line breaks and tabs stay; overrides of the writing direction and lone surrogates go as well.
    """
    return _HARMFUL.sub("\ufffd", text.replace("\r\n", "\n"))


def one_line(text: str) -> str:
    """Return a name or a title, printable and in one line; what cannot be seen is shown as "�"."""
    return " ".join(_DOUBTFUL.sub("\ufffd", text.replace("\r\n", "\n")).split())


def drawable(text: str) -> str:
    """Return the text without what `printable` marks, for where it was counted as taking no room."""
    return _HARMFUL.sub("", text)
