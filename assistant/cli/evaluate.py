"""`assistant evaluate`: run an experiment and write its results."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from assistant.cli import options
from assistant.cli.check_scorers import check_scorers
from assistant.cli.evaluate_learning import evaluate_learning
from assistant.cli.evaluate_paper import evaluate_paper, report
from assistant.errors import BadInput


class Experiment(StrEnum):
    """Experiments that can be run."""

    VOICES = "voices"
    """One attribute at a time from pole to pole."""
    TARGETS = "targets"
    """All attributes at once at random places."""
    SCORERS = "scorers"
    """The scorers, on the held-out texts and on other people's."""
    LEARNING = "learning"
    """Scripted people whose feedback is learned from."""
    SINGLE = "single"
    """One attribute alone, far beyond its anchors on both sides."""
    PAIRS = "pairs"
    """One attribute moves: does another follow?"""
    SIMPLEX = "simplex"
    """Three attributes under every mixing weight."""
    MIXTURES = "mixtures"
    """Interpolation against models fine-tuned on mixtures of both poles' texts."""
    BASELINES = "baselines"
    """Other ways to move one attribute to either end."""
    EXTRAPOLATION = "extrapolation"
    """Where stability ends."""
    GEOMETRY = "geometry"
    """Angles between the anchors, and whether they tell the entanglement."""
    SCALING = "scaling"
    """From five attributes to forty: cost and entanglement."""
    DISENTANGLE = "disentangle"
    """Sliders in score units, by the inverse of the measured response."""
    REPORT = "report"
    """The paper's experiments that were run, as one report."""


PAPER = (
    Experiment.SINGLE,
    Experiment.PAIRS,
    Experiment.SIMPLEX,
    Experiment.MIXTURES,
    Experiment.BASELINES,
    Experiment.EXTRAPOLATION,
    Experiment.GEOMETRY,
    Experiment.SCALING,
    Experiment.DISENTANGLE,
)
"""The paper's experiments, and its open questions: `assistant.evaluation.paper`."""

_TITLES = {
    Experiment.VOICES: "One attribute at a time",
    Experiment.TARGETS: "All attributes at once",
}


