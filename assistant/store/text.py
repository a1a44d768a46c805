"""Text on its way into the database."""

from __future__ import annotations

import unicodedata

from assistant.store.errors import StoreInputError


def storable(text: str) -> str:
    """Return text that SQLite can hold: lone surrogates become question marks, NULs are left out."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "")


def user_name(text: str) -> str:
    """Return a name fit for a user.

    Raises:
        StoreInputError: it is empty, too long, or has characters that a name must not have.
    """
    name = unicodedata.normalize("NFC", text.strip())
    if not name or len(name) > 64:
        raise StoreInputError("a user's name must have 1 to 64 characters")
    if name in (".", "..") or any(c in "/\\" or unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in name):
        raise StoreInputError("a user's name must not hold slashes, line breaks or control characters")
    return name


def title(text: str, longest: int = 60) -> str:
    """Return the first line that says something, cut at a word."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    if len(line) <= longest:
        return line
    cut = line[: longest - 1]
    return (cut[: cut.rfind(" ")] if " " in cut[longest // 2 :] else cut) + "…"
