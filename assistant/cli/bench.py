"""`assistant bench`: how fast the program is on this machine, and how well it learns."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from assistant.cli import options
from assistant.cli.bench_learner import learner

app = typer.Typer(
    name="bench", help="Measure how fast the program is on this machine, and how well it learns.", no_args_is_help=True
)


app.command("learner")(learner)


@app.command("startup")
def startup(
    repeats: Annotated[int, typer.Option(min=1, help="Starts to measure, after one that is not counted.")] = 7,
    as_json: options.AsJson = False,
) -> None:
    """Time --help, the first paint of the chat, and until it is ready to answer; medians."""
    from assistant.evaluation import startup as bench

    results = bench.run(repeats, lambda done, total: typer.echo(f"{done} of {total}", err=True))
    if as_json:
        typer.echo(json.dumps(results))
        return
    typer.echo(
        f"--help {results['help_s']:.2f} s, painted {results['paint_s']:.2f} s, ready {results['ready_s']:.2f} s, "
        f"peak memory {results['peak_mb']:.0f} MB (medians of {repeats}; {results['machine']})"
    )
