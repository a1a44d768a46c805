from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from assistant.anchors import gram
from assistant.anchors.card import Card
from assistant.chat.host import Messages
from assistant.engine.engine import Engine
from assistant.engine.sampling import Sampling
from assistant.errors import AssistantError
from assistant.evaluation.paper import edges, extrapolation, publishing
from assistant.evaluation.paper.cells import Cells
from assistant.evaluation.paper.edges import Ray
from assistant.evaluation.paper.experiments import Source
from assistant.evaluation.paper.lab import Lab, Plan
from assistant.evaluation.paper.places import Places
from assistant.evaluation.paper.stability import MEASURES, Band, Ratios
from assistant.evaluation.paper.statistics import resamples
from assistant.style import SafeRange
from tests import tiny
from tests.evaluation.test_voices import PROMPTS, score

pytestmark = pytest.mark.slow

HEALTHY = "one two three four five six seven eight nine ten"
LOOP = "round and round and round and round and round and round"


class Planted:
    """Speaks well within an ellipse of the displacement, or within a box of c, and loops outside of it."""

    name = "planted"

    def __init__(self, products: Any, unit: str, limit: float, breaks: float = math.inf) -> None:
        self.products, self.unit, self.limit, self.breaks = products, unit, limit, breaks
        self.k = np.zeros(len(products))
        self.replies = 0

    @property
    def composer(self) -> Any:
        return self

    def set(self, k: Any) -> bool:
        self.k = k
        return True

    def far(self) -> float:
        c = self.k[1::2] - self.k[::2]
        return gram.displacement(self.products, self.k) if self.unit == "displacement" else float(abs(c).max())

    def batch(self, conversations: Sequence[Messages], settings: Sequence[Sampling]) -> list[tuple[str, int]]:
        self.replies += len(conversations)
        if self.far() > self.breaks:
            raise AssistantError("the model breaks")
        return [(LOOP if self.far() > self.limit else HEALTHY, 10)] * len(conversations)

    def losses(self, conversations: Sequence[Messages], replies: Sequence[str]) -> list[tuple[float, int]]:
        return [(10.0, 10) for _ in replies]

    def log_probs(self, conversations: Sequence[Messages], replies: Sequence[str]) -> list[torch.Tensor]:
        return [torch.log_softmax(torch.zeros(3, 5), -1) for _ in replies]


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("bank")
    return tiny.write_bank(folder, tiny.base().model), folder


def run(bank: Any, folder: Path, unit: str, limit: float, **more: Any) -> tuple[Planted, dict[str, Any]]:
    engine = Planted(gram.relative(gram.whole(bank[0])), unit, limit, **more)
    plan = Plan(prompts=3)
    engine_: Any = engine
    lab = Lab(engine_, tiny.NAMES, PROMPTS, score, plan, Cells(folder, {}))
    source: Any = Source(None, bank[0], bank[1], None, folder)  # type: ignore[arg-type]
    return engine, extrapolation.run(lab, source, {})


def test_bisection_finds_a_planted_limit() -> None:
    for limit in (0.3, 1.4, 2.0, 5.9):
        low, high = edges.search(lambda x, limit=limit: x <= limit, 8, 0.125)
        assert low <= limit < high
        assert high - low <= 0.125
    assert edges.search(lambda _: True, 8, 0.125) == (8, math.inf)


def test_the_limit_of_a_speaker_is_found_resumed_and_told(bank: Any, tmp_path: Path) -> None:
    _, results = run(bank, tmp_path, "c", 1.8)
    for ray in results["rays"]:
        assert ray["c"]["mean"] == pytest.approx(1.8, abs=extrapolation.TOLERANCE[False])
        assert "repetition" in ray["left"]
        assert ray["c"]["low"] <= 1.8 <= ray["c"]["high"]
    assert results["units"]["winner"] == "c"
    assert results["units"]["share"] == 1
    again, same = run(bank, tmp_path, "c", 1.8)
    assert again.replies == 0
    assert json.dumps(same) == json.dumps(results)
    safe = SafeRange.from_dict(results["safe"], tiny.NAMES)
    assert safe.high == pytest.approx([1.8, 1.8], abs=0.25)
    record = {"experiment": "extrapolation", "title": "t", "command": "c", "date": "d", "machine": "m", "threads": 1}
    record |= {"seconds": 1.0, "processor": 1.0, "results": results}
    record["setting"] = {**Plan(prompts=3).as_dict(), "model": "tiny", "arithmetic": "fp32"}
    table = publishing.write(record, tmp_path)
    assert "| formality− at strength 2 |" in table
    assert "in common as **c** (in 100% of the resamples)" in table
    assert (tmp_path / "extrapolation.svg").exists()
    assert Card("tiny", tiny.ATTRIBUTES, 3, (), "0", safe=results["safe"]).safe_range is not None


