"""A run's record as files: JSON first, from it the table and the pictures; and from several runs the report."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from assistant.errors import BadInput
from assistant.evaluation.paper import claims
from assistant.evaluation.paper.experiments import MODULES, experiment
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


def read(runs: Path) -> list[dict[str, Any]]:
    """Return the records in the folders of `runs`, in the order of the experiments.

    Raises:
        BadInput: there is none, or one cannot be read.
    """
    found = []
    for path in sorted(runs.glob(f"*/{RECORD}")):
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise BadInput(f"{path} cannot be read: {error}") from error
        if record.get("experiment") in MODULES:
            found.append(record)
    if not found:
        raise BadInput(f"{runs} holds no results of the paper's experiments: run assistant evaluate single first")
    order = list(MODULES)
    return sorted(found, key=lambda record: (order.index(record["experiment"]), record["command"]))


def report(records: Sequence[Mapping[str, Any]], folder: Path, name: str = "paper") -> Path:
    """Write the report of several runs as Markdown and as HTML, with its pictures; return the Markdown's path.

    Args:
        records: of the runs.
        folder: where the pages go; the pictures go into a folder beside them.
        name: of both pages and of that folder.
    """
    from markdown_it import MarkdownIt

    pictures = folder / name
    pictures.mkdir(parents=True, exist_ok=True)
    parts = [
        "# The paper, reproduced",
        "What arXiv 2404.07117 measures, on our models: its claims first, then each experiment with the command that "
        "repeats it. This page is written by `assistant evaluate report` from the runs' JSON.",
        "## The claims",
        claims.table(records),
    ]
    for record in records:
        chosen = experiment(record["experiment"])
        variant = " (dense)" if record["setting"].get("dense") else ""
        parts += [f"## {record['title']}{variant}", how(record)]
        paths = chosen.plots(record["results"], pictures)
        parts += [f"![{record['title']}]({name}/{path.name})" for path in paths]
        parts.append(chosen.table(record["results"]))
    text = "\n\n".join(parts) + "\n"
    (folder / f"{name}.md").write_text(text, encoding="utf-8")
    body = MarkdownIt("commonmark").enable("table").render(text)
    (folder / f"{name}.html").write_text(_PAGE.format(title="The paper, reproduced", body=body), encoding="utf-8")
    return folder / f"{name}.md"


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; color: #222 }}
table {{ border-collapse: collapse; display: block; overflow-x: auto; font-size: 0.9rem }}
th, td {{ border-bottom: 1px solid #ddd; padding: 0.25rem 0.6rem; text-align: left }}
img {{ max-width: 100% }}
</style></head><body>
{body}</body></html>
"""


def how(record: Mapping[str, Any]) -> str:
    """Return how the numbers were made, in a few sentences."""
    setting = record["setting"]
    return (
        f"`{record['command']}`, {record['date']}, {record['machine']}, {record['threads']} thread"
        f"{'s' if record['threads'] > 1 else ''}, {duration(record['seconds'])}, "
        f"{duration(record['processor'])} of processor time ({'full' if setting['full'] else 'small'} setting). "
        f"Model {setting['model']} in {setting['arithmetic']}, "
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
