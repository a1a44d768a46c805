"""What holds for the whole process: files that are private, and streams that carry any text."""

from __future__ import annotations

import atexit
import io
import os
import sys
import threading
from contextlib import suppress
from typing import NoReturn

_status = 0
"""With which the process ends."""


def settle() -> None:
    """Keep other people of this machine from all files that are made from now on, and let the streams carry any text.

    What the terminal's encoding lacks is printed as "?"; a stream that was closed by whoever started the program is
    empty, or swallows what is written to it.
    """
    atexit.register(_let_go)  # the first to be registered is the last to be called
    os.umask(0o077)
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 - for as long as the process lives
        elif mode == "w" and isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def leave(status: int) -> NoReturn:
    """End the process, once what runs in the background has been saved."""
    global _status
    _status = status
    sys.exit(status)


def _let_go() -> None:
    """End at once where a model is still being loaded: native code that came back to no interpreter would abort."""
    if any(each.daemon and each.is_alive() for each in threading.enumerate()):
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):  # nobody reads it any more
                stream.flush()
        os._exit(_status)
