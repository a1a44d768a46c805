"""`assistant score` and `assistant train-scorers`: how a text sounds, in numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli import options
from assistant.cli.files import read_text
from assistant.errors import BadInput

if TYPE_CHECKING:
    from assistant.anchors.texts import Texts


def score(
    text: Annotated[str, typer.Argument(help="What to score; - reads it from the standard input.")],
    as_json: options.AsJson = False,
    bank: options.Bank = None,
) -> None:
    """Score a text in each attribute: 0 sounds like the low pole, 1 like the high one."""
    from assistant import locations
    from assistant.chat.workspace import bank_folder
    from assistant.engine.base_model import quieten

    content = read_text(Path("-")) if text == "-" else text
    if not content.strip():
        raise BadInput("there is no text to score")
    quieten()
    from assistant.scoring.scorer import Scorer

    [found] = Scorer(locations.scorers(bank_folder(bank))).score([content])
    if as_json:
        typer.echo(json.dumps({name: round(value, 4) for name, value in found.items()}))
        return
    wide = max(map(len, found))
    for name, value in found.items():
        typer.echo(f"{name:<{wide}}  {value:.2f}")


def train_scorers(
    data: Annotated[Path | None, typer.Option(help="Folder with attributes.toml. Default: the shipped texts.")] = None,
    attribute: Annotated[list[str] | None, typer.Option(help="Fit this attribute only; may be repeated.")] = None,
    extend: options.Extend = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="File of the heads. Default: runs/scorers.json, with --extend the bank's own."),
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Fit the attribute scorers on the scorers' split and measure them on the held-out one.

    With --extend the new heads join those that the bank uses, and learn from the shipped texts besides what is not
    their business.
    """
    from assistant import locations
    from assistant.anchors.texts import read_texts
    from assistant.engine.base_model import quieten

    texts = read_texts(data or locations.data(), tuple(attribute or ()))
    names = [each.name for each in texts.attributes]
    for split, least in (("scorers", 5), ("heldout", 1)):
        if len(texts.split(split)) < least:
            raise BadInput(f"training scorers needs at least {least} prompts in the split {split!r}")
    folder = None if extend is None else options.extended(extend)
    target = out or (Path("runs") / locations.SCORERS_FILE if folder is None else folder / locations.SCORERS_FILE)
    if extend is not None and target.resolve() == locations.scorers().resolve():
        raise BadInput("these are the shipped scorers: extend a bank of your own, or name a file with --out")
    others = None if folder is None else _others(folder, names)
    quieten()
    from assistant.scoring.embedder import Embedder
    from assistant.scoring.fitting import corpus, fit, quality, table
    from assistant.scoring.heads import inputs, load_heads

    before = None if folder is None else load_heads(locations.scorers(folder))
    embedder = Embedder()
    labels, matrices = {}, {}
    for split in ("scorers", "heldout"):
        labels[split] = corpus(texts, split) + (corpus(others, split) if others else [])
        found = [label.text for label in labels[split]]
        matrices[split] = inputs(embedder.encode(found), found)
    heads = fit(names, matrices["scorers"], labels["scorers"])
    heads = heads if before is None else before.joined(heads)
    target.parent.mkdir(parents=True, exist_ok=True)
    heads.save(target)
    results = quality(heads, matrices["heldout"], labels["heldout"])
    if as_json:
        typer.echo(json.dumps(results))
        return
    typer.echo(table(results))
    typer.echo(f"Written to {target}.")


def _others(bank: Path, names: list[str]) -> Texts | None:
    """Return the shipped texts of the attributes that a bank has besides `names`.

    Raises:
        BankError: there is no bank.
        BadInput: the bank lacks one of `names`.
    """
    from assistant import locations
    from assistant.anchors.card import read_card
    from assistant.anchors.texts import read_attributes, read_texts

    card = read_card(bank)
    for name in names:
        if name not in card.names:
            raise BadInput(f"the bank {bank} has no {name}: train its anchors first, or choose with --attribute")
    shipped, _ = read_attributes(locations.data())
    wanted = tuple(name for name in card.names if name in shipped and name not in names)
    return read_texts(locations.data(), wanted) if wanted else None
