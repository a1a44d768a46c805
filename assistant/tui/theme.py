"""The colours: quiet greys, one blue for the person, one amber for the voice."""

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
