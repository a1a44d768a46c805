from __future__ import annotations

from pathlib import Path

import pytest
import torch

from assistant import locations
from assistant.anchors import extending
from assistant.anchors.bank import load_bank
from assistant.anchors.card import PART, BankError, Card
from assistant.errors import BadInput
from assistant.style import Attribute
from tests import tiny

VERBOSITY = Attribute("verbosity", "terse", "elaborate")
RECIPE = {"rank": 3, "lora_alpha": 9, "learning_rate": 1e-3, "epochs": 7, "a_word_of_the_future": 1}


def card(**training: object) -> Card:
    return Card("tiny", tiny.ATTRIBUTES, 3, ("q",), "0" * 64, dict(training))


def test_new_anchors_follow_the_banks_own_and_leave_them_as_they_were(tmp_path: Path) -> None:
    model = tiny.base().model
    base = tiny.write_bank(tmp_path / "base", model)
    part = tmp_path / "out" / PART
    new = tiny.write_bank(part, model, attributes=(VERBOSITY,), size=0.1)
    new.card.training["losses"] = {"verbosity-low": [{"validation": 1.0}]}
    new.card.write(part)
    card = extending.join(base, part, tmp_path / "out")
    joined = load_bank(tmp_path / "out")
    assert joined.card == card
    assert card.names == ("formality", "sentiment", "verbosity")
    assert card.training["additions"] == [{"attributes": ["verbosity"]}]
    assert card.training["losses"]["verbosity-low"]
    for name, factor in joined.factors.items():
        assert torch.equal(factor.a[:4], base.factors[name].a)
        assert torch.equal(factor.b[4:], new.factors[name].b)
    assert not part.exists()


def test_anchors_of_another_rank_do_not_join(tmp_path: Path) -> None:
    model = tiny.base().model
    base = tiny.write_bank(tmp_path / "base", model)
    tiny.write_bank(tmp_path / "part", model, rank=2, attributes=(VERBOSITY,))
    with pytest.raises(BankError, match="other layers than the bank's"):
        extending.join(base, tmp_path / "part", tmp_path / "out")


def test_the_recipe_is_the_banks_unless_told_otherwise() -> None:
    recipe = extending.recipe_like(card(recipe=RECIPE), {"epochs": 1})
    assert (recipe.rank, recipe.lora_alpha, recipe.learning_rate, recipe.epochs) == (3, 9, 1e-3, 1)
    assert extending.recipe_like(card(), {"rank": 3}).lora_alpha == 6
    with pytest.raises(BadInput, match="has rank 3 and new anchors need the same, not --rank 4"):
        extending.recipe_like(card(), {"rank": 4})


@pytest.mark.parametrize(
    ("attribute", "says"),
    [
        (Attribute("formality", "lax", "strict"), "has formality already"),
        (Attribute("manner", "formal", "lax"), "'formal' of manner is a pole of formality"),
        (Attribute("help", "short", "long"), "/help is a command"),
    ],
)
def test_attributes_that_clash_are_refused(attribute: Attribute, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        extending.check(card(), [attribute], {"help"})
    extending.check(card(), [VERBOSITY], {"help"})


def test_another_model_is_refused_before_training(tmp_path: Path) -> None:
    base = tiny.base().model
    bank = tiny.write_bank(tmp_path / "base", base)
    extending.fits(bank, base)
    base.config.intermediate_size = 64
    with pytest.raises(BankError, match="another model"):
        extending.fits(bank, type(base)(base.config))


def test_scorers_of_the_bank_come_along(tmp_path: Path) -> None:
    for name in ("base", "out"):
        (tmp_path / name).mkdir()
    extending.carry_scorers(tmp_path / "base", tmp_path / "out")
    assert locations.scorers(tmp_path / "out") == locations.scorers()
    (tmp_path / "base" / locations.SCORERS_FILE).write_text("{}")
    extending.carry_scorers(tmp_path / "base", tmp_path / "out")
    assert locations.scorers(tmp_path / "out") == tmp_path / "out" / locations.SCORERS_FILE
