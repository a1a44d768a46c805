"""Profiles and their changes in words."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.engine.room import Room
from assistant.style import Attribute, Profile

_NOTHING = "nothing changed"


def changes(before: Profile, after: Profile) -> str:
    """Return what differs between two profiles, such as "formality 0.50 → 0.75; strength 1 → 0.8"."""
    parts = []
    for name in after.attributes:
        old, new = before.alpha.get(name), after.alpha[name]
        if old is None or _seen(old, new):
            parts.append(f"{name} {'new' if old is None else f'{old:.2f}'} → {new:.2f}")
    weights = [
        f"{name} {before.lambda_.get(name, 0.0):.2f} → {after.lambda_[name]:.2f}"
        for name in after.attributes
        if _seen(before.lambda_.get(name, 0.0), after.lambda_[name])
    ]
    if weights:
        parts.append("weights " + ", ".join(weights))
    if before.strength != after.strength:
        parts.append(f"strength {before.strength:g} → {after.strength:g}")
    if before.compose is not after.compose:
        parts.append(f"composition {before.compose} → {after.compose}")
    return "; ".join(parts) or _NOTHING


def left_out(room: Room) -> str:
    """Return what of a conversation the model did not see, such as "the 3 oldest turns were left out …"."""
    if room.cut:
        return (
            f"The message is longer than the model's context of {room.size} tokens: its first {room.cut} tokens, "
            "and all that came before it, were left out of this reply"
        )
    turns = "The oldest turn was" if room.dropped == 1 else f"The {room.dropped} oldest turns were"
    return f"{turns} left out of this reply: the model's context holds {room.size} tokens"


def _seen(old: float, new: float) -> bool:
    """Return whether a change shows in two decimals."""
    return f"{old:.2f}" != f"{new:.2f}"


def position(attribute: Attribute, alpha: float) -> str:
    """Return where α lies between the poles, in words."""
    if alpha < 0:
        return f"beyond {attribute.low}"
    if alpha > 1:
        return f"beyond {attribute.high}"
    if abs(alpha - 0.5) < 0.05:
        return f"between {attribute.low} and {attribute.high}"
    pole, away = (attribute.high, 1 - alpha) if alpha > 0.5 else (attribute.low, alpha)
    return pole if away < 0.15 else f"rather {pole}"


def describe(profile: Profile, attributes: Sequence[Attribute]) -> str:
    """Return the whole profile as a small table of text, one line per attribute."""
    wide = max(len(attribute.name) for attribute in attributes)
    lines = [
        f"{each.name:<{wide}}  α {profile.alpha[each.name]:5.2f}  λ {profile.lambda_[each.name]:.2f}  "
        f"{position(each, profile.alpha[each.name])}"
        for each in attributes
    ]
    return "\n".join([*lines, f"strength {profile.strength:g}, composition {profile.compose}"])
