"""Adding the anchors of new attributes to a bank that is there already."""

from __future__ import annotations

import shutil
from collections.abc import Container, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import torch

from assistant import locations
from assistant.anchors.bank import Bank, Factors, load_bank, save_bank
from assistant.anchors.card import BankError, Card
from assistant.anchors.recipe import Recipe
from assistant.errors import BadInput
from assistant.style import Attribute


def recipe_like(card: Card, given: Mapping[str, Any]) -> Recipe:
    """Return the recipe of the bank's own anchors with the given values in place of its own.

    Raises:
        BadInput: the rank is another than the bank's, or a value is not usable.
    """
    if given.get("rank", card.rank) != card.rank:
        raise BadInput(f"the bank has rank {card.rank} and new anchors need the same, not --rank {given['rank']}")
    known = {each.name for each in fields(Recipe)}
    own = {name: value for name, value in card.training.get("recipe", {}).items() if name in known}
    return Recipe(**{"lora_alpha": 2 * card.rank, **own, **given, "rank": card.rank})


def check(card: Card, attributes: Sequence[Attribute], reserved: Container[str]) -> None:
    """Refuse, before any training, attributes that cannot join a bank.

    Args:
        card: of the bank.
        attributes: the new ones.
        reserved: names that mean something else already.

    Raises:
        BadInput: the bank has such an attribute or such a pole, or the name is reserved.
    """
    poles = {pole: each.name for each in card.attributes for pole in (each.low, each.high)}
    for attribute in attributes:
        if attribute.name in card.names:
            raise BadInput(f"the bank has {attribute.name} already: choose new attributes with --attribute")
        if attribute.name in reserved:
            raise BadInput(f"/{attribute.name} is a command of the chat: give the attribute another name")
        for pole in (attribute.low, attribute.high):
            if pole in poles:
                raise BadInput(f"{pole!r} of {attribute.name} is a pole of {poles[pole]} already: call it otherwise")


def fits(bank: Bank, model: Any) -> None:
    """Refuse, before any training, a model that a bank is not for.

    Raises:
        BankError: layers or shapes differ.
    """
    for name, factor in bank.factors.items():
        try:
            shape = model.get_submodule(name).weight.shape
        except AttributeError:
            raise BankError(f"the bank is for another model: this one has no layer {name}") from None
        if shape != (factor.b.shape[1], factor.a.shape[2]):
            raise BankError(f"the bank is for another model: {name} has shape {tuple(shape)} here")


def join(base: Bank, part: Path, out: Path) -> Card:
    """Write a bank of the anchors of `base` followed by those of the bank in `part`, and remove `part`.

    Raises:
        BankError: the two do not fit together, or one is damaged.
    """
    new = load_bank(part)
    if set(base.factors) != set(new.factors) or base.card.rank != new.card.rank:
        raise BankError("the new anchors change other layers than the bank's: train them with the bank's recipe")
    factors = {
        name: Factors(torch.cat([old.a, new.factors[name].a]), torch.cat([old.b, new.factors[name].b]))
        for name, old in base.factors.items()
    }
    training = dict(base.card.training)
    training["losses"] = {**training.get("losses", {}), **new.card.training["losses"]}
    addition = {"attributes": list(new.card.names), **{k: v for k, v in new.card.training.items() if k != "losses"}}
    training["additions"] = [*training.get("additions", []), addition]
    attributes = (*base.card.attributes, *new.card.attributes)
    card = save_bank(out, model=base.card.model, attributes=attributes, factors=factors, training=training)
    shutil.rmtree(part)
    return card


def carry_scorers(base: Path, out: Path) -> None:
    """Copy the heads that belong to the bank in `base`, if it has any of its own, to the one in `out`."""
    if (base / locations.SCORERS_FILE).is_file():
        shutil.copyfile(base / locations.SCORERS_FILE, out / locations.SCORERS_FILE)
