from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from assistant import locations
from assistant.chat import commands, degeneration
from assistant.chat.session import Chat
from assistant.engine.base_model import NotFinite
from tests import fake

LOOP = "I think that trains are nice. " * 20
SAFE = {
    "unit": "c",
    "limit": 1.5,
    "attributes": {name: {"low": -1.5, "high": 2.0} for name in ("formality", "sentiment")},
}


@pytest.mark.slow
def test_no_anchor_text_is_taken_for_a_fallen_one() -> None:
    for path in sorted((locations.data() / "texts").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            pair = json.loads(line)
            for pole in ("low", "high"):
                assert degeneration.whole(pair[pole]) is None, pair[pole]


@pytest.mark.parametrize(
    "text",
    [
        "No, no, no, no! That is not it at all.",
        "| a | b | c |\n|---|---|---|\n" + "\n".join(f"| {i} | {i * i} | yes |" for i in range(30)),
        "-" * 80 + "\nA title\n" + "=" * 80,
        "\n".join(f"{i}. Step {i} of the plan, done by person {i * 7}." for i in range(1, 30)),
        "Привет, как дела? Сегодня хорошая погода, и мы идём гулять в парк у реки, где тихо и много старых деревьев. "
        * 1,
        "Wait" + "." * 40 + " what?",
        "Numbers: " + " ".join(str(i) for i in range(200)),
        "```python\n" + "\n".join(f"x[{i}] = f(x[{i - 1}])" for i in range(60)) + "\n```",
    ],
)
def test_healthy_texts_pass(text: str) -> None:
    assert degeneration.whole(text) is None


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (LOOP, "repeats itself"),
        ("very " * 30, "says the same word over and over"),
        ("so a" + "a" * 40, "turns into a run of letters"),
        ("the" * 40, "turns into a run of letters"),
        (
            "And then x9f#q @@k 7z!r q$w " * 1 + " ".join(f"x{i}#q{i}@z" for i in range(60)),
            "is not made of words any more",
        ),
        (
            " ".join("\ufffd" + chr(97 + i % 26) + "\ufffd" + str(i) + "x\ufffdy" for i in range(60)),
            "is not made of words any more",
        ),
    ],
)
def test_fallen_texts_are_noticed(text: str, fault: str) -> None:
    assert degeneration.whole(text) == fault


def beyond(folder: Path, engine: fake.FakeEngine, alpha: float = 3.0) -> Chat:
    chat = fake.chat(folder, engine)
    chat.workspace = replace(chat.workspace, card=replace(chat.workspace.card, safe=SAFE))
    chat.change(lambda profile: profile.with_alpha({"formality": alpha}), f"/formality {alpha}")
    return chat


def test_a_looping_reply_is_ended_kept_and_told(tmp_path: Path) -> None:
    chat = beyond(tmp_path, fake.FakeEngine(LOOP.strip()))
    turn = chat.ask("hi")
    shown = "".join(turn.stream())
    stored = chat.messages()[-1]
    assert stored.content == shown
    assert stored.status == "stopped"
    assert 20 < len(shown.split()) < 60
    told = chat.finished(turn.reply)
    assert told is not None
    assert told.result(fake.DEADLINE).text == (
        "This reply was ended: beyond the safe range of the voice, it repeats itself. /edge goes back to the edge."
    )
    before = chat.profile
    assert "formality 3.00 → 1.50" in commands.run(chat, "/edge").text
    assert chat.profile.alpha["formality"] == pytest.approx(1.5)
    assert "within" in commands.run(chat, "/edge").text
    commands.run(chat, "/undo")
    assert chat.profile == before
    assert commands.run(chat, "/edge now").level == "error"


def test_within_the_safe_range_nothing_is_watched(tmp_path: Path) -> None:
    chat = beyond(tmp_path, fake.FakeEngine(LOOP.strip()), 1.2)
    turn = chat.ask("hi")
    assert "".join(turn.stream()) == LOOP.strip()
    assert turn.reply.status == "complete"
    assert chat.finished(turn.reply) is None


def test_a_bank_that_was_not_measured_has_no_edge(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    assert "not measured" in commands.run(chat, "/edge").text


def test_a_model_that_breaks_beyond_the_edge_ends_the_reply(tmp_path: Path) -> None:
    class Breaks(fake.FakeEngine):
        def stream(self, messages, settings):  # type: ignore[no-untyped-def]
            yield "Well"
            raise NotFinite("the model breaks")

    turn = beyond(tmp_path / "a", Breaks()).ask("hi")
    assert "".join(turn.stream()) == "Well"
    assert (turn.reply.status, turn.guard.fault) == ("stopped", "breaks off")
    near = beyond(tmp_path / "b", Breaks(), 1.2).ask("hi")
    with pytest.raises(NotFinite):
        list(near.stream())
    assert near.reply.status == "failed"
