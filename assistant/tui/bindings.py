"""Key bindings of Textual's, made from the table of all that keys do; the settings' keys go by their names."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from assistant.settings.keys import ACTIONS, Place


def bindings(place: Place) -> list[BindingType]:
    """Return the bindings of a place, with the keys by default."""
    return [
        Binding(each.keys, each.action, each.about, show=False, id=each.name, priority=each.first)
        for each in ACTIONS
        if each.place == place
    ]


def keymap(chosen: dict[str, str]) -> dict[str, str]:
    """Return the keys that a person chose as Textual takes them."""
    return {name: ",".join(key.strip() for key in keys.split(",")) for name, keys in chosen.items()}
