"""The shipped texts keep the promises of data/README.md."""

from __future__ import annotations

import re
from collections import Counter
from statistics import fmean

import pytest

from assistant import locations
from assistant.anchors.texts import POLES, Pole, read_texts
from assistant.evaluation.measures import MEASURES
from assistant.scoring.surface import sentences, words
from tests.data.cliches import BANNED, OPENERS, RATION, RATIONED

TEXTS = read_texts(locations.data())
ATTRIBUTES = [attribute.name for attribute in TEXTS.attributes]
KINDS = {
    "how-to",
    "explanation",
    "advice",
    "opinion",
    "comfort",
    "small-talk",
    "planning",
    "writing",
    "fact",
    "follow-up",
}
each_pole = pytest.mark.parametrize(("attribute", "pole"), [(a, p) for a in ATTRIBUTES for p in POLES])


def replies(attribute: str, pole: Pole) -> list[str]:
    return [pair[pole] for pair in TEXTS.replies[attribute].values()]


def test_counts_and_splits() -> None:
    counts = Counter(prompt.split for prompt in TEXTS.prompts)
    assert counts == {"anchors": 176, "validation": 24, "scorers": 120, "heldout": 40}
    assert sum(bool(prompt.history) for prompt in TEXTS.prompts) >= 45
    assert {prompt.kind for prompt in TEXTS.prompts} == KINDS
    assert max(Counter(prompt.kind for prompt in TEXTS.prompts).values()) < 0.2 * len(TEXTS.prompts)


def test_splits_share_no_prompt_and_no_topic() -> None:
    assert len({re.sub(r"\W+", " ", prompt.prompt.lower()).strip() for prompt in TEXTS.prompts}) == len(TEXTS.prompts)
    learned = {prompt.topic for prompt in TEXTS.split("anchors", "validation")}
    scorers = {prompt.topic for prompt in TEXTS.split("scorers")}
    held_out = {prompt.topic for prompt in TEXTS.split("heldout")}
    assert not held_out & (learned | scorers)
    assert not learned & scorers


@each_pole
def test_lengths_and_characters(attribute: str, pole: Pole) -> None:
    for text in replies(attribute, pole):
        assert 20 <= len(words(text)) <= 85, text
        assert re.fullmatch(r"[\n\x20-\x7eÀ-ÿ]+", text), text
        assert "  " not in text
        assert text == text.strip()


@each_pole
def test_openings_vary(attribute: str, pole: Pole) -> None:
    found = replies(attribute, pole)
    openings = Counter(" ".join(words(text)[:3]).lower() for text in found)
    assert openings.most_common(1)[0][1] <= 0.04 * len(found)
    assert not [text for text in found if OPENERS.match(text)]


@each_pole
def test_no_cliche_is_a_habit(attribute: str, pole: Pole) -> None:
    found = replies(attribute, pole)
    assert not [(match[0], text) for text in found if (match := BANNED.search(text))]
    for phrase in RATIONED:
        assert sum(phrase in text.lower() for text in found) <= RATION * len(found), phrase


@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_the_two_poles_are_equally_long(attribute: str) -> None:
    low, high = (sum(len(words(text)) for text in replies(attribute, pole)) for pole in POLES)
    assert abs(high / low - 1) <= 0.15


def test_no_reply_comes_twice() -> None:
    found = Counter(text for attribute in ATTRIBUTES for pole in POLES for text in replies(attribute, pole))
    assert max(found.values()) == 1


@pytest.mark.slow
def test_leakage_between_attributes_is_small(capsys: pytest.CaptureFixture[str]) -> None:
    measures = {
        **MEASURES,
        "words_per_sentence": lambda text: len(words(text)) / sentences(text),
    }
    shown = ("words_per_sentence", "contractions", "exclamations", "vader", "politeness", "grade", "register")
    table = {
        (attribute, pole): {name: fmean(map(measures[name], replies(attribute, pole))) for name in shown}
        for attribute in ATTRIBUTES
        for pole in POLES
    }
    with capsys.disabled():
        print("\n" + " " * 18 + " ".join(f"{name[:12]:>12}" for name in shown))
        for (attribute, pole), row in table.items():
            print(f"{attribute:<12} {pole:<5}" + " ".join(f"{value:12.2f}" for value in row.values()))

    def gap(attribute: str, measure: str) -> float:
        return abs(table[attribute, "high"][measure] - table[attribute, "low"][measure])

    for attribute in ATTRIBUTES:
        if attribute != "simplicity":
            assert gap(attribute, "words_per_sentence") < 2.5
            assert gap(attribute, "grade") < (
                4.5 if attribute == "formality" else 1.5
            )  # formal words are longer: measured 4.1
        if attribute != "formality":
            assert gap(attribute, "contractions") < 1.6
        if attribute not in ("sentiment", "politeness"):
            assert gap(attribute, "vader") < 0.25
        assert gap(attribute, "exclamations") < 0.3
