"""Writing files that a person asked for, and reading those that they name."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from assistant.errors import BadInput

LARGEST = 200_000_000
"""Characters of a file, or of the standard input, at the most."""


def write_new(path: Path, text: str) -> None:
    """Write a new file, whole or not at all.

    Raises:
        BadInput: it exists already or cannot be written.
    """
    try:
        file = path.open("x", encoding="utf-8")
    except FileExistsError:
        raise BadInput(f"{path} exists already: name another file") from None
    except OSError as error:
        raise BadInput(f"{path} cannot be written ({error.strerror})") from error
    try:
        with file:
            file.write(text)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise BadInput(f"{path} cannot be written ({error.strerror})") from error


def read_text(file: Path) -> str:
    """Return the text in a file, or on the standard input when it is named "-".

    Raises:
        BadInput: it cannot be read as text, or is too long.
    """
    source = "the standard input" if str(file) == "-" else str(file)
    try:
        if str(file) == "-":
            text = sys.stdin.read(LARGEST + 1)
        else:
            with file.open(encoding="utf-8-sig") as opened:
                text = opened.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        raise BadInput(f"{source} cannot be read as text: {getattr(error, 'strerror', None) or error}") from error
    if len(text) > LARGEST:
        raise BadInput(f"{source} is too long: {LARGEST:,} characters are the most")
    return text


def read_json(file: Path, writer: str) -> object:
    """Return the JSON in a file, or on the standard input when it is named "-".

    Args:
        file: which.
        writer: the command that writes such files.

    Raises:
        BadInput: it cannot be read or is not JSON.
    """
    source = "the standard input" if str(file) == "-" else str(file)
    try:
        return json.loads(read_text(file))
    except BadInput as error:
        raise BadInput(f"{error}; name a file that {writer} wrote") from error
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{source} is not JSON ({error}): give what {writer} wrote") from error
