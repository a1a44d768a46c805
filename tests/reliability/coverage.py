"""Coverage by package, from the JSON that `make coverage` writes.

python -m tests.reliability.coverage build/coverage.json
"""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any


def by_package(files: dict[str, Any]) -> list[tuple[str, float, float]]:
    """Return each package's share of covered lines and of covered branches, in percent."""
    sums: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for name, each in files.items():
        parts = Path(name).parts
        package = parts[1] if len(parts) > 2 else "assistant"
        for key in ("covered_lines", "num_statements", "covered_branches", "num_branches"):
            sums[package][key] += each["summary"][key]
            sums["all"][key] += each["summary"][key]
    return [
        (
            name,
            100 * each["covered_lines"] / (each["num_statements"] or 1),
            100 * each["covered_branches"] / (each["num_branches"] or 1),
        )
        for name, each in sorted(sums.items(), key=lambda pair: (pair[0] == "all", pair[0]))
    ]


if __name__ == "__main__":
    found = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    print("| package | lines, % | branches, % |\n|---|---:|---:|")
    for name, lines, branches in by_package(found["files"]):
        print(f"| {name} | {lines:.1f} | {branches:.1f} |")
