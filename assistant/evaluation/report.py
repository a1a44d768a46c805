"""Results as a Markdown page: how they were made, the table, and replies to read."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

SAMPLES = 10
"""Prompts whose replies are shown per attribute, the first so many: unselected."""


def machine() -> str:
    """Return a few words about this machine."""
    name = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        models = [
            line.partition(":")[2].strip() for line in cpuinfo.read_text().splitlines() if line.startswith("model name")
        ]
        name = models[0] if models else name
    return f"{os.cpu_count()} cores of {name}, {platform.system()}, Python {platform.python_version()}"


def page(title: str, command: str, results: dict[str, Any], table: str) -> str:
    """Return the page.

    Args:
        title: heading.
        command: what the person ran.
        results: of an experiment; with "attributes", sample replies follow the table.
        table: the experiment's own table.
    """
    parts = [
        f"# {title}",
        f"`{command}`, {date.today().isoformat()}, {machine()}, {results['seconds']:.0f} s. "
        f"Model {results['model']}, {results['compose']} composition at strength {results['strength']:g}, "
        f"seed {results['seed']}. "
        "Brackets are 95% bootstrap intervals over prompts or profiles.",
        table,
    ]
    if "attributes" in results:
        parts.append(
            f"## Replies\n\nThe first {min(SAMPLES, len(results['prompts']))} prompts at the poles and middle of α, "
            f"first seed, unselected, cut at {results['max_tokens']} tokens."
        )
        parts += [_samples(name, cells, results["prompts"]) for name, cells in results["attributes"].items()]
    return "\n\n".join(parts) + "\n"


def _samples(name: str, cells: Sequence[dict[str, Any]], prompts: Sequence[str]) -> str:
    nearest = [min(range(len(cells)), key=lambda i: abs(cells[i]["alpha"] - place)) for place in (0.0, 0.5, 1.0)]
    chosen = [cells[i] for i in sorted(set(nearest))]
    lines = [f"### {name}"]
    for row, prompt in enumerate(prompts[:SAMPLES]):
        lines.append(f"**{_quoted(prompt)}**\n")
        lines += [f"- α = {cell['alpha']:g}: {_quoted(cell['replies'][row])}" for cell in chosen]
        lines.append("")
    return "\n".join(lines).rstrip()


def _quoted(text: str) -> str:
    """Return text on one line that Markdown shows as it is."""
    flat = " ".join(text.split())
    for mark in "\\`*_<>[]#|":
        flat = flat.replace(mark, f"\\{mark}")
    return flat
