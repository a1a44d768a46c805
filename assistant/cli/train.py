"""`assistant train`: fine-tune the anchors of a folder of texts and pack them into a bank."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.cli import options, training_progress
from assistant.cli.waiting import Waiting
from assistant.progress import Watch

if TYPE_CHECKING:
    from assistant.anchors.bank import Bank
    from assistant.anchors.card import Card
    from assistant.anchors.recipe import Recipe
    from assistant.anchors.texts import Texts


class Form(StrEnum):
    """How a training tells how far it is."""

    AUTO = "auto"
    JSON = "json"


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
    progress: Annotated[
        Form, typer.Option(help="How to tell each step: auto is a bar or lines for people, json a line for a program.")
    ] = Form.AUTO,
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
    machine = progress is Form.JSON
    with _ending_tidily():
        if extend is None:
            card = _train(texts, Recipe(**given), model, target, resume, device, machine)
        else:
            card = _extend(extend, texts, given, model, target, resume, device, machine)
    size = sum(path.stat().st_size for path in target.iterdir()) / 1e6
    if machine:
        typer.echo(json.dumps({"bank": str(target), "attributes": card.names, "megabytes": round(size, 1)}))
        return
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
    machine: bool,
) -> Card:
    """Train the attributes of `texts` with the recipe of a bank, and write that bank with them to `out`.

    Raises:
        BadInput: the attributes cannot join the bank, or `out` is the bank itself.
    """
    from assistant.anchors import extending
    from assistant.anchors.bank import load_bank
    from assistant.anchors.card import PART
    from assistant.chat.commands import registry
    from assistant.errors import BadInput

    folder = options.extended(bank)
    if out.resolve() == folder.resolve():
        raise BadInput("--out is the bank that is extended: name another folder")
    base = load_bank(folder)
    extending.check(base.card, texts.attributes, registry(()))
    recipe = extending.recipe_like(base.card, given)
    part = out / PART
    _train(texts, recipe, model or base.card.model, part, resume, device, machine, base)
    extending.carry_scorers(folder, out)  # first: once the banks are joined, nothing is left to be done
    return extending.join(base, part, out)


def _train(
    texts: Texts,
    recipe: Recipe,
    model: str | None,
    out: Path,
    resume: bool,
    device: str | None,
    machine: bool,
    into: Bank | None = None,
) -> Card:
    """Train and tell how it goes; refuses a model that the bank `into` is not for."""
    from assistant.anchors import extending, training
    from assistant.engine.base_model import load_base, pick_device, training_dtype
    from assistant.engine.prompting import PromptEncoder

    place = pick_device(device)
    with Waiting() as waiting:

        def say(words: str) -> None:
            if machine:
                typer.echo(json.dumps({"words": words}))
            else:
                typer.echo(f"{words} …", err=True)
            waiting.watch.say(words)

        watch = Watch(say) if machine else replace(waiting.watch, say=say)
        base = load_base(model, place, training_dtype(place), watch)
    if into is not None:
        extending.fits(into, base.model)
    encoder = PromptEncoder(base.tokenizer)
    with training_progress.told(machine) as report:
        slot = 0 if into is None else len(into.card.attributes)
        end = min(encoder.stop_ids(base.model))
        return training.train_bank(texts, base.model, base.name, encoder, end, recipe, out, resume, report, slot)


@contextmanager
def _ending_tidily() -> Iterator[None]:
    """Have a request to end treated like Ctrl+C: nothing half written stays."""

    def heard(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, heard)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
