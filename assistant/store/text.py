"""Text on its way into the database."""

from __future__ import annotations

import unicodedata

from assistant.store.errors import StoreInputError

LONGEST_NAME = 64
"""Characters of a user's name at the most."""
LONGEST_LABEL = 120
"""Characters of the name of a conversation or a voice at the most."""
_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp", "Zs"}
_UNFIT = _UNSEEN - {"Cf", "Zs"}


def storable(text: str) -> str:
    """Return text that SQLite can hold: lone surrogates become question marks, NULs are left out."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "")


def folded(text: str) -> str:
    """Return the text without the difference of upper and lower case, in any script."""
    return unicodedata.normalize("NFC", text.casefold())


def user_name(text: str) -> str:
    """Return a name fit for a user.

    Raises:
        StoreInputError: it is empty, too long, or has characters that a name must not have.
    """
    name = unicodedata.normalize("NFC", text.strip())
    kinds = {unicodedata.category(character) for character in name}
    if kinds <= _UNSEEN - _UNFIT or len(name) > LONGEST_NAME:
        raise StoreInputError(f"a user's name must have 1 to {LONGEST_NAME} characters that can be seen")
    if name in (".", "..") or kinds & _UNFIT or set(name) & set("/\\"):
        raise StoreInputError("a user's name must not hold slashes, line breaks or control characters")
    return name


def label(text: str, of: str) -> str:
    """Return a name in one line, fit for a conversation or a voice.

    Raises:
        StoreInputError: it is empty, too long, or has characters that cannot be seen.
    """
    name = unicodedata.normalize("NFC", " ".join(text.split()))
    kinds = {unicodedata.category(character) for character in name}
    if kinds <= _UNSEEN - _UNFIT or len(name) > LONGEST_LABEL or kinds & _UNFIT:
        raise StoreInputError(f"the name of {of} must have 1 to {LONGEST_LABEL} characters that can be seen")
    return name


def title(text: str, longest: int = 60) -> str:
    """Return the first line that says something, cut at a word."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    if len(line) <= longest:
        return line
    end = line.rfind(" ", longest // 2, longest)
    return line[: end if end > 0 else longest - 1] + "…"
