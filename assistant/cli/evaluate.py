"""`assistant evaluate`: run an experiment and write its results."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from assistant.cli import options


class Experiment(StrEnum):
    """Experiments that can be run."""

    VOICES = "voices"
    """One attribute at a time from pole to pole."""
    TARGETS = "targets"
    """All attributes at once at random places."""


_TITLES = {
    Experiment.VOICES: "One attribute at a time",
    Experiment.TARGETS: "All attributes at once",
}


def evaluate(
    experiment: Annotated[
        Experiment, typer.Argument(help="voices: one attribute at a time. targets: all at once, at random.")
    ],
    out: Annotated[Path | None, typer.Option("--out", help="Folder for results. Default: runs/EXPERIMENT.")] = None,
    attribute: Annotated[list[str] | None, typer.Option(help="Move this attribute only; may be repeated.")] = None,
    alphas: Annotated[str, typer.Option(help="Positions, separated by commas.")] = "0,0.25,0.5,0.75,1",
    prompts: Annotated[int, typer.Option(min=2, help="Held-out prompts to use.")] = 24,
    replies: Annotated[int, typer.Option(min=1, help="Seeds per prompt.")] = 2,
    profiles: Annotated[int, typer.Option(min=3, help="Random profiles of targets.")] = 100,
    compose: options.Composition = None,
    as_json: options.AsJson = False,
    model: options.Model = None,
    bank: options.Bank = None,
    device: options.Device = None,
) -> None:
    """Run an experiment on the held-out prompts: prints a table, writes JSON with every reply and a page to read."""
    from assistant import locations
    from assistant.anchors.card import read_card
    from assistant.anchors.texts import read_texts
    from assistant.chat.workspace import bank_folder
    from assistant.engine.base_model import pick_device, training_dtype
    from assistant.engine.engine import Engine
    from assistant.errors import BadInput
    from assistant.evaluation import report as report_
    from assistant.evaluation import targets, voices
    from assistant.scoring.scorer import Scorer
    from assistant.style import Compose, nearest

    try:
        positions = tuple(float(text) for text in alphas.split(","))
    except ValueError:
        raise BadInput(f"--alphas needs numbers separated by commas, not {alphas!r}") from None
    card = read_card(bank_folder(bank))
    for name in attribute or ():
        if name not in card.names:
            guess = nearest(name, card.names)
            raise BadInput(f"the bank has no attribute {name!r}; did you mean {guess or card.names[0]}?")
    held_out = read_texts(locations.data()).split("heldout")
    if prompts > len(held_out):
        raise BadInput(f"there are {len(held_out)} held-out prompts, not {prompts}")
    setting = voices.Setting(positions, prompts, replies, compose=compose or Compose.FULL)
    place = pick_device(device)
    engine = Engine.load(bank_folder(bank), model, str(place), training_dtype(place))
    score = Scorer().score

    def report(done: int, total: int) -> None:
        typer.echo(f"{done} of {total}", err=True)

    if experiment is Experiment.VOICES:
        results = voices.run(engine, card.names, held_out, setting, score, report, attribute or ())
        text = voices.table(results)
    else:
        results = targets.run(engine, card.names, held_out, setting, profiles, score, report)
        text = targets.table(results)
    folder = out or Path("runs") / experiment
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.json").write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    command = "assistant " + " ".join(sys.argv[1:])
    (folder / "page.md").write_text(report_.page(_TITLES[experiment], command, results, text), encoding="utf-8")
    typer.echo(json.dumps(results, ensure_ascii=False) if as_json else text)
    if not as_json:
        typer.echo(f"All numbers and replies: {folder / 'results.json'}")