def evaluate(
    experiment: Annotated[
        Experiment,
        typer.Argument(
            help="voices: one attribute at a time. targets: all at once, at random. scorers: the scorers themselves. "
            "learning: scripted people chat and judge. The paper's, resumable: single: one attribute alone, far beyond "
            "its anchors. pairs: does one follow when another moves? simplex: three under every mixing weight. "
            "mixtures: against models fine-tuned on mixed texts. baselines: other ways to move one attribute. "
            "extrapolation: where stability ends. "
            "geometry: angles between anchors, and entanglement. scaling: eight times the attributes. "
            "disentangle: sliders in score units. report: all of these that were run, as one page."
        ),
    ],
    out: Annotated[Path | None, typer.Option("--out", help="Folder for results. Default: runs/EXPERIMENT.")] = None,
    attribute: Annotated[list[str] | None, typer.Option(help="Move this attribute only; may be repeated.")] = None,
    alphas: Annotated[str, typer.Option(help="Positions, separated by commas.")] = "0,0.25,0.5,0.75,1",
    together: Annotated[
        bool, typer.Option("--together", help="voices: leave the others an even weight at α = ½, rather than none.")
    ] = False,
    corners: Annotated[bool, typer.Option("--corners", help="targets: every α at an end, 0 or 1.")] = False,
    into_card: Annotated[
        bool,
        typer.Option(
            "--into-card", help="targets, extrapolation, disentangle: keep what was measured in the bank's card."
        ),
    ] = False,
    other_bank: Annotated[
        Path | None, typer.Option(help="disentangle: a bank of the same attributes, trained otherwise, to compare.")
    ] = None,
    prompts: Annotated[
        int | None, typer.Option(min=2, help="Held-out prompts to use. Default: 24; the paper's: by experiment.")
    ] = None,
    replies: Annotated[
        int | None, typer.Option(min=1, help="Seeds per prompt. Default: 2; the paper's: by experiment.")
    ] = None,
    profiles: Annotated[int, typer.Option(min=3, help="Random profiles of targets.")] = 100,
    people: Annotated[int, typer.Option(min=1, help="Scripted people of learning.")] = 10,
    turns: Annotated[int, typer.Option(min=1, help="Replies that each of them judges.")] = 40,
    compose: options.Composition = None,
    strength: options.Strength = None,
    max_tokens: Annotated[
        int | None, typer.Option(min=1, help="Longest reply, in tokens. Default: 60; the paper's: by experiment.")
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="The paper's: the whole grid, not the one that ends in ten minutes.")
    ] = False,
    dense: Annotated[
        bool, typer.Option("--dense", help="pairs: the whole plane of every pair, by a likelihood ratio.")
    ] = False,
    runs: Annotated[Path | None, typer.Option(help="report: folder of the runs. Default: runs.")] = None,
    wikitext: Annotated[Path | None, typer.Option(help="single: a raw WikiText file to measure perplexity on.")] = None,
    seed: Annotated[int, typer.Option(help="Decides the sampling.")] = 1,
    split: Annotated[str, typer.Option(help="Prompts: heldout, or validation when choosing settings.")] = "heldout",
    as_json: options.AsJson = False,
    model: options.Model = None,
    bank: options.Bank = None,
    device: options.Device = None,
) -> None:
    """Run an experiment on the held-out prompts: prints a table, writes JSON with every reply and a page to read.

    The scorers are measured without any model, on the held-out texts and on those of other people that the packages
    of assistant[outside] bring.
    """
    if split not in ("heldout", "validation"):
        raise BadInput(f"--split needs heldout or validation, not {split!r}")
    if experiment is Experiment.SCORERS:
        check_scorers(bank, out, as_json)
        return
    if experiment is Experiment.REPORT:
        report(runs or Path("runs"), out or Path("runs"))
        return
    if into_card and experiment not in (Experiment.TARGETS, Experiment.EXTRAPOLATION, Experiment.DISENTANGLE):
        raise BadInput("--into-card goes with targets, extrapolation and disentangle")
    if experiment in PAPER:
        extra = {"wikitext": wikitext, "dense": dense, "compose": compose and str(compose)}
        extra |= {"other_bank": other_bank}
        evaluate_paper(
            experiment,
            bank=bank,
            model=model,
            device=device,
            out=out,
            full=full,
            prompts=prompts,
            replies=replies,
            max_tokens=max_tokens,
            seed=seed,
            split=split,
            options={key: value for key, value in extra.items() if value},
            as_json=as_json,
            into_card=into_card,
        )
        return
    prompts, replies, max_tokens = prompts or 24, replies or 2, max_tokens or 60
    if experiment is Experiment.LEARNING:
        evaluate_learning(bank, model, device, out, people, turns, max_tokens, seed, split, as_json)
        return
    from assistant import locations
    from assistant.anchors.card import read_card
    from assistant.anchors.texts import read_texts
    from assistant.chat.workspace import bank_folder
    from assistant.engine.base_model import pick_device, training_dtype
    from assistant.engine.engine import Engine
    from assistant.evaluation import report as report_
    from assistant.evaluation import response, targets, voices
    from assistant.evaluation.sampling import Setting
    from assistant.scoring.scorer import Scorer
    from assistant.style import DEFAULT_COMPOSE, DEFAULT_STRENGTH, Compose, nearest

    composition = compose or DEFAULT_COMPOSE
    try:
        positions = tuple(float(text) for text in alphas.split(","))
    except ValueError:
        raise BadInput(f"--alphas needs numbers separated by commas, not {alphas!r}") from None
    card = read_card(bank_folder(bank))
    for name in attribute or ():
        if name not in card.names:
            guess = nearest(name, card.names)
            raise BadInput(f"the bank has no attribute {name!r}; did you mean {guess or card.names[0]}?")
    held_out = read_texts(locations.data()).split(split)
    if prompts > len(held_out):
        raise BadInput(f"the split {split} has {len(held_out)} prompts, not {prompts}")
    if into_card and composition is Compose.PAPER:
        raise BadInput("--into-card goes with targets in full or centred composition")
    setting = Setting(
        positions,
        prompts,
        replies,
        max_tokens,
        seed,
        composition,
        DEFAULT_STRENGTH if strength is None else strength,
    )
    scorer = Scorer(locations.scorers(bank_folder(bank)))
    for name in card.names:
        if name not in scorer.heads.attributes:
            raise BadInput(f"{name} has no scorer: run assistant train-scorers --extend {bank_folder(bank)}")
    place = pick_device(device)
    engine = Engine.load(bank_folder(bank), model, str(place), training_dtype(place))
    score = scorer.score

    def count(done: int, total: int) -> None:
        typer.echo(f"{done} of {total}", err=True)

    if experiment is Experiment.VOICES:
        results = voices.run(engine, card.names, held_out, setting, score, count, attribute or (), together)
        text = voices.table(results)
    else:
        results = targets.run(engine, card.names, held_out, setting, profiles, score, count, corners)
        text = targets.table(results)
        if into_card:
            replace(card, response=response.response(results)).write(bank_folder(bank))
    folder = out or Path("runs") / experiment
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.json").write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    command = "assistant " + " ".join(sys.argv[1:])
    (folder / "page.md").write_text(report_.page(_TITLES[experiment], command, results, text), encoding="utf-8")
    typer.echo(json.dumps(results, ensure_ascii=False) if as_json else text)
    if not as_json:
        typer.echo(f"All numbers and replies: {folder / 'results.json'}")
