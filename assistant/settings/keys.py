"""What can be done by key: one table that feeds the bindings, the help, the settings and their documentation."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KeyAction:
    """Something that a key does."""

    name: str
    """Its name in the settings."""
    keys: str
    """Keys by default, separated by commas."""
    action: str
    """The app's action."""
    about: str
    """What it does, as help says it."""
    first: bool = False
    """Whether the key is taken before the field that is typed in sees it."""


ACTIONS = (
    KeyAction("stop", "escape", "stop", "Stop the reply; what there is of it stays."),
    KeyAction("help", "f1", "help", "Commands and keys."),
    KeyAction("panel", "f2", "panel", "Show or hide the voice panel."),
    KeyAction("voice", "ctrl+g", "voice", "Turn the voice by arrow keys; Esc goes back to typing.", first=True),
    KeyAction("good", "f3", "thumb(1)", "Thumb up for the last reply; once more takes it back."),
    KeyAction("bad", "f4", "thumb(-1)", "Thumb down for the last reply; once more takes it back."),
    KeyAction("choose_1", "f5", "choose(0)", "First answer to the question above the field.", first=True),
    KeyAction("choose_2", "f6", "choose(1)", "Second answer.", first=True),
    KeyAction("choose_3", "f7", "choose(2)", "Third answer.", first=True),
    KeyAction("choose_4", "f8", "choose(3)", "Fourth answer.", first=True),
    KeyAction("choose_5", "f9", "choose(4)", "Fifth answer.", first=True),
    KeyAction("retry", "ctrl+r", "retry", "Another reply to the last message; the old one is kept beside it."),
    KeyAction("edit", "ctrl+t", "edit", "Word your last message anew; once more goes to the one before."),
    KeyAction("previous", "alt+left", "step(-1)", "Go over to the previous reply or wording, where there are several."),
    KeyAction("next", "alt+right", "step(1)", "Go over to the next one."),
    KeyAction("sessions", "ctrl+o", "sessions", "Your conversations."),
    KeyAction("search", "ctrl+s", "search", "Search in all conversations."),
    KeyAction("settings", "f10", "settings", "The settings."),
    KeyAction("copy", "f12", "copy", "Copy the last reply."),
    KeyAction("quit", "ctrl+q", "quit", "Quit.", first=True),
)
NAMES = {each.name: each for each in ACTIONS}
_WORDS = {"escape": "Esc", "pageup": "PgUp", "pagedown": "PgDn", "backspace": "Backspace"}


def keys_of(name: str, chosen: dict[str, str]) -> str:
    """Return the keys of an action: those that the person chose, else the default ones."""
    return chosen.get(name) or NAMES[name].keys


def spoken(keys: str) -> str:
    """Return keys as people write them: "ctrl+g" is "Ctrl+G"."""

    def word(part: str) -> str:
        return _WORDS.get(part) or (part.upper() if len(part) < 3 or part[0] == "f" else part.capitalize())

    return ", ".join("+".join(word(part) for part in key.strip().split("+")) for key in keys.split(","))
