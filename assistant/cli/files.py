"""Writing files that a person asked for."""

from __future__ import annotations

from pathlib import Path

from assistant.errors import BadInput


def write_new(path: Path, text: str) -> None:
    """Write a new file.

    Raises:
        BadInput: it exists already or cannot be written.
    """
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise BadInput(f"{path} exists already: name another file") from None
    except OSError as error:
        raise BadInput(f"{path} cannot be written ({error.strerror})") from error
