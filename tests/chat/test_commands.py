from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.chat import commands
from assistant.chat.session import Chat
from tests import fake


@pytest.fixture
def chat(tmp_path: Path) -> Chat:
    return fake.chat(tmp_path)


@pytest.mark.parametrize(
    ("line", "alpha"),
    [
        ("/formality 0.8", 0.8),
        ("/formality 0,8", 0.8),
        ("/FORMALITY 1.4", 1.4),
        ("/formality +", 0.6),
        ("/formality -", 0.4),
        ("/formality formal", 1.0),
        ("/formality casual", 0.0),
        ("/more formal", 0.75),
        ("/more casual", 0.25),
        ("/less formal", 0.25),
        ("/less casual", 0.75),
    ],
)
def test_commands_move_alpha(chat: Chat, line: str, alpha: float) -> None:
    outcome = commands.run(chat, line)
    assert outcome.level == "info"
    assert chat.profile.alpha["formality"] == pytest.approx(alpha)
    assert chat.profile.alpha["sentiment"] == 0.5
    assert chat.profile.lambda_ == chat.workspace.neutral.lambda_
    assert chat.revision.cause == line.lower()
    assert f"→ {alpha:.2f}" in outcome.text


def test_steps_end_at_the_anchors(chat: Chat) -> None:
    for _ in range(5):
        commands.run(chat, "/more positive")
    assert chat.profile.alpha["sentiment"] == 1.0
    assert "Already" in commands.run(chat, "/more positive").text
    assert "beyond" in commands.run(chat, "/sentiment 1.3").text
    commands.run(chat, "/less positive")
    assert chat.profile.alpha["sentiment"] == pytest.approx(1.05)


def test_weight_strength_and_composition(chat: Chat) -> None:
    commands.run(chat, "/weight formality 0.7")
    assert dict(chat.profile.lambda_) == pytest.approx({"formality": 0.7, "sentiment": 0.3})
    commands.run(chat, "/strength 0.8")
    assert chat.profile.strength == 0.8
    commands.run(chat, "/compose paper")
    assert chat.profile.compose == "paper"
    commands.run(chat, "/weight formality 0")
    assert "not heard" in commands.run(chat, "/more formal").text


def test_undo_redo_reset(chat: Chat) -> None:
    commands.run(chat, "/formality 0.8")
    commands.run(chat, "/strength 0.5")
    assert "1" in commands.run(chat, "/undo").text
    assert (chat.profile.alpha["formality"], chat.profile.strength) == (0.8, 1.0)
    commands.run(chat, "/redo")
    assert chat.profile.strength == 0.5
    commands.run(chat, "/reset")
    assert chat.profile == chat.workspace.neutral
    commands.run(chat, "/undo")
    assert chat.profile.strength == 0.5


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("/formalty 1", "did you mean /formality?"),
        ("/mroe formal", "did you mean /more?"),
        ("/", "type /help"),
        ("/more frmal", "did you mean /more formal?"),
        ("/more", "needs an adjective"),
        ("/formality lots", "needs a number"),
        ("/formality nan", "finite"),
        ("/formality inf", "finite"),
        ("/weight formality", "needs an attribute and a number"),
        ("/weight formality 2", "add up"),
        ("/weight formality -1", "negative"),
        ("/weight formalty 0.5", "did you mean formality?"),
        ("/strength -1", "negative"),
        ("/strength", "needs a number"),
        ("/compose papr", "did you mean paper?"),
        ("/undo", "nothing to undo"),
        ("/redo", "nothing to redo"),
        ("/undo 3", "takes nothing after it"),
        ("/good", "no reply"),
        ("/user a/b", "slashes"),
        ("/help nothing", "no command"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_changes_nothing(chat: Chat, line: str, says: str) -> None:
    outcome = commands.run(chat, line)
    assert outcome.level == "error"
    assert says in outcome.text
    assert "\n" not in outcome.text
    assert chat.revision.number == 1


def test_a_bare_thumb_down_asks_why_without_waiting(chat: Chat) -> None:
    list(chat.ask("hi").stream())
    for line, asked in (("/bad", 2), ("/bad too formal", 0), ("/good", 0)):
        outcome = commands.run(chat, line)
        assert outcome.judged == chat.messages()[-1].id
        assert outcome.later is not None
        assert len(outcome.later.result(fake.DEADLINE).reasons) == asked


def test_going_over_to_another_person(chat: Chat) -> None:
    assert "ann" in commands.run(chat, "/user").text
    outcome = commands.run(chat, "/user bob")
    assert (outcome.action, chat.user.name) == ("user", "bob")
    assert commands.run(chat, "/quit").action == "quit"
    assert commands.run(chat, "/new").action == "new"


def test_help_names_every_command(chat: Chat) -> None:
    text = commands.run(chat, "/help").text
    for name in commands.registry(chat.workspace.attributes):
        assert f"/{name}" in text
    assert commands.run(chat, "/help undo").text.startswith("/undo")


def test_completion(chat: Chat) -> None:
    def texts(line: str) -> list[str]:
        return [each.text for each in commands.complete(chat, line)]

    assert texts("/for")[0] == "/formality "
    assert texts("/un")[0] == "/undo"
    assert "/more " in texts("/mr")
    assert texts("/more pos") == ["/more positive"]
    assert texts("/compose ")[:3] == ["/compose paper", "/compose full", "/compose centred"]
    assert texts("/nosuch x") == []
    assert len(texts("/")) == len(commands.registry(chat.workspace.attributes))


def test_a_doubled_slash_is_a_message() -> None:
    assert not commands.is_command("//etc/passwd")
    assert commands.literal("//etc/passwd") == "/etc/passwd"
    assert commands.is_command("/etc")
    assert not commands.is_command("a /b")


@settings(max_examples=150)
@given(
    name=st.sampled_from(
        [
            *("formality", "more", "less", "weight", "strength", "compose", "help", "undo", "redo", "reset", ""),
            *("voice", "as", "retry", "edit", "sibling", "search", "sessions", "open", "rename", "pin", "delete"),
            *("undelete", "new", "users"),
        ]
    ),
    argument=st.text(max_size=30),
)
def test_no_words_crash_a_command(chat: Chat, name: str, argument: str) -> None:
    line = f"/{name} {argument}"
    outcome = commands.run(chat, line)
    assert outcome.level in ("info", "error")
    commands.complete(chat, line)
    assert chat.workspace.store.database.check() == []
