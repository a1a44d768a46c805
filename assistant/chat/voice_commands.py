"""Slash commands that move the profile; each returns what it did, in words."""

from __future__ import annotations

from dataclasses import replace

from assistant.chat import wording
from assistant.chat.reasons import adjectives
from assistant.chat.session import Chat
from assistant.chat.voicing import Transform
from assistant.errors import BadInput
from assistant.style import Attribute, Compose, Profile, ProfileError, nearest

SMALL_STEP = 0.1
"""How far `/formality +` goes."""
_FRACTIONS = {"¼": 0.25, "½": 0.5, "¾": 0.75}
STEP = 0.25
"""How far `/more formal` goes."""


def move(chat: Chat, attribute: Attribute, argument: str) -> str:
    """Run `/ATTRIBUTE …`: a number, a sign, a pole, or nothing to hear where it is."""
    word = " ".join(argument.lower().split())
    if not word:
        return wording.describe(chat.profile, [attribute]).splitlines()[0]
    if word in ("+", "-", "−"):
        return _step(chat, attribute, SMALL_STEP if word == "+" else -SMALL_STEP, f"/{attribute.name} {argument}")
    known = _places(attribute)
    alpha = known[word] if word in known else _number(word, f"/{attribute.name}", "such as 0.8, or + or -")
    return _set(chat, attribute, alpha, f"/{attribute.name} {argument}")


def places(attribute: Attribute) -> list[tuple[str, str]]:
    """Return what may follow `/ATTRIBUTE`, each with what it means."""
    small = f"{SMALL_STEP:g}"
    return [
        ("+", f"{small} more {attribute.high}"),
        ("-", f"{small} more {attribute.low}"),
        ("0", attribute.low),
        ("0.25", f"rather {attribute.low}"),
        ("0.5", "neither"),
        ("0.75", f"rather {attribute.high}"),
        ("1", attribute.high),
        *((word, f"{alpha:g}") for word, alpha in _places(attribute).items() if word not in _FRACTIONS),
    ]


def _places(attribute: Attribute) -> dict[str, float]:
    """Return α by the words that people use for it."""
    found = {attribute.low: 0.0, attribute.high: 1.0, "neutral": 0.5}
    for pole, end in ((attribute.low, 0.0), (attribute.high, 1.0)):
        toward = end - 0.5
        found |= {f"very {pole}": end, f"rather {pole}": 0.5 + toward / 2, f"a bit {pole}": 0.5 + toward / 4}
    return {**found, **_FRACTIONS}


def more(chat: Chat, argument: str) -> str:
    """Run `/more ADJECTIVE`."""
    attribute, direction = _adjective(chat, argument, "more")
    return _step(chat, attribute, STEP * direction, f"/more {argument}")


def less(chat: Chat, argument: str) -> str:
    """Run `/less ADJECTIVE`."""
    attribute, direction = _adjective(chat, argument, "less")
    return _step(chat, attribute, -STEP * direction, f"/less {argument}")


def weight(chat: Chat, argument: str) -> str:
    """Run `/weight ATTRIBUTE NUMBER`."""
    name, _, number = argument.partition(" ")
    if not name or not number.strip():
        raise BadInput("/weight needs an attribute and a number, such as /weight formality 0.7")
    value = _number(number.strip(), "/weight", "from 0 to 1")
    return _change(chat, lambda profile: profile.with_lambda({name.lower(): value}), f"/weight {argument}")


def strength(chat: Chat, argument: str) -> str:
    """Run `/strength NUMBER`."""
    value = _number(argument, "/strength", "such as 0.8")
    text = _change(chat, lambda profile: replace(profile, strength=value), f"/strength {argument}")
    if chat.profile.compose is Compose.PAPER:
        text += " Paper composition has no strength: it is felt in full or centred."
    return text


def compose(chat: Chat, argument: str) -> str:
    """Run `/compose KIND`."""
    if argument.lower() not in list(Compose):
        guess = nearest(argument.lower(), list(Compose))
        hint = f"; did you mean {guess}?" if guess else ""
        raise BadInput(f"/compose needs one of {', '.join(Compose)}{hint}")
    return _change(chat, lambda profile: replace(profile, compose=Compose(argument.lower())), f"/compose {argument}")


def _adjective(chat: Chat, argument: str, command: str) -> tuple[Attribute, int]:
    word = argument.lower()
    poles = adjectives(chat.workspace.attributes)
    if word not in poles:
        guess = nearest(word, poles)
        hint = f"did you mean /{command} {guess}?" if guess else f"such as {chat.workspace.attributes[0].high}"
        raise BadInput(f"/{command} needs an adjective: {hint}")
    return poles[word], poles[word].direction(word)


def _step(chat: Chat, attribute: Attribute, by: float, cause: str) -> str:
    """Move α by a step that ends at the anchors; only a number typed out goes beyond them."""
    name = attribute.name
    before = chat.profile.alpha[name]
    edge = 1.0 if by > 0 else 0.0
    if (before - edge) * by >= 0:
        pole = attribute.high if by > 0 else attribute.low
        return f"Already as {pole} as its anchor ({name} {before:.2f}); /{name} {before + by:.2f} goes beyond."

    def step(profile: Profile) -> Profile:
        wanted = profile.alpha[name] + by
        return profile.with_alpha({name: min(wanted, 1.0) if by > 0 else max(wanted, 0.0)})

    return _change(chat, step, cause) + _unheard(chat, attribute)


def _set(chat: Chat, attribute: Attribute, alpha: float, cause: str) -> str:
    text = _change(chat, lambda profile: profile.with_alpha({attribute.name: alpha}), cause)
    if not 0 <= alpha <= 1:
        text += " That is beyond what the anchors were trained for: replies may fall apart."
    return text + _unheard(chat, attribute)


def _unheard(chat: Chat, attribute: Attribute) -> str:
    if chat.profile.lambda_[attribute.name] > 0:
        return ""
    return f" Its weight is 0, so it is not heard: /weight {attribute.name} 0.5 changes that."


def _change(chat: Chat, transform: Transform, cause: str) -> str:
    before = chat.profile
    chat.change(transform, cause)
    text = wording.changes(before, chat.profile)
    return f"{text[:1].upper()}{text[1:]}."


def _number(text: str, command: str, hint: str) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise ProfileError(f"{command} needs a number, {hint}, not {text!r}") from None
