from __future__ import annotations

from collections.abc import Sequence

from assistant.evaluation import targets, voices
from tests.evaluation.test_voices import PROMPTS, Speaker, score


def test_a_score_that_follows_alpha_correlates_and_another_does_not() -> None:
    def blind(texts: Sequence[str]) -> list[dict[str, float]]:
        return [{**each, "formality": len(texts[0]) % 7 / 7} for each in score(texts)]

    setting = voices.Setting(prompts=3, replies=1)
    results = targets.run(Speaker(), ["formality", "sentiment"], PROMPTS, setting, 40, blind)
    assert results["spearman"]["sentiment"]["mean"] > 0.95
    assert abs(results["spearman"]["formality"]["mean"]) < 0.5
    assert results["replies"] == 120
    assert results["loops"] > 0
    assert "| full |" in targets.table(results)
