"""`assistant evaluate`: run an experiment and write its results."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from assistant.cli import options


class Experiment(StrEnum):
    """Experiments that can be run."""

    VOICES = "voices"


def evaluate(
    experiment: Annotated[
        Experiment, typer.Argument(help="voices: one attribute at a time, outside measures against alpha.")
    ],
    out: Annotated[Path | None, typer.Option("--out", help="Folder for results. Default: runs/EXPERIMENT.")] = None,
    attribute: Annotated[list[str] | None, typer.Option(help="Move this attribute only; may be repeated.")] = None,
    alphas: Annotated[str, typer.Option(help="Positions, separated by commas.")] = "0,0.25,0.5,0.75,1",
    prompts: Annotated[int, typer.Option(min=2, help="Held-out prompts to use.")] = 24,
    replies: Annotated[int, typer.Option(min=1, help="Seeds per prompt.")] = 2,
    compose: options.Composition = None,
    as_json: options.AsJson = False,
    model: options.Model = None,
    bank: options.Bank = None,
    device: options.Device = None,
) -> None:
    """Run an experiment on the held-out prompts; writes JSON with every reply, and prints a table."""
    from assistant import locations
    from assistant.anchors.card import read_card
    from assistant.anchors.texts import read_texts
    from assistant.chat.workspace import bank_folder
    from assistant.engine.base_model import pick_device, training_dtype
    from assistant.engine.engine import Engine
    from assistant.errors import BadInput
    from assistant.evaluation import voices
    from assistant.scoring.scorer import Scorer
    from assistant.style import Compose, nearest

    try:
        positions = tuple(float(text) for text in alphas.split(","))
    except ValueError:
        raise BadInput(f"--alphas needs numbers separated by commas, not {alphas!r}") from None
    card = read_card(bank_folder(bank))
    for name in attribute or ():
        if name not in card.names:
            raise BadInput(
                f"the bank has no attribute {name!r}; did you mean {nearest(name, card.names) or card.names[0]}?"
            )
    setting = voices.Setting(positions, prompts, replies, compose=compose or Compose.FULL)
    held_out = read_texts(locations.data()).split("heldout")
    place = pick_device(device)
    engine = Engine.load(bank_folder(bank), model, str(place), training_dtype(place))
    results = voices.run(
        engine,
        card.names,
        held_out,
        setting,
        Scorer().score,
        lambda done, total: typer.echo(f"{done} of {total} cells", err=True),
        attribute or (),
    )
    folder = out or Path("runs") / experiment
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.json").write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if as_json:
        typer.echo(json.dumps(results, ensure_ascii=False))
    else:
        typer.echo(voices.table(results))
        typer.echo(f"All numbers and replies: {folder / 'results.json'}")
