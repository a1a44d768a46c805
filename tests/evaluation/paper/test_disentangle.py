from __future__ import annotations

import copy
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assistant.anchors.card import CARD_FILE, read_card
from assistant.errors import BadInput
from assistant.evaluation.paper import disentangle, driving, leakage
from assistant.evaluation.paper.lab import Plan
from assistant.preference.controls import Controls
from tests import tiny
from tests.evaluation.paper.bench import PLAN, Speaker, bench, planted

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leakage, "DRAWS", 60)


BASE = np.array([0.4, 0.6])
CROSSED = np.array([[1.2, 0.6], [-0.3, 1.0]])


def test_a_planted_response_is_found_and_its_inverse_leaves_the_others_alone(tmp_path: Path) -> None:
    speaker = Speaker(planted(CROSSED, BASE))
    lab, source = bench(tmp_path, speaker)
    found = disentangle.run(lab, source, {})
    for j, read in enumerate(tiny.NAMES):
        assert found["base"][read] == pytest.approx(BASE[j], abs=1e-3)
        for i, moved in enumerate(tiny.NAMES):
            assert found["jacobian"][read][moved]["mean"] == pytest.approx(CROSSED[j, i], abs=2e-3)
    sliders, inverse = found["ways"]["sliders"], found["ways"]["inverse"]
    assert sliders["leak"]["mean"] > 0.3
    assert inverse["leak"]["mean"] < 0.03
    assert inverse["own_error"]["mean"] < 0.01
    assert inverse["less"]["matched"]["high"] < 0
    assert inverse["less"]["together"]["high"] < 0
    assert disentangle.judged(inverse)["wins"]
    assert "Inverse of J **wins**" in disentangle.table(found)
    assert disentangle.plots(found, tmp_path)[0].stat().st_size > 1000
    spoken = speaker.spoken
    assert disentangle.run(lab, source, {}) == found
    assert speaker.spoken == spoken


def test_without_cross_talk_the_inverse_does_not_win(tmp_path: Path) -> None:
    lab, source = bench(tmp_path, Speaker(planted(np.eye(2), BASE), noise=0.3))
    found = disentangle.run(lab, source, {})
    assert not disentangle.judged(found["ways"]["inverse"])["wins"]
    assert "does not win" in disentangle.verdict(found)[0]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("matched", {"mean": 0.0, "low": -0.1, "high": 0.1}),
        ("error", {"mean": 0.1, "low": 0.05, "high": 0.2}),
        ("together", {"mean": 0.1, "low": 0.05, "high": 0.2}),
        ("perplexity", {"mean": 0.3, "low": 0.2, "high": 0.4}),
    ],
)
def test_the_verdict_flips_with_each_number(key: str, value: dict[str, float]) -> None:
    even = {"mean": 0.0, "low": -0.01, "high": 0.01}
    row: dict[str, Any] = {"less": dict.fromkeys(("error", "together", "perplexity"), even)}
    row["less"]["matched"] = {"mean": -0.2, "low": -0.3, "high": -0.1}
    assert disentangle.judged(row)["wins"]
    other = copy.deepcopy(row)
    other["less"][key] = value
    assert not disentangle.judged(other)["wins"]


def test_the_card_keeps_the_controls_and_one_without_them_still_loads(tmp_path: Path) -> None:
    lab, source = bench(tmp_path, Speaker(planted(CROSSED, BASE)))
    assert read_card(source.bank_folder).controls is None
    assert "controls" not in json.loads((source.bank_folder / CARD_FILE).read_text())
    results = disentangle.run(lab, source, {})
    replace(read_card(source.bank_folder), controls=results["controls"]).write(source.bank_folder)
    kept = read_card(source.bank_folder).controls
    assert kept is not None
    made = Controls.from_card(tiny.NAMES, kept)
    assert made.jacobian == pytest.approx(CROSSED, abs=2e-3)
    read_card(source.bank_folder).write(source.bank_folder)
    assert read_card(source.bank_folder).controls == kept


def test_the_response_is_not_driven_on_the_prompts_it_was_measured_on(tmp_path: Path) -> None:
    lab, source = bench(tmp_path, Speaker(planted(CROSSED, BASE)), plan=replace(PLAN, split="validation"))
    with pytest.raises(BadInput, match="heldout"):
        disentangle.run(lab, source, {})


def test_orthogonal_directions_are_moved_as_far_as_their_own_gain_asks() -> None:
    controls = Controls.of(tiny.NAMES, CROSSED, BASE)
    ways = driving.ways(controls, np.array([[1.0, 0.3], [0.3, 2.0]]))
    u = np.array([0.5, 0.0])
    assert ways["sliders"](u) == pytest.approx(u)
    assert (CROSSED @ ways["orthogonal"](u))[0] == pytest.approx(CROSSED[0, 0] * 0.5)
    assert ways["inverse"](u) @ CROSSED.T == pytest.approx([0.6, 0.0], abs=0.02)
    plain = driving.ways(controls, np.diag([1.0, 4.0]))
    assert plain["orthogonal"](u) == pytest.approx(u)


def test_a_request_that_breaks_the_model_is_left_out_for_all_ways(tmp_path: Path) -> None:
    from assistant.errors import AssistantError

    class Brittle(Speaker):
        def batch(self, conversations: Any, settings: Any) -> Any:
            if self.composer.k[1] > 0.45:
                raise AssistantError("no longer finite")
            return super().batch(conversations, settings)

    lab, source = bench(tmp_path, Brittle(planted(CROSSED, BASE)), plan=Plan(prompts=2, max_tokens=4))
    found = disentangle.run(lab, source, {})
    assert "formality +1" in found["broken"]
    assert len({len(rows) for rows in found["curves"].values()}) == 1
    assert "requests broke" in disentangle.table(found)
