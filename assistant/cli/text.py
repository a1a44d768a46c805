"""What the commands print: stored text in one line, JSON, and a profile with bars, all fit for a terminal."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import typer

from assistant.chat.display import one_line as one_line
from assistant.style import Attribute, Profile

_UNSAFE = re.compile("[\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Characters that JSON may hold as they are and a terminal should not get."""
_BAR = 21


def as_json(value: object, indent: int | None = None) -> str:
    """Return JSON with text as it is, except for characters that could steer a terminal: those are escaped."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def tell_copies(paths: Sequence[Path]) -> None:
    """Say on the standard error which copies of the database still hold what was deleted."""
    if paths:
        named = ", ".join(one_line(str(path)) for path in paths)
        typer.echo(f"note: copies of the database that you keep still hold it: {named}", err=True)


def bar(alpha: float) -> str:
    """Return a line from the low to the high anchor with a mark at α; an arrow at an end means beyond it."""
    if alpha < 0:
        return "◀" + "─" * (_BAR - 1)
    if alpha > 1:
        return "─" * (_BAR - 1) + "▶"
    at = round(alpha * (_BAR - 1))
    return "─" * at + "●" + "─" * (_BAR - 1 - at)


def profile_lines(profile: Profile, attributes: Sequence[Attribute]) -> str:
    """Return a profile over exactly `attributes` as text: a line per attribute, then strength and composition."""
    name, low, high = (max(len(getattr(each, field)) for each in attributes) for field in ("name", "low", "high"))
    lines = [
        f"{each.name:<{name}}  {each.low:>{low}} {bar(profile.alpha[each.name])} {each.high:<{high}}"
        f"  α {profile.alpha[each.name]:5.2f}  λ {profile.lambda_[each.name]:.2f}"
        for each in attributes
    ]
    return "\n".join([*lines, f"strength {profile.strength:g}, composition {profile.compose}"])
