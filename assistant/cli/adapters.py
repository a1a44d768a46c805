"""`assistant adapters`: what a bank holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from assistant.cli import options
from assistant.errors import BadInput

app = typer.Typer(name="adapters", help="List, inspect and export the anchors of a bank.", no_args_is_help=True)


@app.command("list")
def list_(bank: options.Bank = None, as_json: options.AsJson = False) -> None:
    """List the anchors of a bank."""
    from assistant.anchors.card import read_card
    from assistant.chat.workspace import bank_folder

    card = read_card(bank_folder(bank))
    if as_json:
        typer.echo(json.dumps([attribute.as_dict() for attribute in card.attributes], ensure_ascii=False))
        return
    for attribute in card.attributes:
        typer.echo(f"{attribute.name}: 0 is {attribute.low}, 1 is {attribute.high}. {attribute.about}")


@app.command("inspect")
def inspect(bank: options.Bank = None, as_json: options.AsJson = False) -> None:
    """Show how a bank was trained."""
    from assistant.anchors.card import read_card
    from assistant.chat.workspace import bank_folder

    card = read_card(bank_folder(bank))
    if as_json:
        typer.echo(json.dumps(card.as_dict(), ensure_ascii=False))
        return
    typer.echo(
        f"for {card.model}, rank {card.rank}, {len(card.target_modules)} layers, SHA-256 {card.weights_sha256[:16]}…"
    )
    for key, value in card.training.get("recipe", {}).items():
        typer.echo(f"  {key}: {value}")
    for addition in card.training.get("additions", []):
        recipe = ", ".join(f"{key} {value}" for key, value in addition.get("recipe", {}).items())
        typer.echo(f"added {', '.join(addition['attributes'])}: {recipe}")
    for name, losses in card.training.get("losses", {}).items():
        course = " ".join(f"{entry['validation']:.3f}" for entry in losses)
        typer.echo(f"{name}: validation loss per epoch {course}")
    if card.safe is None:
        return
    typer.echo(f"safe range: {card.safe['unit']} up to {card.safe['limit']:.2f}")
    for name, ends in card.safe["attributes"].items():
        typer.echo(f"  {name} alone: α from {(1 + ends['low']) / 2:.2f} to {(1 + ends['high']) / 2:.2f}")


@app.command("export")
def export(
    attribute: Annotated[str, typer.Argument(help="Attribute, such as formality.")],
    pole: Annotated[str, typer.Argument(help="Its pole, such as formal.")],
    out: Annotated[Path, typer.Argument(help="New folder for the adapter.")],
    bank: options.Bank = None,
) -> None:
    """Write one anchor as a PEFT adapter, for use in other programs."""
    from assistant.anchors.bank import load_bank
    from assistant.anchors.export import export_peft
    from assistant.chat.workspace import bank_folder

    loaded = load_bank(bank_folder(bank))
    for index, each in enumerate(loaded.card.attributes):
        if each.name == attribute:
            if pole not in (each.low, each.high):
                raise BadInput(f"the poles of {attribute} are {each.low} and {each.high}, not {pole!r}")
            export_peft(loaded, 2 * index + (pole == each.high), out)
            typer.echo(f"Wrote {out}.")
            return
    raise BadInput(f"the bank has no attribute {attribute!r}; it has {', '.join(loaded.card.names)}")
