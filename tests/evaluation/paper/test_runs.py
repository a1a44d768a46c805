"""Each experiment from end to end on a tiny model: it resumes; table and pictures come from results alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from assistant.anchors.texts import Prompt
from assistant.errors import BadInput
from assistant.evaluation.paper import dense, mixtures, pairs, simplex, single
from assistant.evaluation.paper.lab import Lab, Plan
from tests import tiny
from tests.evaluation.paper.conftest import HUMOR, Bench

pytestmark = pytest.mark.slow


def again(results: dict[str, Any]) -> dict[str, Any]:
    """Return results as JSON gives them back."""
    found: dict[str, Any] = json.loads(json.dumps(results))
    return found


def finished(module: Any, results: dict[str, Any], folder: Path) -> str:
    """Return the table, after checking that every picture is there."""
    paths = module.plots(again(results), folder)
    assert paths
    assert all(path.read_text(encoding="utf-8").count("<path") > 3 for path in paths)
    table: str = module.table(again(results))
    return table


def test_single_measures_every_place_once(
    bench: Callable[..., Bench], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(single, "alphas", lambda full: [-1.0, 0.0, 0.5, 1.0])
    monkeypatch.setattr(single, "PASSAGES", {False: 2})
    wikitext = tmp_path / "wiki.raw"
    wikitext.write_text("\n".join([" = Title = ", *[f"{'plain words of a passage ' * 10}{i}" for i in range(3)]]))
    lab, source = bench()
    results = single.run(lab, source, {"wikitext": wikitext})
    assert [row["alpha"] for row in results["curves"]["formality"]] == [-1, 0, 0.5, 1]
    middle, base = results["curves"]["sentiment"][2], results["base"]
    assert middle["perplexity"] == base["perplexity"], "centred at α = ½ is the base model"
    assert results["curves"]["formality"][3]["general"]["mean"] != base["general"]["mean"]
    text = finished(single, results, tmp_path)
    assert "WikiText" in text
    asked: list[Any] = []
    lab, source = bench()
    monkeypatch.setattr(lab, "speak", lambda: asked.append(1))
    assert single.run(lab, source, {"wikitext": wikitext}) == results
    assert not asked, "all of it was measured before"


def test_a_place_where_the_model_breaks_is_shown_and_not_dropped(
    bench: Callable[..., Bench], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(single, "alphas", lambda full: [0.0, 1.0, 1e30])
    monkeypatch.setattr(single, "PASSAGES", {False: 1})
    wikitext = tmp_path / "wiki.raw"
    wikitext.write_text("plain words of a passage " * 10)
    results = single.run(*bench(), {"wikitext": wikitext})
    assert results["findings"]["formality"]["broken"] == [1e30]
    assert "the model breaks" in finished(single, results, tmp_path)


def test_pairs_hold_every_ordered_pair(bench: Callable[..., Bench], tmp_path: Path) -> None:
    lab, source = bench()
    results = pairs.run(lab, source, {})
    assert [(row["moved"], row["fixed"], row["lambda"]) for row in results["pairs"]] == [
        ("formality", "sentiment", 0.5),
        ("formality", "sentiment", 0.8),
        ("sentiment", "formality", 0.5),
        ("sentiment", "formality", 0.8),
    ]
    assert results["compose"] == "paper"
    assert "median area" in finished(pairs, results, tmp_path)


def test_a_couple_leaves_the_rest_of_the_bank_out(bench: Callable[..., Bench]) -> None:
    lab, _ = bench()
    k = pairs.couple(lab, "formality", "sentiment", 0.25, 0.8, pairs.Compose.PAPER)
    assert k == pytest.approx([0.6, 0.2, 0.0, 0.2])


def test_dense_judges_planes_without_replies(
    bench: Callable[..., Bench], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dense, "LOW", 0.0)
    monkeypatch.setattr(dense, "HIGH", 2.0)
    monkeypatch.setattr(dense, "PAIRS", {False: 2})
    lab, source = bench()
    results = pairs.run(lab, source, {"dense": True})
    assert np.shape(results["planes"][0]["means"]) == (3, 3, 2)
    assert "cross-sensitivity" in finished(pairs, results, tmp_path)


def test_a_planted_region_of_entanglement_is_found_and_named() -> None:
    places = [-2.0, -1.0, 0.0, 1.0, 2.0, 3.0]
    x, y = np.meshgrid(places, places)
    both = np.stack([x, y + 3 * np.maximum(0, x - 1)], axis=2)[..., None].repeat(2, 3)
    found = dense.plane(both, places, "humor", "formality")
    (region,) = found["regions"]
    assert (region["moved"], region["changed"]) == ("humor", "formality")
    assert region["bounds"] == {"humor": (1.0, 3.0), "formality": (-2.0, 3.0)}
    assert found["inside"] == {"formality": 0.75, "humor": 0.0}


def test_simplex_goes_through_every_weight(bench: Callable[..., Bench], tmp_path: Path) -> None:
    lab, source = bench(Plan(prompts=2, max_tokens=2), attributes=(*tiny.ATTRIBUTES, HUMOR))
    results = simplex.run(lab, source, {})
    assert results["three"] == ("formality", "sentiment", "humor")
    assert [len(face["scores"]) for face in results["faces"]] == [21, 21]
    assert "humor" in finished(simplex, results, tmp_path)


def test_simplex_refuses_a_bank_of_two(bench: Callable[..., Bench]) -> None:
    with pytest.raises(BadInput, match="three attributes"):
        simplex.run(*bench(), {})


@pytest.mark.model
def test_mixtures_train_compare_and_leave_the_base_as_it_was(bench: Callable[..., Bench], tmp_path: Path) -> None:
    lab, source = bench()
    before = {name: value.clone() for name, value in source.base.model.state_dict().items()}
    results = mixtures.run(lab, source, {})
    assert set(results["attributes"]["formality"]["alphas"]["0.5"]) == {
        "custom",
        "interpolation",
        "reseeded",
        "redrawn",
    }
    assert results["mae"]["own"]["reseeded"]["mean"] >= 0
    assert all(torch.equal(value, before[name]) for name, value in source.base.model.state_dict().items())
    assert "noise floor" in finished(mixtures, results, tmp_path)


def test_every_cell_of_a_lab_is_asked_with_the_same_seeds(bench: Callable[..., Bench]) -> None:
    lab: Lab = bench(Plan(prompts=2, replies=2, max_tokens=3))[0]
    seeds = [each.seed for each in lab.samplings()]
    assert len(set(seeds)) == 4
    assert [each.prompt for each in lab.asked()] == [each.prompt for each in [*lab.prompts, *lab.prompts]]
    assert isinstance(lab.prompts[0], Prompt)
    one, other = lab.at("one", lab.neutral()), lab.base()
    assert one["replies"] == other["replies"]
