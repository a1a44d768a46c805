"""`assistant evaluate single|pairs|…`: the paper's experiments, as JSON, tables and pictures."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import typer

from assistant.errors import BadInput


def evaluate_paper(
    name: str,
    *,
    bank: Path | None,
    model: str | None,
    device: str | None,
    out: Path | None,
    full: bool,
    prompts: int | None,
    replies: int | None,
    max_tokens: int | None,
    seed: int,
    split: str,
    options: dict[str, Any],
    as_json: bool,
    into_card: bool = False,
) -> None:
    """Run an experiment; a run that was stopped goes on where it was.

    Args:
        name: of the experiment.
        bank: folder of the bank; the shipped one when None.
        model: reference of the base model.
        device: to compute on.
        out: folder of the run.
        full: the whole grid rather than the small one.
        prompts: per cell; the experiment's own number when None.
        replies: seeds per prompt; the experiment's own number when None.
        max_tokens: of a reply; the experiment's own when None.
        seed: of the sampling.
        split: of the prompts.
        options: of this experiment alone.
        as_json: print results rather than tables.
        into_card: keep in the bank's card what the experiment finds for it.

    Raises:
        BadInput: more prompts than there are, or the folder holds another run.
        AssistantError: model, bank, scorers or matplotlib cannot be used.
    """
    from assistant.anchors.card import read_card
    from assistant.evaluation.paper import drawing, publishing
    from assistant.evaluation.paper.cells import Cells
    from assistant.evaluation.paper.experiments import experiment
    from assistant.evaluation.paper.general_text import general_text
    from assistant.evaluation.paper.lab import described

    drawing.require()
    chosen = experiment(name)
    plan = replace(chosen.FULL if full else chosen.SMALL, seed=seed, split=split)
    plan = replace(
        plan,
        prompts=prompts or plan.prompts,
        replies=replies or plan.replies,
        max_tokens=max_tokens or plan.max_tokens,
    )
    if passages := getattr(chosen, "PASSAGES", None):  # told before the model loads
        general_text(passages[full], options.get("wikitext"))
    folder = out or Path("runs") / name
    say = (lambda line: None) if as_json and not sys.stderr.isatty() else (lambda line: typer.echo(line, err=True))
    lab, source = _prepare(bank, model, device, plan, folder, say)
    setting = {
        "experiment": name,
        "model": source.base.name,
        "bank": source.bank.key,
        "arithmetic": lab.engine.arithmetic,
    }
    setting |= {key: str(value) if isinstance(value, Path) else value for key, value in options.items()}
    lab.cells = Cells(folder, described(plan, setting))
    results = chosen.run(lab, source, options)
    if into_card:
        measured = {key: results[key] for key in ("safe", "controls") if key in results}
        replace(read_card(source.bank_folder), **measured).write(source.bank_folder)
    made = lab.cells.get("made", lambda: _made(lab.cells.spent, lab.cells.worked))
    record = {
        "experiment": name,
        "title": chosen.TITLE,
        "command": "assistant " + " ".join(sys.argv[1:]),
        **{key: made[key] for key in ("date", "machine", "threads", "seconds", "processor")},
        "setting": described(plan, setting),
        "results": results,
    }
    text = publishing.write(record, folder)
    typer.echo(json.dumps(record, ensure_ascii=False) if as_json else text)
    if not as_json:
        typer.echo(f"Everything, with every reply: {folder}")


def report(runs: Path, out: Path) -> None:
    """Write the report of the runs in a folder.

    Raises:
        BadInput: there is no run.
        AssistantError: matplotlib is not installed.
    """
    from assistant.evaluation.paper import drawing, publishing

    drawing.require()
    records = publishing.read(runs)
    path = publishing.report(records, out)
    names = ", ".join(dict.fromkeys(record["experiment"] for record in records))
    typer.echo(f"Wrote {path} and {path.with_suffix('.html').name}: {names}")


def _made(seconds: float, processor: float) -> dict[str, Any]:
    """Return when, on what and how long a run was measured; a later call that only draws it again keeps that."""
    import torch

    from assistant.evaluation.report import machine

    return {
        "date": date.today().isoformat(),
        "machine": machine(),
        "threads": torch.get_num_threads(),
        "seconds": round(seconds, 1),
        "processor": round(processor, 1),
    }


def _prepare(bank: Path | None, model: str | None, device: str | None, plan: Any, folder: Path, say: Any) -> Any:
    import torch

    from assistant import locations
    from assistant.anchors.bank import load_bank
    from assistant.anchors.texts import read_texts
    from assistant.chat.workspace import bank_folder
    from assistant.engine.base_model import load_base, pick_device, training_dtype
    from assistant.engine.engine import Engine
    from assistant.evaluation.paper.experiments import Source
    from assistant.evaluation.paper.lab import Lab
    from assistant.scoring.scorer import Scorer

    place = bank_folder(bank)
    loaded, texts = load_bank(place), read_texts(locations.data())
    asked = texts.split(plan.split)
    if plan.prompts > len(asked):
        raise BadInput(f"the split {plan.split} has {len(asked)} prompts, not {plan.prompts}")
    scorer = Scorer(locations.scorers(place))
    for name in loaded.card.names:
        if name not in scorer.heads.attributes:
            raise BadInput(f"{name} has no scorer: run assistant train-scorers --extend {place}")
    where = pick_device(device)
    base = load_base(model, where, training_dtype(where))
    engine: Any = Engine(base, place, "bf16" if base.model.dtype == torch.bfloat16 else "fp32")
    cells: Any = None
    lab = Lab(engine, loaded.card.names, asked, scorer.score, plan, cells, say)
    return lab, Source(base, loaded, place, texts, folder)
