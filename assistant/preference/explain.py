"""What a piece of evidence did, in words that a person reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assistant.preference.evidence import (
    Command,
    Complaint,
    Event,
    Lock,
    Pick,
    Reason,
    Retraction,
    Sample,
    Silence,
    Thumb,
    Weak,
)
from assistant.style import Attribute, Profile

SEEN = 0.005
"""A change of α or λ smaller than this rounds away and is not told."""
LAMBDA_SEEN = 0.02
NOTHING = "nothing moves"
MOST = 3
"""Attributes named in one line."""


def line(event: Event, before: Profile, after: Profile, attributes: Sequence[Attribute]) -> str:
    """Return one line: what the person did, and what moved.

    Example: Thumbs down on a reply that sounded formal (0.82): formality 0.70 → 0.58.
    """
    return f"{_cause(event, before, after, attributes)}: {effect(before, after, getattr(event, 'attribute', None))}"


def effect(before: Profile, after: Profile, first: str | None = None) -> str:
    """Return the changes of a profile, the largest first, or that of the attribute `first` before all."""
    alphas = sorted(
        (name == first, abs(after.alpha[name] - before.alpha[name]), name)
        for name in after.alpha
        if name in before.alpha
    )
    moved = [
        f"{name} {before.alpha[name]:.2f} → {after.alpha[name]:.2f}"
        for _, size, name in reversed(alphas)
        if size >= SEEN
    ]
    told = moved[:MOST] + ([f"{len(moved) - MOST} more a little"] if len(moved) > MOST else [])
    for name, value in after.lambda_.items():
        if value - before.lambda_.get(name, 0.0) >= LAMBDA_SEEN:
            told.append(f"{name} counts for more")
    if after.strength != before.strength:
        told.append(f"strength {before.strength:.2f} → {after.strength:.2f}")
    if after.compose != before.compose:
        told.append(f"{after.compose} composition")
    return ", ".join(told) or NOTHING


def visible(before: Profile, after: Profile) -> bool:
    """Return whether a change of a profile is one that is told."""
    return effect(before, after) != NOTHING


def _cause(event: Event, before: Profile, after: Profile, attributes: Sequence[Attribute]) -> str:
    by_name = {attribute.name: attribute for attribute in attributes}
    match event:
        case Thumb(up=up):
            thumb = f"Thumbs {'up' if up else 'down'}"
            shown = _agreeing(event, before, after) if visible(before, after) else by_name
            if not shown:  # what moves is what is most worth trying, not what this reply was like
                return (
                    f"{thumb}, and more of what may please is tried" if up else f"{thumb}, and something else is tried"
                )
            sound = _sound(event.scores, before, after, {name: by_name[name] for name in shown})
            return f"{thumb} on a reply that {sound}"
        case Silence():
            return f"No verdict on a reply that {_sound(event.scores, before, after, by_name)}"
        case Weak(sign=sign):
            did = {"retry": "Retried", "stopped": "Stopped"}.get(sign, sign.capitalize())
            return f"{did} a reply that {_sound(event.scores, before, after, by_name)}"
        case Reason(attribute=name, direction=direction) | Complaint(attribute=name, direction=direction):
            pole = by_name[name].high if direction > 0 else by_name[name].low
            opposite = by_name[name].low if direction > 0 else by_name[name].high
            return f"Too {opposite}, should be more {pole} ({name} was {event.scores[name]:.2f})"
        case Pick():
            name = max(event.chosen, key=lambda each: abs(event.chosen[each] - event.other[each]))
            pole = by_name[name].high if event.chosen[name] > event.other[name] else by_name[name].low
            return f"Picked the more {pole} reply ({event.chosen[name]:.2f} against {event.other[name]:.2f})"
        case Command(attribute=name):
            return f"You set {name}" if name else "You set the profile"
        case Sample():
            return f"A text that you like, which {_sound(event.scores, before, after, by_name)}"
        case Lock(attribute=name, locked=locked):
            return f"{name.capitalize()} is {'locked' if locked else 'free to move'}"
        case Retraction():
            return "Taken back"


def _agreeing(event: Thumb, before: Profile, after: Profile) -> list[str]:
    """Return the attributes that move towards how a liked reply sounded, or away from how a disliked one did."""
    wanted = 1 if event.up else -1
    return [
        name
        for name, score in event.scores.items()
        if abs(after.alpha[name] - before.alpha[name]) >= SEEN
        and (after.alpha[name] - before.alpha[name]) * (score - 0.5) * wanted > 0
    ]


def _sound(scores: Mapping[str, float], before: Profile, after: Profile, attributes: Mapping[str, Attribute]) -> str:
    """Say how a text sounded on the attribute that moves most, or on the most marked one."""
    moves = {name: abs(after.alpha[name] - before.alpha[name]) for name in attributes}
    name = max(moves, key=lambda each: (round(moves[each], 3), abs(scores[each] - 0.5)))
    score = scores[name]
    if abs(score - 0.5) < 0.1:
        return f"sounded neither {attributes[name].low} nor {attributes[name].high} ({score:.2f})"
    return f"sounded {attributes[name].high if score > 0.5 else attributes[name].low} ({score:.2f})"
