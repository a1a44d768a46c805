from __future__ import annotations

from assistant.anchors.texts import Prompt, Texts
from assistant.evaluation.paper import custom
from tests.tiny import FORMALITY


def texts(count: int = 40) -> Texts:
    prompts = tuple(Prompt(f"p{i}", "anchors", "fact", "tests", f"question {i}") for i in range(count))
    more = (Prompt("v", "validation", "fact", "tests", "question"), Prompt("h", "heldout", "fact", "tests", "question"))
    replies = {each.id: {"low": f"low {each.id}", "high": f"high {each.id}"} for each in (*prompts, *more)}
    return Texts((FORMALITY,), (*prompts, *more), {"formality": replies})


def shares(mixed: Texts) -> dict[str, float]:
    return {
        f"{attribute.name} {pole}": sum(
            text.startswith("high") for _, text in mixed.pairs(attribute.name, pole, "anchors", "validation")
        )
        / len(mixed.split("anchors", "validation"))
        for attribute in mixed.attributes
        for pole in ("low", "high")
    }


def test_each_set_holds_its_share_of_high_texts() -> None:
    found = list(shares(custom.mixed(texts(39), "formality", None)).values())
    assert found == [0, 1, 0.25, 0.75, 0.5, 0.5]
    assert [model.share for model in custom.customs()] == [0, 1, 0.25, 0.75, 0.5, 0.5]


def test_the_two_of_a_set_share_no_text() -> None:
    mixed = custom.mixed(texts(), "formality", None)
    for attribute in mixed.attributes:
        sides = [[text[:3] for _, text in mixed.pairs(attribute.name, pole, "anchors")] for pole in ("low", "high")]
        assert all({one, other} == {"low", "hig"} for one, other in zip(*sides, strict=True))


def test_training_never_sees_held_out_prompts_and_keeps_the_limit() -> None:
    mixed = custom.mixed(texts(), "formality", 8)
    assert len(mixed.split("anchors")) == 8
    assert {prompt.split for prompt in mixed.prompts} == {"anchors", "validation"}
