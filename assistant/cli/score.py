"""`assistant score` and `assistant train-scorers`: how a text sounds, in numbers."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from assistant.cli import options
from assistant.errors import BadInput


def score(
    text: Annotated[str, typer.Argument(help="What to score; - reads it from the standard input.")],
    as_json: options.AsJson = False,
) -> None:
    """Score a text in each attribute: 0 sounds like the low pole, 1 like the high one."""
    from assistant.engine.base_model import quieten

    content = sys.stdin.read() if text == "-" else text
    if not content.strip():
        raise BadInput("there is no text to score")
    quieten()
    from assistant.scoring.scorer import Scorer

    [found] = Scorer().score([content])
    if as_json:
        typer.echo(json.dumps({name: round(value, 4) for name, value in found.items()}))
        return
    wide = max(map(len, found))
    for name, value in found.items():
        typer.echo(f"{name:<{wide}}  {value:.2f}")


def train_scorers(
    data: Annotated[Path | None, typer.Option(help="Folder with attributes.toml. Default: the shipped texts.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="File of the heads. Default: runs/scorers.json.")] = None,
    as_json: options.AsJson = False,
) -> None:
    """Fit the attribute scorers on the scorers' split and measure them on the held-out one."""
    from assistant import locations
    from assistant.anchors.texts import read_texts
    from assistant.engine.base_model import quieten

    texts = read_texts(data or locations.data())
    for split in ("scorers", "heldout"):
        if not texts.split(split):
            raise BadInput(f"the prompts have none in the split {split!r}; training scorers needs some")
    quieten()
    from assistant.scoring.embedder import Embedder
    from assistant.scoring.fitting import corpus, fit, quality
    from assistant.scoring.heads import inputs

    embedder = Embedder()
    matrices = {}
    for split in ("scorers", "heldout"):
        found = [label.text for label in corpus(texts, split)]
        matrices[split] = inputs(embedder.encode(found), found)
    heads = fit([each.name for each in texts.attributes], matrices["scorers"], corpus(texts, "scorers"))
    target = out or Path("runs/scorers.json")
    target.parent.mkdir(parents=True, exist_ok=True)
    heads.save(target)
    results = quality(heads, matrices["heldout"], corpus(texts, "heldout"))
    if as_json:
        typer.echo(json.dumps(results))
        return
    typer.echo("| attribute | AUC, held out | mean of low | mean of high | worst leak |\n|---|---|---|---|---|")
    for name, row in results.items():
        typer.echo(f"| {name} | {row['auc']:.3f} | {row['low']:.2f} | {row['high']:.2f} | {row['leak']:.2f} |")
    typer.echo(f"Written to {target}.")
