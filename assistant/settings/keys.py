"""What can be done by key: one table that feeds the bindings, the help, the settings and their documentation."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Literal

Place = Literal["app", "typing", "voice", "list", "sessions"]
"""Where a key counts: everywhere, in the field, on a row of the voice panel, in any list or dialog, in that of the
conversations."""
LETTERS = ("voice", "sessions")
"""Places where nothing is typed, so that a letter can be a key."""


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
    place: Place = "app"

    def meets(self, other: KeyAction) -> bool:
        """Return whether both could not have the same key."""
        places = {self.place, other.place}
        return len(places) == 1 or self.first or other.first or places in ({"app", "typing"}, {"list", "sessions"})


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
    KeyAction("palette", "ctrl+p", "command_palette", "All commands, to search.", first=True),
    KeyAction("quit", "ctrl+q", "quit", "Quit.", first=True),
    KeyAction("page_up", "pageup", "page(-1)", "Scroll the conversation up.", place="typing"),
    KeyAction("page_down", "pagedown", "page(1)", "Scroll it down.", place="typing"),
    KeyAction("less", "left", "turn(-1)", "Voice panel: turn α, or the strength, down.", place="voice"),
    KeyAction("more", "right", "turn(1)", "Turn it up.", place="voice"),
    KeyAction("much_less", "shift+left", "turn(-5)", "Turn it down by more.", place="voice"),
    KeyAction("much_more", "shift+right", "turn(5)", "Turn it up by more.", place="voice"),
    KeyAction("lowest", "home", "put(0)", "To the low pole; the strength to 0.", place="voice"),
    KeyAction("middle", "backspace", "put(1)", "To the middle; the strength to 1.", place="voice"),
    KeyAction("highest", "end", "put(2)", "To the high pole; the strength to 2.", place="voice"),
    KeyAction("share_less", "minus", "share(-1)", "Less λ.", place="voice"),
    KeyAction("share_more", "plus", "share(1)", "More λ.", place="voice"),
    KeyAction("row_before", "up", "row(-1)", "To the row above.", place="voice"),
    KeyAction("row_after", "down", "row(1)", "To the row below.", place="voice"),
    KeyAction("lock", "l", "lock", "Lock the attribute, or free it.", place="voice"),
    KeyAction("leave", "escape,enter,tab,shift+tab", "leave", "Back to typing.", place="voice"),
    KeyAction("close", "escape", "close", "Close a list or the settings.", place="list"),
    KeyAction("hit_before", "up", "move(-1)", "Search: the hit above.", place="list"),
    KeyAction("hit_after", "down", "move(1)", "The hit below.", place="list"),
    KeyAction("rename", "r", "rename", "Conversations: rename the one that is lit.", place="sessions"),
    KeyAction("pin", "p", "pin", "Keep it at the top, or no longer.", place="sessions"),
    KeyAction("delete", "d,delete", "delete", "Delete it.", place="sessions"),
    KeyAction("bring_back", "u", "undo", "Bring back what was deleted last.", place="sessions"),
    KeyAction("new", "n", "new", "Begin a new conversation.", place="sessions"),
)
NAMES = {each.name: each for each in ACTIONS}
_WORDS = {
    "escape": "Esc",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "backspace": "Backspace",
    "plus": "+",
    "minus": "−",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
}


def keys_of(name: str, chosen: dict[str, str]) -> str:
    """Return the keys of an action: those that the person chose, else the default ones."""
    return chosen.get(name) or NAMES[name].keys


def conflict(chosen: dict[str, str]) -> str:
    """Return which key two actions would share, with the keys that a person chose, in a line; nothing if none."""
    for one, other in combinations(ACTIONS, 2):
        shared = _set(keys_of(one.name, chosen)) & _set(keys_of(other.name, chosen))
        if shared and one.meets(other):
            return f"{min(shared)} is the key of both {one.name} and {other.name}: give one of them another"
    return ""


def _set(keys: str) -> set[str]:
    return {key.strip() for key in keys.split(",")}


def spoken(keys: str) -> str:
    """Return keys as people write them: "ctrl+g" is "Ctrl+G"."""

    def word(part: str) -> str:
        return _WORDS.get(part) or (part.upper() if len(part) < 3 or part[0] == "f" else part.capitalize())

    return ", ".join("+".join(word(part) for part in key.strip().split("+")) for key in keys.split(","))
