from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from assistant.chat.host import Messages
from assistant.engine.sampling import Sampling
from assistant.evaluation import sampling, targets
from tests.evaluation.test_voices import PROMPTS, Speaker, score


def test_a_score_that_follows_alpha_correlates_and_another_does_not() -> None:
    def blind(texts: Sequence[str]) -> list[dict[str, float]]:
        return [{**each, "formality": len(texts[0]) % 7 / 7} for each in score(texts)]

    setting = sampling.Setting(prompts=3, replies=1)
    results = targets.run(Speaker(), ["formality", "sentiment"], PROMPTS, setting, 40, blind)
    assert results["spearman"]["sentiment"]["mean"] > 0.95
    assert abs(results["spearman"]["formality"]["mean"]) < 0.5
    assert results["replies"]["count"] == 120
    assert results["replies"]["loops"] > 0
    assert "| Spearman | " in targets.table(results)


def test_corners_are_ends_and_the_replies_are_judged_by_the_base_beside_its_own() -> None:
    setting = sampling.Setting(prompts=3, replies=1)
    results = targets.run(Speaker(), ["formality", "sentiment"], PROMPTS, setting, 12, score, corners=True)
    assert {row["asked"][name] for row in results["rows"] for name in row["asked"]} == {0.0, 1.0}
    assert results["effect"] == {"formality": 0.0, "sentiment": 1.0}
    assert results["replies"]["count"] == 36
    # the speaker's middle says "sad" four times
    assert results["base"]["perplexity"] == pytest.approx(math.exp(4), abs=1e-3)
    assert "| above less below ½ | +0.00 | +1.00 |" in targets.table(results)


def test_the_bases_own_replies_are_judged_after_the_prompts_they_answer() -> None:
    class Echo(Speaker):
        def batch(self, conversations: Sequence[Messages], settings: Sequence[Sampling]) -> list[tuple[str, int]]:
            return [(messages[-1]["content"], 2) for messages in conversations]

        def losses(self, conversations: Sequence[Messages], replies: Sequence[str]) -> list[tuple[float, int]]:
            assert [messages[-1]["content"] for messages in conversations] == list(replies)
            return [(1.0, 1) for _ in replies]

    results = targets.run(Echo(), ["sentiment"], PROMPTS, sampling.Setting(prompts=3, replies=2), 12, score)
    assert (results["replies"]["count"], results["base"]["count"]) == (72, 24)
