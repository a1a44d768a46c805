"""The colours: quiet greys, one blue for the person, one amber for the voice; dark, light, and the terminal's own."""

from __future__ import annotations

from textual.theme import Theme

MUTED = "$foreground 58%"
"""Style of what is said in passing."""
CALM = Theme(
    name="calm",
    primary="#7aa5d2",
    secondary="#86b596",
    accent="#e2b36b",
    foreground="#d5d8de",
    background="#15171b",
    surface="#1a1d22",
    panel="#20242a",
    success="#86b596",
    warning="#e2b36b",
    error="#e07a70",
    dark=True,
)
DAYLIGHT = Theme(
    name="daylight",
    primary="#2f6399",
    secondary="#3d7650",
    accent="#9a5f00",
    foreground="#23262b",
    background="#fbfaf7",
    surface="#f1efea",
    panel="#e8e5de",
    success="#3d7650",
    warning="#9a5f00",
    error="#b3382c",
    dark=False,
)
TERMINAL = "ansi-dark"
"""Textual's theme of the terminal's own 16 colours."""
FEW = ("standard", "windows", None)
"""Colour systems of terminals with no more than those."""


def theme_name(wanted: str, colours: str | None) -> str:
    """Return the name of the theme for a setting.

    Args:
        wanted: "auto", "dark", "light" or "terminal".
        colours: what the terminal can show, as Rich calls it.
    """
    if wanted == "terminal" or (wanted == "auto" and colours in FEW):
        return TERMINAL
    return DAYLIGHT.name if wanted == "light" else CALM.name
