"""`assistant train`: fine-tune the anchors of a folder of texts and pack them into a bank."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from assistant.anchors.card import Card
    from assistant.anchors.recipe import Recipe
    from assistant.anchors.texts import Texts


def train(
    model: Annotated[
        str | None, typer.Option(help="Base model: a folder or hub id. Default: the embedded one.")
    ] = None,
    attribute: Annotated[list[str] | None, typer.Option(help="Train this attribute only; may be repeated.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the bank. Default: runs/bank.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with an unfinished training in --out.")] = False,
    data: Annotated[Path | None, typer.Option(help="Folder with attributes.toml. Default: the shipped texts.")] = None,
    rank: Annotated[int | None, typer.Option(help="Rank of each anchor; scaled by 2.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="Peak learning rate.")] = None,
    epochs: Annotated[int | None, typer.Option(help="Passes over the texts at the most.")] = None,
    seed: Annotated[int | None, typer.Option(help="Order of the texts and start of the adapters.")] = None,
    device: Annotated[str | None, typer.Option(help="Where to train: cpu, cuda, …")] = None,
) -> None:
    """Fine-tune two anchors per attribute and pack them into a bank.

    Stops early when the validation loss no longer falls, keeps the best epoch, and goes on after an interruption with
    --resume.
    """
    from assistant import locations
    from assistant.anchors.recipe import Recipe
    from assistant.anchors.texts import read_texts

    given = {"rank": rank, "learning_rate": learning_rate, "epochs": epochs, "seed": seed}
    given |= {"lora_alpha": 2 * rank} if rank else {}
    recipe = Recipe(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    texts = read_texts(data or locations.data(), tuple(attribute or ()))
    target = out or Path("runs/bank")
    card = _train(texts, recipe, model, target, resume, device)
    size = sum(path.stat().st_size for path in target.iterdir()) / 1e6
    typer.echo(f"Packed {', '.join(card.names)} into {target} ({size:.1f} MB).")
    typer.echo(f"Try it: assistant ask --bank {target} 'What do you think about trains?' --alpha {card.names[0]}=1")


def _train(texts: Texts, recipe: Recipe, model: str | None, out: Path, resume: bool, device: str | None) -> Card:
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    from assistant.anchors import training
    from assistant.engine.base_model import load_base, pick_device, training_dtype
    from assistant.engine.prompting import PromptEncoder

    place = pick_device(device)
    base = load_base(model, place, training_dtype(place), lambda words: typer.echo(f"{words} …", err=True))
    encoder = PromptEncoder(base.tokenizer)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%  loss {task.fields[loss]}  validation {task.fields[validation]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, speed_estimate_period=300) as bar:
        task = bar.add_task("anchors", total=None, loss="–", validation="–")

        def report(now: training.Progress) -> None:
            pole = now.attribute.low if now.pole == "low" else now.attribute.high
            validation = now.step.validation
            if not bar.console.is_terminal and now.step.done % 10 == 0:  # a log gets lines, not a bar
                left = bar.tasks[task].time_remaining
                typer.echo(
                    f"anchor {now.anchor}/{now.anchors} {now.attribute.name} {pole}: "
                    f"step {now.step.done}/{now.step.total}, "
                    f"loss {now.step.loss:.3f}, validation {validation or math.nan:.3f}, about {left or 0:.0f} s left"
                )
            bar.update(
                task,
                description=f"{now.anchor}/{now.anchors} {now.attribute.name} ({pole})",
                total=now.anchors * now.step.total,
                completed=(now.anchor - 1) * now.step.total + now.step.done,
                loss=f"{now.step.loss:.3f}",
                validation="–" if validation is None else f"{validation:.3f}",
            )

        return training.train_bank(
            texts, base.model, base.name, encoder, min(encoder.stop_ids(base.model)), recipe, out, resume, report
        )
