"""`assistant bench`: how fast the program is on this machine, and how well it learns."""

from __future__ import annotations

import json
import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from assistant.cli import options
from assistant.cli.bench_learner import learner

app = typer.Typer(
    name="bench", help="Measure how fast the program is on this machine, and how well it learns.", no_args_is_help=True
)


app.command("learner")(learner)


class Arithmetic(StrEnum):
    """Arithmetic of the engine."""

    AUTO = "auto"
    """What the program uses on this machine."""
    INT8 = "int8"
    BF16 = "bf16"
    FP32 = "fp32"


Repeats = Annotated[int, typer.Option(min=1, help="Counted rounds; the medians are over these.")]
Threads = Annotated[int | None, typer.Option(min=1, help="Threads for the arithmetic. Default: as the program does.")]
ProcessorTime = Annotated[
    bool, typer.Option("--processor-time", help="Count processor time, on one thread: for machines that others use.")
]
Kind = Annotated[Arithmetic, typer.Option("--arithmetic", help="The engine's arithmetic.")]


@app.command("compose")
def compose(
    repeats: Repeats = 7,
    scaling: Annotated[
        bool, typer.Option("--scaling", help="Cost against rank, attributes and model size, on random weights.")
    ] = False,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for --scaling. Default: runs/scaling.")] = None,
    arithmetic: Kind = Arithmetic.AUTO,
    threads: Threads = None,
    processor_time: ProcessorTime = False,
    as_json: options.AsJson = False,
    model: options.Model = None,
    bank: options.Bank = None,
) -> None:
    """Time a change of profile, in full and of one attribute, beside PEFT's way and the machine's product rate."""
    from assistant.chat.workspace import bank_folder
    from assistant.errors import BadInput
    from assistant.evaluation.speed import compose as bench

    if out is not None and not scaling:
        raise BadInput("--out goes with --scaling")
    if scaling and (model is not None or bank is not None):
        raise BadInput("--scaling makes its own models and banks: leave out --model and --bank")
    if scaling:
        _scaling(out or Path("runs") / "scaling", arithmetic, repeats, threads, processor_time, as_json)
        return
    _use(threads, processor_time)
    results = bench.run(
        bank_folder(bank), model, arithmetic, repeats, lambda done, total: typer.echo(f"{done} of {total}", err=True)
    )
    _print(results, bench.table(results), as_json)


def _scaling(
    out: Path, arithmetic: Arithmetic, repeats: int, threads: int | None, processor_time: bool, as_json: bool
) -> None:
    from assistant.evaluation.speed import plots, scaling

    plots.require()
    _use(threads, processor_time)
    out.mkdir(parents=True, exist_ok=True)
    results: dict[str, Any] = {}
    for results in scaling.run(arithmetic, repeats, say=lambda words: typer.echo(words, err=True)):
        (out / "results.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    plots.draw(results, out / "compose-scaling.svg")
    _print(results, [*scaling.table(results), f"All numbers and the picture: {out}"], as_json)


@app.command("decode")
def decode(
    repeats: Repeats = 7,
    tokens: Annotated[int, typer.Option(min=4, help="Timed tokens of each contender per round.")] = 32,
    kl_replies: Annotated[int, typer.Option(min=1, help="Held-out replies per pole for the divergence to fp32.")] = 4,
    history: Annotated[
        list[int] | None,
        typer.Option(min=1, help="Tokens of conversation before the first token. Repeatable. Default: 500 and 2000."),
    ] = None,
    arithmetic: Kind = Arithmetic.AUTO,
    threads: Threads = None,
    processor_time: ProcessorTime = False,
    data: Annotated[Path | None, typer.Option("--data", help="Folder of texts. Default: the shipped one.")] = None,
    as_json: options.AsJson = False,
    model: options.Model = None,
    bank: options.Bank = None,
) -> None:
    """Time decoding beside generate, PEFT, DExperts, model arithmetic and llama.cpp on the same base model.

    Also the first token after a change of profile with 500 and 2,000 tokens of conversation, and how far the arithmetic
    is from fp32. llama.cpp takes part where it is installed (pip install 'assistant[llama-cpp]').
    """
    from assistant import locations
    from assistant.anchors.card import read_card
    from assistant.anchors.texts import read_texts
    from assistant.chat.workspace import bank_folder
    from assistant.evaluation.speed import decode as bench
    from assistant.evaluation.speed.first_token import LENGTHS

    folder = bank_folder(bank)
    texts = read_texts(data or locations.data(), tuple(read_card(folder).names))
    _use(threads, processor_time)
    results = bench.run(
        folder,
        model,
        arithmetic,
        texts,
        repeats,
        tokens,
        kl_replies,
        tuple(history or LENGTHS),
        say=lambda words: typer.echo(words, err=True),
    )
    _print(results, bench.table(results), as_json)


@app.command("startup")
def startup(repeats: Repeats = 7, as_json: options.AsJson = False) -> None:
    """Time --help, the first paint of the chat, and until it is ready to answer; medians after one uncounted start."""
    from assistant.evaluation import startup as bench

    results = bench.run(repeats, lambda done, total: typer.echo(f"{done} of {total}", err=True))
    text = (
        f"--help {results['help_s']:.2f} s, painted {results['paint_s']:.2f} s, ready {results['ready_s']:.2f} s, "
        f"peak memory {results['peak_mb']:.0f} MB (medians of {repeats}; {results['machine']})"
    )
    _print(results, [text], as_json)


def _use(threads: int | None, processor_time: bool) -> None:
    """Set the number of threads and the clock.

    Raises:
        BadInput: processor time is wanted of several threads.
    """
    import torch

    from assistant.chat.launch import program_threads
    from assistant.errors import BadInput
    from assistant.evaluation.speed.timing import count_processor_time

    if threads is not None or "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(threads or program_threads())
    if processor_time and torch.get_num_threads() != 1:
        raise BadInput("--processor-time needs --threads 1: over several threads it is no measure of waiting")
    if processor_time:
        count_processor_time()


def _print(results: dict[str, Any], lines: list[str], as_json: bool) -> None:
    typer.echo(json.dumps(results) if as_json else "\n".join(lines))
