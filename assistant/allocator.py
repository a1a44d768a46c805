"""Memory that the C library keeps after it was freed."""

from __future__ import annotations

import ctypes
import sys
from functools import cache
from typing import Any


def give_back() -> bool:
    """Return freed memory to the system; takes a millisecond or two. Return whether there was any.

    glibc keeps what lies between pieces that are still in use, for each thread apart. With tensors of ever other sizes,
    made and freed by several threads, that comes to hundreds of MB within an hour of chat. Where the C library is
    another one, nothing happens.
    """
    trim = _trim()
    return trim is not None and bool(trim(0))


@cache
def _trim() -> Any:
    if sys.platform != "linux":
        return None
    try:
        return ctypes.CDLL(None).malloc_trim
    except AttributeError:  # musl
        return None
