from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.store import Store
from assistant.style import Profile
from tests import fake
from tests.cli.conftest import Assistant


@pytest.fixture(autouse=True)
def measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.chat.learning.Measuring", lambda bank: fake.measure)


def reply(text: str, user: str = "tester") -> int:
    """Store a conversation whose only reply is the text, and return the reply's id."""
    neutral = Profile.neutral(("formality", "sentiment"))
    with Store.open() as store:
        person = store.users.ensure(user, neutral)
        conversation = store.conversations.create(person.id)
        question = store.conversations.add(conversation.id, "user", "hi")
        made = store.conversations.add(conversation.id, "assistant", text, parent_id=question.id, profile=neutral)
        return int(made.id)


def formality(assistant: Assistant) -> float:
    return float(json.loads(assistant("profile", "show", "--json").out)["alpha"]["formality"])


def test_a_verdict_moves_the_voice_and_can_be_taken_back(assistant: Assistant) -> None:
    message = reply("formal formal formal")
    dry = assistant("rate", "down", "too formal", "--dry-run")
    assert (dry.code, formality(assistant)) == (0, 0.5)
    done = assistant("rate", "down", "too formal")
    assert done.out == dry.out.removeprefix("It would be: ")
    assert done.out.startswith("Too formal, should be more casual (formality was 0.95): formality 0.50 →")
    assert formality(assistant) < 0.5
    assert "Too formal" in assistant("profile", "history").out
    with Store.open() as store:
        thumb = store.feedback.active(message)
        assert thumb is not None
        assert thumb.value == -1
    assert assistant("rate", "none").code == 0
    assert formality(assistant) == 0.5
    assert assistant("rate", "none").err == "error: there is no thumb to take back\n"


def test_a_thumb_may_turn_and_gain_a_reason(assistant: Assistant) -> None:
    reply("formal formal formal")
    for words in (("down",), ("down", "too formal"), ("up",), ("down",)):
        assert assistant("rate", *words).code == 0
    assert (
        assistant("rate", "down").err == "error: this reply has that thumb already: assistant rate none takes it back\n"
    )


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("up", "too formal"), "a reason goes with down"),
        (("down", "meh"), "'meh' is no reason that can be learned from: such as too formal or not positive enough"),
        (("none", "--dry-run"), "--dry-run goes with up or down"),
        (("up", "--user", "nobody"), "there is no user 'nobody'"),
    ],
)
def test_what_cannot_be_rated_is_one_line(assistant: Assistant, arguments: tuple[str, ...], says: str) -> None:
    reply("words")
    done = assistant("rate", *arguments)
    assert done.err.startswith(f"error: {says}")
    assert done.code in (1, 2)
    assert done.err.count("\n") == 1


def test_there_must_be_a_reply(assistant: Assistant) -> None:
    assert assistant("rate", "up").err == "error: there is no reply to judge yet\n"


def test_a_profile_is_fitted_to_a_text(assistant: Assistant, tmp_path: Path) -> None:
    text = tmp_path / "letter.txt"
    text.write_text("casual casual casual positive")
    done = json.loads(assistant("profile", "fit", str(text), "--json").out)
    assert done["alpha"]["formality"] < 0.3
    assert done["alpha"]["sentiment"] > 0.5
    assert assistant("profile", "undo").code == 0
    assert formality(assistant) == 0.5
    text.write_text("  ")
    assert assistant("profile", "fit", str(text)).err == f"error: {text} holds no text\n"
    assert assistant("profile", "fit", str(tmp_path / "none")).code == 2


def test_why_lists_the_evidence_and_what_is_believed(assistant: Assistant) -> None:
    assert assistant("profile", "why").out == "There is no evidence yet: rate a reply.\n"
    reply("formal formal formal")
    assistant("rate", "down", "too formal")
    text = assistant("profile", "why").out
    assert "Too formal, should be more casual" in text
    assert "of what matters" in text
    found = json.loads(assistant("profile", "why", "--json").out)
    assert [each["kind"] for each in found["evidence"]] == ["complaint"]
    assert found["believed"]["formality"]["ideal"] < 0.5
