"""`assistant train`: fine-tune the anchors of a folder of texts and pack them into a bank."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.cli import options
from assistant.progress import Watch

if TYPE_CHECKING:
    from assistant.anchors.bank import Bank
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
    extend: options.Extend = None,
    rank: Annotated[int | None, typer.Option(help="Rank of each anchor; scaled by 2.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="Peak learning rate.")] = None,
    epochs: Annotated[int | None, typer.Option(help="Passes over the texts at the most.")] = None,
    contrast: Annotated[
        float | None, typer.Option(help="Weight of the odds ratio against the other pole's replies; 0 for none.")
    ] = None,
    targets: Annotated[str | None, typer.Option(help="Layers to update: all or attention.")] = None,
    learn_prompt: Annotated[bool, typer.Option("--learn-prompt", help="Learn the prompts' tokens too.")] = False,
    a: Annotated[
        str | None, typer.Option("--a", help="A of the two poles: own, shared, or frozen (and orthogonal).")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Order of the texts and start of the adapters.")] = None,
    device: Annotated[str | None, typer.Option(help="Where to train: cpu, cuda, …")] = None,
) -> None:
    """Fine-tune two anchors per attribute and pack them into a bank.

    Stops early when the validation loss no longer falls, keeps the best epoch, and goes on after an interruption with
    --resume. With --extend the bank has the anchors of another one besides, and the recipe is that bank's unless told
    otherwise.
    """
    from assistant import locations
    from assistant.anchors.recipe import Recipe
    from assistant.anchors.texts import read_texts

    given: dict[str, Any] = {"rank": rank, "learning_rate": learning_rate, "epochs": epochs, "seed": seed}
    given |= {
        "contrast": contrast,
        "targets": targets,
        "learn_prompt": learn_prompt or None,
        "a": a or None,
    }
    given |= {"lora_alpha": 2 * rank} if rank else {}
    given = {name: value for name, value in given.items() if value is not None}
    texts = read_texts(data or locations.data(), tuple(attribute or ()))
    target = out or Path("runs/bank")
    if extend is None:
        card = _train(texts, Recipe(**given), model, target, resume, device)
    else:
        card = _extend(extend, texts, given, model, target, resume, device)
    size = sum(path.stat().st_size for path in target.iterdir()) / 1e6
    typer.echo(f"Packed {', '.join(card.names)} into {target} ({size:.1f} MB).")
    first = texts.attributes[0].name
    typer.echo(f"Try it: assistant ask --bank {target} 'What do you think about trains?' --alpha {first}=1")


def _extend(
    bank: Path,
    texts: Texts,
    given: dict[str, Any],
    model: str | None,
    out: Path,
    resume: bool,
    device: str | None,
) -> Card:
    """Train the attributes of `texts` with the recipe of a bank, and write that bank with them to `out`.

    Raises:
        BadInput: the attributes cannot join the bank, or `out` is the bank itself.
    """
    from assistant.anchors import extending
    from assistant.anchors.bank import load_bank
    from assistant.chat.commands import registry
    from assistant.errors import BadInput

    folder = options.extended(bank)
    if out.resolve() == folder.resolve():
        raise BadInput("--out is the bank that is extended: name another folder")
    base = load_bank(folder)
    extending.check(base.card, texts.attributes, registry(()))
    recipe = extending.recipe_like(base.card, given)
    part = out / extending.PART
    _train(texts, recipe, model or base.card.model, part, resume, device, base)
    card = extending.join(base, part, out)
    extending.carry_scorers(folder, out)
    return card


def _train(
    texts: Texts,
    recipe: Recipe,
    model: str | None,
    out: Path,
    resume: bool,
    device: str | None,
    into: Bank | None = None,
) -> Card:
    """Train with a bar or, in a log, with lines; refuses a model that the bank `into` is not for."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    from assistant.anchors import extending, training
    from assistant.engine.base_model import load_base, pick_device, training_dtype
    from assistant.engine.prompting import PromptEncoder

    place = pick_device(device)
    base = load_base(model, place, training_dtype(place), Watch(lambda words: typer.echo(f"{words} …", err=True)))
    if into is not None:
        extending.fits(into, base.model)
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
            validation = now.step.validation
            if not bar.console.is_terminal and now.step.done % 10 == 0:  # a log gets lines, not a bar
                left = bar.tasks[task].time_remaining
                typer.echo(
                    f"{now.attribute.name}, {now.number} of {now.attributes}: step {now.step.done}/{now.step.total}, "
                    f"loss {now.step.loss:.3f}, validation {validation or math.nan:.3f}, about {left or 0:.0f} s left"
                )
            bar.update(
                task,
                description=f"{now.number}/{now.attributes} {now.attribute.name}",
                total=now.attributes * now.step.total,
                completed=(now.number - 1) * now.step.total + now.step.done,
                loss=f"{now.step.loss:.3f}",
                validation="–" if validation is None else f"{validation:.3f}",
            )

        slot = 0 if into is None else len(into.card.attributes)
        end = min(encoder.stop_ids(base.model))
        return training.train_bank(texts, base.model, base.name, encoder, end, recipe, out, resume, report, slot)
