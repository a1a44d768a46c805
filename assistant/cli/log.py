"""The program's log: where something went wrong and how, never what was said."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path

_OURS = "assistant"


class Discreet(logging.Formatter):
    """Writes our own records in words, a library's as the place it comes from, and exceptions as type and place.

    The words of an exception, or of a library's warning, may quote what somebody typed.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return a record in a line, and after it the way to each exception that belongs to it."""
        ours = record.name.partition(".")[0] == _OURS
        words = record.getMessage() if ours else f"{record.levelname.lower()} at {record.module}:{record.lineno}"
        lines = [f"{self.formatTime(record)} {record.name} {words}"]
        error = record.exc_info[1] if record.exc_info else None
        seen: set[int] = set()
        while error is not None and id(error) not in seen:
            seen.add(id(error))
            lines.append(f"{type(error).__module__}.{type(error).__qualname__}, raised by way of:")
            lines += [each.rstrip("\n") for each in traceback.format_tb(error.__traceback__)]
            error = error.__cause__ or error.__context__
        return "\n".join(lines)


def open_log(path: Path) -> logging.Handler:
    """Write warnings and errors to a file that its owner alone can read, and return what writes them."""
    handler = logging.FileHandler(path, encoding="utf-8", errors="backslashreplace")
    handler.setFormatter(Discreet())
    path.chmod(0o600)
    logging.getLogger().addHandler(handler)
    return handler
