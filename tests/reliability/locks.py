"""Splits a resolution of all platforms into what is needed everywhere, and PyPI's torch with what it needs on Linux.

python -m tests.reliability.locks RESOLUTION LOCK TORCH-LOCK
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

TORCH = re.compile(r"(torch|nvidia|cuda|triton)\b")
HEAD = "# Made by `make lock`: versions and SHA-256 of all their files, for Python 3.11 to 3.13 on any platform.\n"
LACKING = "\n    --hash=sha256:"


def split(resolution: str) -> tuple[str, str]:
    """Return both locks.

    Raises:
        ValueError: a package comes without a hash.
    """
    every, torch = [], []
    for entry in re.split(r"\n(?=\S)", resolution.strip()):
        if LACKING not in entry:
            raise ValueError(f"no hash: {entry}")
        (torch if TORCH.match(entry) else every).append(entry)
    return HEAD + "\n".join(every) + "\n", HEAD + "\n".join(torch) + "\n"


if __name__ == "__main__":
    source, lock, torch_lock = sys.argv[1:]
    texts = split(Path(source).read_text(encoding="utf-8"))
    for name, text in zip((lock, torch_lock), texts, strict=True):
        Path(name).write_text(text, encoding="utf-8")
