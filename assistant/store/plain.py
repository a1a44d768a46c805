"""Reading plain values from a JSON file that anyone may have written: every fault is one line that says where it is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from assistant.store.errors import StoreInputError
from assistant.store.text import storable
from assistant.style import Profile, ProfileError

LONGEST = 100_000_000
"""Characters of a text at the most."""
DEEPEST = 8
"""Levels of nested values at the most."""
Row = Mapping[str, Any]


def rows(values: Row, key: str, where: str) -> list[tuple[str, Row]]:
    """Return a list of objects, each with what it is called in a message, such as "voice 3 of ann"."""
    found = values.get(key)
    if not isinstance(found, list):
        raise StoreInputError(f"{where} needs a list of {key}")
    named = [(f"{key.removesuffix('s')} {place} of {where}", each) for place, each in enumerate(found, 1)]
    for name, each in named:
        if not isinstance(each, Mapping):
            raise StoreInputError(f"{name} must be an object")
    return named


def text(row: Row, key: str, where: str, default: str | None = None) -> str:
    """Return a text, fit to be stored."""
    value = row.get(key, default)
    if not isinstance(value, str) or len(value) > LONGEST:
        raise StoreInputError(f"{key!r} of {where} must be a text of at most {LONGEST} characters")
    return storable(value)


def one_of(row: Row, key: str, where: str, values: Sequence[str], default: str | None = None) -> str:
    """Return a text that is one of some values."""
    value = text(row, key, where, default)
    if value not in values:
        raise StoreInputError(f"the {key} of {where} is none of {', '.join(values)}: {value[:20]!r}")
    return value


def integer(row: Row, key: str, where: str) -> int:
    """Return a whole number that SQLite can hold."""
    value = row.get(key)
    if type(value) is not int or not -(2**63) <= value < 2**63:
        raise StoreInputError(f"{key!r} of {where} must be a whole number")
    return value


def optional(row: Row, key: str, where: str) -> int | None:
    """Return a whole number, or None where there is none."""
    return None if row.get(key) is None else integer(row, key, where)


def boolean(row: Row, key: str, where: str) -> bool:
    """Return a truth value; false where there is none."""
    value = row.get(key, False)
    if not isinstance(value, bool):
        raise StoreInputError(f"{key!r} of {where} must be true or false")
    return value


def number(value: object, what: str) -> float:
    """Return a finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e300 or not math.isfinite(value):
        raise StoreInputError(f"the {what} must be a number")
    return float(value)


def scores(row: Row, where: str) -> dict[str, float] | None:
    """Return the scores of a reply, or None where it has none."""
    found = table(row, "scores", where)
    return None if found is None else {name: number(value, f"scores of {where}") for name, value in found.items()}


def profile(row: Row, key: str, where: str) -> dict[str, Any]:
    """Return a profile as it is stored."""
    try:
        return Profile.from_dict(row.get(key)).as_dict()
    except (ProfileError, OverflowError) as error:
        raise StoreInputError(f"the profile of {where} is not usable: {error}") from error


def table(row: Row, key: str, where: str) -> dict[str, Any] | None:
    """Return a flat object of plain values, or None where there is none."""
    value = row.get(key)
    if value is None:
        return None
    if not isinstance(value, Mapping) or any(isinstance(each, Mapping | list) for each in value.values()):
        raise StoreInputError(f"{key!r} of {where} must be an object of plain values")
    return {storable(name): tree(each, f"{key!r} of {where}") for name, each in value.items()}


def counts(row: Row, key: str, where: str) -> dict[str, int] | None:
    """Return a flat object of whole numbers, or None where there is none."""
    found = table(row, key, where)
    return None if found is None else {name: integer(found, name, f"{key!r} of {where}") for name in found}


def tree(value: Any, where: str, depth: int = DEEPEST) -> Any:
    """Return plain values as they can be stored: texts without lone surrogates, finite numbers."""
    if depth < 0:
        raise StoreInputError(f"{where} is nested too deeply")
    if isinstance(value, Mapping):
        return {storable(name): tree(each, where, depth - 1) for name, each in value.items()}
    if isinstance(value, list):
        return [tree(each, where, depth - 1) for each in value]
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, bool) or value is None:
        return value
    if abs(value) > 1e300 or not math.isfinite(value):
        raise StoreInputError(f"{where} holds a number that is not usable")
    return value


def time(row: Row, key: str, where: str, default: datetime | None = None) -> datetime:
    """Return a time in UTC; where there is none, the default or the present."""
    value = row.get(key)
    if value is None:
        return default or datetime.now(UTC)
    try:
        found = datetime.fromisoformat(value)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError) as error:
        raise StoreInputError(f"{key!r} of {where} must be a time such as 2026-11-20T09:30:00Z") from error
