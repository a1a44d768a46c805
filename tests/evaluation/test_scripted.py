"""Scripted people, on a model whose replies say what its profile is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from assistant.anchors.texts import Prompt
from assistant.chat.host import Messages, ModelHost
from assistant.chat.learning import Learning
from assistant.chat.session import Chat
from assistant.engine.sampling import Sampling
from assistant.evaluation import scripted, scripted_page
from assistant.preference import Response
from assistant.style import Profile
from tests import fake

pytestmark = pytest.mark.slow

PROMPTS = [
    Prompt("a", "heldout", "advice", "tea", "Green or black?"),
    Prompt(
        "b",
        "heldout",
        "advice",
        "tea",
        "And milk?",
        ({"role": "user", "content": "Tea?"}, {"role": "assistant", "content": "Yes."}),
    ),
]
NAMES = tuple(each.name for each in fake.ATTRIBUTES)
MODEL = Response.prior(NAMES)


class Mirror(fake.FakeEngine):
    """Says its α."""

    profile = Profile.neutral(NAMES)

    def compose(self, profile: Profile) -> bool:
        self.profile = profile
        return True

    def stream(self, messages: Messages, settings: Sampling) -> Iterator[str]:
        self.asked.append([dict(message) for message in messages])
        yield ",".join(f"{value:.4f}" for value in MODEL.of(self.profile))


def scores(text: str) -> dict[str, float]:
    return dict(zip(NAMES, map(float, text.split(",")), strict=True))


def run(folder: Path, turns: int = 11, people: int = 2, **more: object) -> tuple[list[dict], Mirror]:  # type: ignore[type-arg]
    engine, place = Mirror(), fake.workspace(folder)

    def open_chat(name: str) -> Chat:
        return Chat(place, ModelHost(lambda _: engine), name, Sampling(seed=1), Learning(place, scores))

    found = scripted.run(open_chat, MODEL, PROMPTS, people, turns, 5, lambda done, total: None, **more)  # type: ignore[arg-type]
    return found, engine


def test_people_chat_judge_and_are_heard(tmp_path: Path) -> None:
    records, engine = run(tmp_path)
    assert engine.asked[1] == PROMPTS[1].messages()
    first = records[0]
    assert first["steps"][0]["profile"] == Profile.neutral(NAMES).as_dict()
    assert {step["verdict"].split(" ")[0] for step in first["steps"]} <= {"/good", "/bad"}
    assert any(step["profile"] != first["steps"][0]["profile"] for step in first["steps"])
    # what the neutral profile says is the same to every prompt here, so its distance is that of the first reply
    assert first["neutral"]["distance"]["1-10"] == pytest.approx(first["steps"][0]["distance"], abs=1e-3)
    again, _ = run(tmp_path / "again")
    assert again == records


def test_a_stopped_run_goes_on(tmp_path: Path) -> None:
    kept: list[dict] = []  # type: ignore[type-arg]
    whole, _ = run(tmp_path / "a", keep=lambda records: kept.append(list(records)))
    assert [len(each) for each in kept] == [1, 2]
    rest, engine = run(tmp_path / "b", done=whole[:1])
    assert rest == whole
    assert len(engine.asked) == 11 * 2  # the neutral round, and one person


def test_a_person_likes_what_is_near_their_ideal() -> None:
    person = scripted.Person.drawn(fake.ATTRIBUTES, MODEL, np.random.default_rng(3))
    assert person.approves(person.ideal) > 0.8
    far = np.where(person.ideal > 0.5, 0.0, 1.0)
    assert person.approves(far) < 0.2
    said = [person.verdict(far, np.random.default_rng(seed)) for seed in range(60)]
    assert 8 < sum(line.startswith("/bad too ") for line in said) < 32
    poles = [each.high if score == 1 else each.low for each, score in zip(fake.ATTRIBUTES, far, strict=True)]
    assert {line.removeprefix("/bad too ") for line in said if " too " in line} <= set(poles)


def test_the_page_sets_learning_beside_never_changing(tmp_path: Path) -> None:
    records, _ = run(tmp_path)
    text = scripted_page.table(scripted.summary(records))
    up = [np.mean([each["learned"]["approval"]["11-11"] for each in records])]
    assert f"| P(thumb up) | 11-11 | {up[0]:.2f} |" in text
    told = scripted_page.transcript(records[0], 1)
    assert "**1. Green or black?**" in told
    assert records[0]["steps"][0]["said"] in told
