"""The settings as a schema: a field's docstring is its documentation, its type its validation."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from assistant.settings.keys import LETTERS, NAMES, conflict
from assistant.style import nearest

_KEY = re.compile(r"(?:(?:ctrl|shift|alt)\+)*(?:[a-z0-9]|f[1-9]|f1[0-9]|f2[0-4]|[a-z]{2,}(?:_[a-z]+)*)")
_PLAIN = re.compile(r"[a-z0-9]|space|enter|tab|backspace|delete|up|down|left|right|home|end")
"""Keys that belong to typing, and so can do nothing else."""


class Settings(BaseModel):
    """What a person can set. Whatever is not in their file has its default."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    theme: Literal["auto", "dark", "light", "terminal"] = "auto"
    """Colours: dark, light, or the terminal's own 16 colours; auto is dark, and the 16 where there are no more.
    NO_COLOR in the environment takes all colour away, whatever stands here."""
    animations: bool = True
    """Whether bars move to their new place; without, they are there at once."""
    panel: Literal["auto", "shown", "hidden"] = "auto"
    """The voice panel at the start; auto shows it from 80 columns on."""
    send_key: Literal["enter", "ctrl+s", "alt+enter"] = "enter"
    """Key that sends the message. With another than Enter, Enter breaks the line. Alt+Enter is for terminals that tell
    it from Enter, by the kitty keyboard protocol: kitty, foot, WezTerm, Ghostty, iTerm2 and others."""
    model: str = ""
    """Base model: a folder or a hub id, with a bank trained for it. Empty is the embedded one. Taken up at the next
    start; `--model` goes before it."""
    bank: str = ""
    """Folder of the bank of voices. Empty is the shipped one. `/bank` sets it and takes it up; `--bank` and
    `$ASSISTANT_BANK` go before it."""
    temperature: float = Field(default=0.5, ge=0, le=5, allow_inf_nan=False)
    """How freely words are chosen: 0 takes the most likely one each time."""
    max_tokens: int = Field(default=256, ge=1, le=8192)
    """A reply ends after so many tokens at the latest."""
    compose: Literal["centred", "full", "paper"] = "centred"
    """How the anchors are mixed in the profile of a person who is new; `/compose` changes your own."""
    keys: dict[str, str] = Field(default_factory=dict)
    """Keys of your own, as `help = "f1"` or `copy = "f12,ctrl+b"`; what is not named keeps its key."""

    @field_validator("keys")
    @classmethod
    def _usable(cls, keys: dict[str, str]) -> dict[str, str]:
        for name, value in keys.items():
            if name not in NAMES:
                guess = nearest(name, list(NAMES))
                raise ValueError(f"there is no action {name!r}{f'; did you mean {guess}?' if guess else ''}")
            for key in value.split(","):
                if not _KEY.fullmatch(key.strip()):
                    raise ValueError(f"{key.strip()!r} is no key: write it as f1, ctrl+g or alt+x")
                if NAMES[name].place not in LETTERS and _PLAIN.fullmatch(key.strip()):
                    raise ValueError(f"{key.strip()!r} is needed for typing")
        return keys

    @model_validator(mode="after")
    def _no_key_twice(self) -> Settings:
        if wrong := conflict(self.keys):
            raise ValueError(f"keys: {wrong}")
        return self
