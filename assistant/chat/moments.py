"""Moments in the past as people write them: "1d ago", "yesterday", "2026-11-20"."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from assistant.errors import BadInput

_AGO = re.compile(r"(\d{1,6})\s*([a-z]+)(?:\s+ago)?")
_UNITS = {"min": "minutes", "minute": "minutes", "m": "minutes", "h": "hours", "hour": "hours", "d": "days"}
_UNITS |= {"day": "days", "w": "weeks", "week": "weeks"}
_EXAMPLES = "such as 2h ago, 1d ago, yesterday, 2026-11-20 or 2026-11-20 14:30"


def moment(text: str, now: datetime | None = None) -> datetime:
    """Return the aware time that a person's words mean; a day alone means its end.

    Args:
        text: the words.
        now: the present, for words that are relative to it.

    Raises:
        BadInput: they mean no time that is past.
    """
    here = now or datetime.now().astimezone()
    words = " ".join(text.lower().split())
    try:
        found = _read(words, here)
    except (ValueError, OverflowError):
        found = None
    if found is None:
        raise BadInput(f"{text.strip()!r} is no time that I know, {_EXAMPLES}")
    return min(found, here)


def _read(words: str, here: datetime) -> datetime | None:
    if words == "yesterday":
        return _end(here - timedelta(days=1))
    ago = _AGO.fullmatch(words)
    if ago is not None:
        unit = _UNITS.get(ago[2]) or _UNITS.get(ago[2].removesuffix("s"))
        return here - timedelta(**{unit: int(ago[1])}) if unit else None
    found = datetime.fromisoformat(words.upper())
    if len(words) <= len("2026-11-20"):
        found = _end(found)
    found = found.astimezone()
    if found > here and found.date() != here.date():
        raise BadInput(f"{words!r} is still to come")
    return found


def _end(day: datetime) -> datetime:
    """Return the last moment of a day."""
    return day.replace(hour=23, minute=59, second=59, microsecond=999_999)
