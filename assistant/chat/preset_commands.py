"""Slash commands about whole voices: presets, saved ones, and the profile as it was."""

from __future__ import annotations

from collections.abc import Iterable

from assistant.chat import wording
from assistant.chat.moments import moment
from assistant.chat.outcome import Outcome
from assistant.chat.presets import Preset, preset
from assistant.chat.registry import Argument
from assistant.chat.session import Chat
from assistant.errors import BadInput


def voice(chat: Chat, argument: str) -> Outcome:
    """Run `/voice [NAME | save NAME | delete NAME]`."""
    verb, _, rest = argument.partition(" ")
    if not argument:
        return Outcome(_listed(chat.voices()))
    if verb.lower() == "save" and rest.strip():
        replaced = chat.save_voice(rest)
        return Outcome(f"Your voice is saved{' anew' if replaced else ''}: /voice {rest.strip()} brings it back.")
    if verb.lower() == "delete" and rest.strip():
        found = preset(chat.voices(), rest)
        if not found.own:
            raise BadInput(f"{found.name} comes with the program and stays")
        chat.workspace.store.voices.delete(chat.user.id, found.name)
        return Outcome(f"The saved voice {found.name} is deleted.")
    before = chat.profile
    found = chat.apply_voice(argument)
    return Outcome(f"{found.name[:1].upper()}{found.name[1:]}: {wording.changes(before, chat.profile)}.")


def voice_values(chat: Chat) -> Iterable[Argument]:
    """Return what may follow `/voice`."""
    known = chat.voices()
    yield from (Argument(each.name, each.about) for each in known)
    yield Argument("save ", "save your present voice under a name")
    yield from (Argument(f"delete {each.name}", "delete this saved voice") for each in known if each.own)


def as_it_was(chat: Chat, argument: str) -> Outcome:
    """Run `/as TIME [restore]`: show the profile as it was then and what differs from now, or go back to it."""
    words, wanted = argument.strip(), False
    if words.lower().endswith(" restore"):
        words, wanted = words[: -len(" restore")], True
    if not words:
        raise BadInput("/as needs a time, such as /as 1d ago, /as yesterday or /as 2026-11-20")
    then = chat.workspace.store.profiles.at(chat.user.id, moment(words))
    old = then.profile.aligned(chat.workspace.names)
    difference = wording.changes(old, chat.profile)
    if wanted:
        before = chat.profile
        chat.change(lambda _: old, f"/as {argument.strip()}")
        return Outcome(f"As it was at revision {then.number}: {wording.changes(before, chat.profile)}.")
    told = "It is the same now." if old == chat.profile else f"Since then: {difference}."
    return Outcome(
        f"{chat.user.name} {words}: revision {then.number} of {then.created_at.astimezone():%Y-%m-%d %H:%M}\n"
        f"{wording.describe(old, chat.workspace.attributes)}\n{told}"
        + ("" if old == chat.profile else f" /as {words} restore goes back.")
    )


AS_VALUES = (
    Argument("1h ago"),
    Argument("1d ago"),
    Argument("yesterday", "as it was at the end of the day"),
    Argument("1w ago"),
    Argument("1d ago restore", "go back to it"),
)


def _listed(known: list[Preset]) -> str:
    wide = max((len(each.name) for each in known), default=0)
    lines = [f"{each.name:<{wide}}  {each.about}" for each in known]
    return "\n".join([*lines, "/voice NAME speaks like one of them, /voice save NAME keeps yours."])
