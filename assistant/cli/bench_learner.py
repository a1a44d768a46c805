"""`assistant bench learner`: the learner and its rivals on simulated people."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from assistant.cli import options


def learner(
    users: Annotated[int, typer.Option(min=1, help="Simulated people per scenario.")] = 200,
    ratings: Annotated[int, typer.Option(min=8, help="Replies that each of them reads.")] = 80,
    seed: Annotated[
        int, typer.Option(min=0, help="Of the first person; settings were chosen on 2000000 and up.")
    ] = 1_000_000,
    scenario: Annotated[list[str] | None, typer.Option(help="Only this scenario; may be repeated.")] = None,
    algorithm: Annotated[list[str] | None, typer.Option(help="Only this algorithm; may be repeated.")] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Processes, of one thread each.")] = 1,
    out: Annotated[
        Path, typer.Option("--out", help="Folder for results; a run that was stopped goes on there.")
    ] = Path("runs/learner"),
    as_json: options.AsJson = False,
) -> None:
    """Let the learner and its rivals look for the voices of simulated people: regret and share of thumbs up."""
    from assistant.evaluation import learner_bench, learner_page
    from assistant.evaluation.learner_field import ALGORITHMS
    from assistant.preference.simulation import SCENARIOS

    def report(done: int, total: int, cell: str, left: float) -> None:
        typer.echo(f"{done} of {total}: {cell}; about {left / 60:.0f} min left", err=True)

    out.mkdir(parents=True, exist_ok=True)
    results = learner_bench.run(
        users,
        ratings,
        tuple(dict.fromkeys(scenario or SCENARIOS)),
        tuple(dict.fromkeys(algorithm or ALGORITHMS)),
        report,
        out / "cells.json",
        seed,
        jobs,
    )
    plots = learner_page.plot(results, out)
    if not plots:
        typer.echo("no plots: matplotlib is missing, pip install 'assistant[bench]'", err=True)
    if absent := learner_page.missing(results):
        typer.echo(
            f"not run: {', '.join(absent)}; their packages are missing, pip install 'assistant[bench]'", err=True
        )
    (out / "results.json").write_text(json.dumps(results) + "\n", encoding="utf-8")
    command = "assistant " + " ".join(sys.argv[1:])
    (out / "page.md").write_text(learner_page.page(command, results, plots), encoding="utf-8")
    typer.echo(json.dumps(results) if as_json else learner_page.overview(results))
    if not as_json:
        typer.echo(
            f"Regret as a share of that of never_changes. All numbers: {out / 'page.md'}, {out / 'results.json'}"
        )
