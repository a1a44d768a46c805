"""`assistant evaluate scorers`: the scorers on held-out texts, and on texts and measures of other people."""

from __future__ import annotations

import json
import time
from datetime import date
from pathlib import Path

import typer


def check_scorers(bank: Path | None, out: Path | None, as_json: bool) -> None:
    """Measure the scorers that belong to a bank: print the tables, write them as JSON and as a page.

    Raises:
        AssistantError: heads, embedder or texts are missing or damaged.
    """
    from assistant import locations
    from assistant.anchors.texts import read_texts
    from assistant.chat.workspace import bank_folder
    from assistant.engine.base_model import quieten

    quieten()
    from assistant.evaluation import outside
    from assistant.evaluation.report import machine
    from assistant.scoring.fitting import corpus, quality, table
    from assistant.scoring.scorer import Scorer

    began = time.time()
    scorer = Scorer(locations.scorers(bank_folder(bank)))
    held_out = corpus(read_texts(locations.data()), "heldout")
    own = quality(scorer.heads, scorer.inputs([label.text for label in held_out]), held_out)
    results = {"held_out": own, "outside": outside.run(scorer.score, lambda words: typer.echo(words, err=True))}
    tables = f"{table(own)}\n\n{outside.table(results['outside'])}"
    folder = out or Path("runs/scorers")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    how = f"`assistant evaluate scorers`, {date.today().isoformat()}, {machine()}, {time.time() - began:.0f} s."
    (folder / "page.md").write_text(f"# Scorers\n\n{how}\n\n{tables}\n", encoding="utf-8")
    typer.echo(json.dumps(results) if as_json else tables)
    if not as_json:
        typer.echo(f"All numbers: {folder / 'results.json'}")
