"""What holds for the whole process: files that are private, and streams that carry any text."""

from __future__ import annotations

import io
import os
import sys


def settle() -> None:
    """Keep other people of this machine from all files that are made from now on, and let the streams carry any text.

    What the terminal's encoding lacks is printed as "?"; a stream that was closed by whoever started the program is
    empty, or swallows what is written to it.
    """
    os.umask(0o077)
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 - for as long as the process lives
        elif mode == "w" and isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
