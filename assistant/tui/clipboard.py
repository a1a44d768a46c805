"""Copying: by the desktop's own tool, else by asking the terminal (OSC 52), else into a file."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import datetime

from textual.app import App

from assistant import locations
from assistant.errors import AssistantError

MOST = 74_000
"""Bytes that terminals take by OSC 52; many drop more without a word."""
PATIENCE = 2.0
"""Seconds for a tool of the desktop to take the text."""
DEAF = ("linux", "dumb")
"""Values of TERM of terminals without a clipboard."""


class CopyError(AssistantError):
    """A text could be copied nowhere; the message says why."""


def tool() -> list[str] | None:
    """Return the command of this desktop that takes text into its clipboard, if there is one."""
    wanted = []
    if sys.platform == "darwin":
        wanted.append(["pbcopy"])
    if os.environ.get("WAYLAND_DISPLAY"):
        wanted.append(["wl-copy"])
    if os.environ.get("DISPLAY"):
        wanted += [["xclip", "-selection", "clipboard"], ["xsel", "--clipboard", "--input"]]
    return next((each for each in wanted if shutil.which(each[0])), None)


def copy(app: App[int], text: str, what: str, to_file: bool = False) -> str:
    """Copy a text and return what became of it, in words.

    Args:
        app: the app, whose terminal is asked.
        text: what to copy.
        what: what it is, such as "the reply".
        to_file: whether to write it into a file anyway.

    Raises:
        CopyError: it cannot be written into a file.
    """
    if not to_file:
        if _by_tool(text):
            return f"Copied {what} ({len(text):,} characters)."
        if _terminal_takes(app, text):
            app.copy_to_clipboard(text)
            hint = "should your terminal not take it, /copy … file writes a file"
            return f"Copied {what} ({len(text):,} characters) by way of the terminal; {hint}."
    return f"Saved {what} ({len(text):,} characters) in {_saved(text)}"


def _by_tool(text: str) -> bool:
    command = tool()
    if command is None:
        return False
    try:
        done = subprocess.run(
            command,
            input=text.encode(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):  # then the terminal may take it
        return False
    return done.returncode == 0


def _terminal_takes(app: App[int], text: str) -> bool:
    deaf = os.environ.get("TERM", "") in DEAF or os.environ.get("TERM_PROGRAM") == "Apple_Terminal" or app.is_web
    return not deaf and len(text.encode("utf-8", "replace")) <= MOST


def _saved(text: str) -> str:
    try:
        path = locations.copies() / f"{datetime.now():%Y-%m-%d-%H%M%S-%f}.md"
        path.write_text(text, encoding="utf-8", errors="replace")
        path.chmod(0o600)
    except OSError as error:
        raise CopyError(f"the text cannot be written to a file ({error.strerror})") from error
    return str(path)
