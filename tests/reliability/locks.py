"""Splits a resolution of all platforms into what the program needs everywhere and what PyPI's torch needs on Linux.

python -m tests.reliability.locks RESOLUTION LOCK CUDA-LOCK SHA256-OF-A-CPU-BUILD-OF-TORCH
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

CUDA = re.compile(r"(nvidia|cuda|triton)\b")
HEAD = "# Made by `make lock`: versions and SHA-256 of all their files, for Python 3.11 to 3.13 on any platform.\n"
LACKING = "\n    --hash=sha256:"


def split(resolution: str, torch_cpu: str) -> tuple[str, str]:
    """Return both locks.

    Raises:
        ValueError: a package comes without a hash.
    """
    every, cuda = [], []
    for entry in re.split(r"\n(?=\S)", resolution.strip()):
        if LACKING not in entry:
            raise ValueError(f"no hash: {entry}")
        if entry.startswith("torch=="):
            entry += f" \\\n    --hash=sha256:{torch_cpu}"
        (cuda if CUDA.match(entry) else every).append(entry)
    return HEAD + "\n".join(every) + "\n", HEAD + "\n".join(cuda) + "\n"


if __name__ == "__main__":
    source, lock, cuda_lock, torch_cpu = sys.argv[1:]
    texts = split(Path(source).read_text(encoding="utf-8"), torch_cpu)
    for name, text in zip((lock, cuda_lock), texts, strict=True):
        Path(name).write_text(text, encoding="utf-8")
