from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pytest

from assistant.anchors.texts import Prompt
from assistant.chat.host import Messages
from assistant.engine.sampling import Sampling
from assistant.evaluation import measures, report, sampling, voices
from assistant.style import Compose, Profile

PROMPTS = [Prompt(f"p{i}", "heldout", "fact", "tests", f"question {i}") for i in range(5)]


class Speaker:
    """Speaks the more kindly, the higher the α of sentiment."""

    name = "speaker"

    def __init__(self) -> None:
        self.profile: Profile | None = None
        self.seeds: list[int | None] = []

    def compose(self, profile: Profile) -> bool:
        self.profile = profile
        return True

    def batch(self, conversations: Sequence[Messages], settings: Sequence[Sampling]) -> list[tuple[str, int]]:
        assert self.profile is not None
        self.seeds += [each.seed for each in settings]
        good = round(8 * self.profile.alpha["sentiment"])
        text = " ".join(["a lovely day"] * good + ["a sad day"] * (8 - good)) + "."
        return [(text, 9)] * len(conversations)

    def losses(self, conversations: Sequence[Messages], replies: Sequence[str]) -> list[tuple[float, int]]:
        assert self.profile is not None
        assert self.profile.compose is Compose.CENTRED, "judged by the base model"
        return [(float(text.count("sad")), 1) for text in replies]


def score(texts: Sequence[str]) -> list[dict[str, float]]:
    return [{"formality": 0.5, "sentiment": text.count("lovely") / 8} for text in texts]


def test_results_hold_every_cell_and_reply() -> None:
    speaker, done = Speaker(), []
    setting = sampling.Setting(alphas=(0.0, 0.5, 1.0), prompts=4, replies=2)
    results = voices.run(
        speaker, ["formality", "sentiment"], PROMPTS, setting, score, lambda *cells: done.append(cells), ["sentiment"]
    )
    assert done == [(1, 3), (2, 3), (3, 3)]
    cells = results["attributes"]["sentiment"]
    assert [cell["alpha"] for cell in cells] == [0.0, 0.5, 1.0]
    assert [cell["scores"]["sentiment"]["mean"] for cell in cells] == [0, 0.5, 1]
    assert [len(cell["replies"]) for cell in cells] == [8, 8, 8]
    assert cells[0]["vader"]["mean"] < cells[2]["vader"]["mean"]
    assert speaker.seeds[:8] == speaker.seeds[8:16]
    assert len(set(speaker.seeds)) == 8
    assert [cell["perplexity"] for cell in cells] == pytest.approx([math.exp(8), math.exp(4), 1], rel=1e-3)
    assert results["base"]["perplexity"] == pytest.approx(math.exp(4), rel=1e-3)
    found = results["findings"]["sentiment"]
    assert (found["moved"], found["spearman"], found["back_step"], found["leaks"]) == (1, 1, 0, {"formality": 0})
    assert found["perplexity_ratio"] == pytest.approx(math.exp(4), rel=1e-3)
    text = voices.table(results)
    assert "| sentiment | our score | 0.00 [0.00, 0.00] | 0.50 [0.50, 0.50] | 1.00 [1.00, 1.00] |" in text
    assert "| sentiment | vader |" in text
    page = report.page("A title", "assistant evaluate voices", results, text)
    assert page.startswith("# A title\n\n`assistant evaluate voices`")
    assert page.count("a sad day") >= 4
    assert "**question 3**" in page


def test_findings_name_the_step_back_and_look_at_the_ends_alone() -> None:
    def cell(alpha: float, own: float, other: float, perplexity: float = 2.0) -> dict[str, Any]:
        scores = {"formality": {"mean": own}, "humor": {"mean": other}}
        found = {"alpha": alpha, "scores": scores, "perplexity": perplexity, "distinct_2": 0.9, "loops": 1}
        return {**found, "replies": ["x"]}

    cells = [cell(-0.5, 0.1, 0.9, 99), cell(0, 0.2, 0.5), cell(0.5, 0.15, 0.4, 3), cell(1, 0.8, 0.2), cell(1.5, 0.9, 0)]
    found = voices.findings("formality", cells, {"perplexity": 2.0, "distinct_2": 0.8})
    assert found["moved"] == pytest.approx(0.6)
    assert found["back_step"] == pytest.approx(0.05)
    assert found["spearman"] == pytest.approx(0.9)
    assert found["leaks"] == {"humor": pytest.approx(-0.3)}
    assert (found["perplexity_ratio"], found["distinct_ratio"], found["loops"]) == (1.5, 1.125, 3)


def test_together_leaves_the_others_their_weight() -> None:
    class Listening(Speaker):
        def __init__(self) -> None:
            super().__init__()
            self.seen: list[Profile] = []

        def compose(self, profile: Profile) -> bool:
            self.seen.append(profile)
            return super().compose(profile)

    for together, weight in ((True, 0.5), (False, 0.0)):
        speaker = Listening()
        setting = sampling.Setting(alphas=(0.0, 1.0), prompts=2, replies=1, strength=0.7)
        names = ["formality", "sentiment"]
        voices.run(speaker, names, PROMPTS, setting, score, only=["sentiment"], together=together)
        moved = [profile for profile in speaker.seen if profile.alpha["sentiment"] != 0.5]
        assert [profile.lambda_["formality"] for profile in moved] == [weight, weight]
        assert {profile.strength for profile in moved} == {0.7}


@pytest.mark.parametrize(
    ("name", "less", "more"),
    [
        (
            "grade",
            "The cat sat. It ran.",
            "Notwithstanding considerable meteorological uncertainty, the expedition persevered.",
        ),
        ("register", "Yeah, it's a bit odd, isn't it?", "The arrangement appears somewhat unusual."),
        ("contractions", "It is not so.", "It isn't so."),
        ("politeness", "Do it now.", "Could you please do it now?"),
        ("vader", "This is awful and sad.", "This is lovely and kind."),
        ("exclamations", "Good.", "Good!"),
        ("repetition", "one two three four five six", "one two three four one two three four one two three four"),
    ],
)
def test_measures_point_the_right_way(name: str, less: str, more: str) -> None:
    measure = measures.MEASURES[name]
    assert measure(less) < measure(more)
    measure("")


def test_distinct_counts_shared_grams_once() -> None:
    assert measures.distinct(["a b c", "a b d"], 2) == pytest.approx(3 / 4)


def test_bootstrap_holds_the_mean() -> None:
    low, high = sampling.bootstrap([0, 1] * 20)
    assert 0.3 < low < 0.5 < high < 0.7
