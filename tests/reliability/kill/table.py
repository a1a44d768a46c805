"""The runs as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

_HEAD = (
    "scenario",
    "runs",
    "started again",
    "database sound",
    "messages seen",
    "words of replies seen",
    "revisions seen",
    "kept from before",
    "faults",
)


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Return a line per scenario, in Markdown, and one for all."""
    names = list(dict.fromkeys(row["scenario"] for row in rows))
    lines = [_line(_HEAD), _line(["---", *["---:"] * (len(_HEAD) - 1)])]
    lines += [_line(_cells(name, [row for row in rows if row["scenario"] == name])) for name in names]
    return "\n".join([*lines, _line(_cells("all", rows))])


def _cells(name: str, rows: Sequence[dict[str, Any]]) -> list[str]:
    sums = [sum(row[key] for row in rows) for key in ("messages", "words", "revisions", "kept")]
    counts = [len(rows), sum(row["again"] for row in rows), sum(row["sound"] for row in rows), *sums]
    faulty = sum(bool(row["faults"]) for row in rows)
    return [name, *(f"{count:,}" for count in counts), str(faulty)]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
