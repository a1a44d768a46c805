"""A run's record as files: JSON first, from it the table and the pictures, and from several runs the report."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assistant.evaluation.paper.experiments import experiment
from assistant.evaluation.paper.progress import duration

RECORD = "results.json"


def write(record: Mapping[str, Any], folder: Path) -> str:
    """Write the record, its page and its pictures into the folder; return the table."""
    text = json.dumps(_plain(record), indent=1, ensure_ascii=False) + "\n"
    (folder / RECORD).write_text(text, encoding="utf-8")
    chosen = experiment(record["experiment"])
    table = chosen.table(record["results"])
    pictures = chosen.plots(record["results"], folder)
    shown = [f"![{path.stem}]({path.name})" for path in pictures]
    (folder / "page.md").write_text(
        "\n\n".join([f"# {record['title']}", how(record), *shown, table]) + "\n", encoding="utf-8"
    )
    return table


def how(record: Mapping[str, Any]) -> str:
    """Return how the numbers were made, in a few sentences."""
    setting = record["setting"]
    return (
        f"`{record['command']}`, {record['date']}, {record['machine']}, {record['threads']} thread"
        f"{'s' if record['threads'] > 1 else ''}, {duration(record['seconds'])} "
        f"({'full' if setting['full'] else 'small'} setting). Model {setting['model']} in {setting['arithmetic']}, "
        f"{setting['prompts']} {setting['split']} prompts, {setting['replies']} "
        f"{'reply' if setting['replies'] == 1 else 'replies'} each of at most {setting['max_tokens']} tokens, "
        f"seed {setting['seed']}. Brackets are 95% bootstrap intervals over prompts."
    )


def _plain(value: Any) -> Any:
    """Return the value with what JSON has no number for as null."""
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