def test_a_limit_of_the_displacement_is_recognised_and_breaking_counts(bank: Any, tmp_path: Path) -> None:
    _, results = run(bank, tmp_path, "displacement", 9.0, breaks=2.2)
    assert results["units"]["winner"] == "displacement"
    assert all(ray["left"] == ["broken"] for ray in results["rays"])
    assert results["limits"]["displacement"]["mean"] == pytest.approx(2.2, abs=0.25)


def test_places_that_never_leave_are_open(bank: Any, tmp_path: Path) -> None:
    _, results = run(bank, tmp_path, "c", 99.0)
    assert all(ray["open"] and ray["bracket"] == [8.0, None] for ray in results["rays"])
    assert "within even there" in extrapolation.table(results)


def test_strengths_at_which_alpha_is_what_counts_are_told_from_c() -> None:
    kinds = ["alone", "alone", "strength", "company"]
    limits = {"alpha": np.array([1.0, 1.0, 1.0, 1.0]), "c": np.array([2.0, 2.0, 4.0, 2.0])}
    draws = {unit: np.repeat(values[None], 5, 0) for unit, values in limits.items()}
    found = edges.compared(kinds, limits, draws)
    assert (found["winner"], found["share"], found["cv"]["alpha"]["mean"]) == ("alpha", 1.0, 0.0)


def test_the_band_is_the_range_widened_and_repetition_may_be_one_reply() -> None:
    above = np.array([[1.0, 1.0, 1.0, 1.0], [5, 6, 7, 8], [0, 0, 0, 0], [0.1, 0.1, 0.1, 0.1]])
    below = np.array([[1.0] * 4, [10.0] * 4, [1.0] * 4, [1.0] * 4])
    band = Band.of([Ratios(above, below)], resamples(4))
    told = band.as_dict()
    assert told["perplexity"] == {"low": 2.7183, "high": 2.7183}
    assert told["distinct_2"]["low"] < 0.6 < 0.7 < told["distinct_2"]["high"]
    assert told["repetition"] == {"low": None, "high": 0.25}
    loops = MEASURES.index("repetition")
    assert list(band.left(np.array([math.e, 0.65, 0.5, 0.0]))) == [i == loops for i in range(4)]
    assert band.left(np.array([math.inf, 0.65, 0.0, math.nan])).tolist() == [True, False, False, True]


def test_the_norm_of_a_displacement_is_that_of_the_weights(bank: Any) -> None:
    for k in np.random.default_rng(0).normal(size=(3, 4)):
        explicit = math.sqrt(
            sum(
                float((torch.einsum("j,jor,jri->oi", torch.tensor(k), each.b.double(), each.a.double()) ** 2).sum())
                for each in bank[0].factors.values()
            )
        )
        assert gram.displacement(gram.whole(bank[0]), k) == pytest.approx(explicit, rel=1e-6)


def test_kl_is_zero_at_the_base_and_grows_outward(bank: Any, tmp_path: Path) -> None:
    engine: Any = Engine(tiny.base(), bank[1])
    lab = Lab(engine, tiny.NAMES, PROMPTS, score, Plan(prompts=2, max_tokens=6), Cells(tmp_path, {}))
    places, kl = Places(lab), []
    for c in (0.0, 0.5, 1.0):
        ratios = places.at({"formality": c})
        assert ratios is not None
        kl.append(ratios.values()[MEASURES.index("kl")])
    assert kl[0] == pytest.approx(0, abs=1e-5)
    assert 0 < kl[1] < kl[2]


def test_rays_point_everywhere_and_repeat_by_seed() -> None:
    names = ["a", "b", "c", "d", "e"]
    chosen = extrapolation.rays(names, False, 1)
    assert chosen == extrapolation.rays(names, False, 1)
    assert len({ray.key for ray in chosen}) == len(chosen)
    assert [ray.kind for ray in chosen].count("alone") == 10
    assert {len(ray.signs) for ray in chosen if ray.kind == "company"} == {2, 3, 5}
    assert Ray({"a": -1}, 2.0).c(0.5) == {"a": -1.0}
