"""`assistant adapters`: what a bank holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli import options
from assistant.cli.text import as_json as to_json
from assistant.cli.text import one_line
from assistant.errors import BadInput

if TYPE_CHECKING:
    from assistant.anchors.card import Card

app = typer.Typer(name="adapters", help="List, inspect and export the anchors of a bank.", no_args_is_help=True)


@app.command("list")
def list_(bank: options.Bank = None, as_json: options.AsJson = False) -> None:
    """List the anchors of a bank."""
    from assistant.anchors.card import read_card
    from assistant.chat.workspace import bank_folder

    card = read_card(bank_folder(bank))
    if as_json:
        typer.echo(to_json([attribute.as_dict() for attribute in card.attributes]))
        return
    for attribute in card.attributes:
        about = one_line(attribute.about)
        typer.echo(f"{attribute.name}: 0 is {attribute.low}, 1 is {attribute.high}. {about}".rstrip())


@app.command("inspect")
def inspect(bank: options.Bank = None, as_json: options.AsJson = False) -> None:
    """Show how a bank was trained."""
    from assistant.anchors.card import BankError, read_card
    from assistant.chat.workspace import bank_folder

    folder = bank_folder(bank)
    card = read_card(folder)
    if as_json:
        typer.echo(to_json(card.as_dict()))
        return
    try:
        lines = list(_lines(card))
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise BankError(f"the card of the bank {folder} is damaged ({error}): restore it or train again") from error
    for indent, line in lines:
        typer.echo(f"{indent}{one_line(line)}")


def _lines(card: Card) -> Iterator[tuple[str, str]]:
    """Yield how a bank was trained, each line after its indent."""
    yield (
        "",
        f"for {card.model}, rank {card.rank}, {len(card.target_modules)} layers, SHA-256 {card.weights_sha256[:16]}…",
    )
    for key, value in card.training.get("recipe", {}).items():
        yield "  ", f"{key}: {value}"
    for addition in card.training.get("additions", []):
        recipe = ", ".join(f"{key} {value}" for key, value in addition.get("recipe", {}).items())
        yield "", f"added {', '.join(addition['attributes'])}: {recipe}"
    for name, losses in card.training.get("losses", {}).items():
        course = " ".join(f"{entry['validation']:.3f}" for entry in losses)
        yield "", f"{name}: validation loss per epoch {course}"
    if card.safe is None:
        return
    yield "", f"safe range: {card.safe['unit']} up to {card.safe['limit']:.2f}"
    for name, ends in card.safe["attributes"].items():
        yield "  ", f"{name} alone: α from {(1 + ends['low']) / 2:.2f} to {(1 + ends['high']) / 2:.2f}"


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
