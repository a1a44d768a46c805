"""Text on its way into the database."""

from __future__ import annotations

import re
import unicodedata

from assistant.store.errors import StoreInputError

LONGEST_NAME = 64
"""Characters of a user's name at the most."""
LONGEST_LABEL = 120
"""Characters of the name of a conversation or a voice at the most."""
_UNFIT = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Categories of characters that steer a terminal, or cannot be seen and would let two names look the same."""
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
"""Letters, marks and signs that are drawn as nothing."""
_JOINED = re.compile("(?<=[^\x00-\x7f])[\u200c\u200d](?=[^\x00-\x7f])")
"""Joiners where scripts and emoji need them: within, not beside Latin letters."""


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
    if not name or len(name) > LONGEST_NAME:
        raise StoreInputError(f"a user's name must have 1 to {LONGEST_NAME} characters that can be seen")
    if name in (".", "..") or not _seen(name) or set(name) & set("/\\"):
        raise StoreInputError(
            "a user's name must not hold slashes, line breaks, control characters or characters that cannot be seen"
        )
    return name


def user_key(text: str) -> str:
    """Return what a user is known by: the name without the difference of upper and lower case."""
    return folded(storable(text.strip()))


def label(text: str, of: str) -> str:
    """Return a name in one line, fit for a conversation or a voice.

    Raises:
        StoreInputError: it is empty, too long, or has characters that cannot be seen.
    """
    name = unicodedata.normalize("NFC", " ".join(text.split()))
    if not name or len(name) > LONGEST_LABEL or not _seen(name):
        raise StoreInputError(f"the name of {of} must have 1 to {LONGEST_LABEL} characters that can be seen")
    return name


def _seen(name: str) -> bool:
    """Return whether all characters of a name can be seen."""
    rest = _JOINED.sub("", name)
    return not _BLANK & set(rest) and not any(unicodedata.category(character) in _UNFIT for character in rest)


def title(text: str, longest: int = 60) -> str:
    """Return the first line that says something, cut at a word."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    if len(line) <= longest:
        return line
    end = line.rfind(" ", longest // 2, longest)
    return line[: end if end > 0 else longest - 1] + "…"
