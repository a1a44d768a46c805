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
        ("/formality −", 0.4),
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
    assert outcome.text.startswith(f"Formality 0.50 → {alpha:.2f}.")


def test_an_attribute_alone_says_where_it_is(chat: Chat) -> None:
    assert commands.run(chat, "/formality").text == "formality  α  0.50  λ 0.50  between casual and formal"


def test_steps_end_at_the_anchors(chat: Chat) -> None:
    for _ in range(5):
        commands.run(chat, "/more positive")
    assert chat.profile.alpha["sentiment"] == 1.0
    assert "Already" in commands.run(chat, "/more positive").text
    assert "beyond" in commands.run(chat, "/sentiment 1.3").text
    commands.run(chat, "/less positive")
    assert chat.profile.alpha["sentiment"] == pytest.approx(1.05)
    for alpha, line, edge in ((0.9, "/more positive", 1.0), (0.1, "/less positive", 0.0)):
        commands.run(chat, f"/sentiment {alpha}")
        commands.run(chat, line)
        assert chat.profile.alpha["sentiment"] == edge


def test_weight_strength_and_composition(chat: Chat) -> None:
    said = commands.run(chat, "/weight formality 0.7").text
    assert said == "Weights formality 0.50 → 0.70, sentiment 0.50 → 0.30."
    assert dict(chat.profile.lambda_) == pytest.approx({"formality": 0.7, "sentiment": 0.3})
    commands.run(chat, "/strength 0.8")
    assert chat.profile.strength == 0.8
    commands.run(chat, "/compose paper")
    assert chat.profile.compose == "paper"
    unheard = " Paper composition has no strength: it is felt in full or centred."
    assert commands.run(chat, "/strength 0.5").text == f"Strength 0.8 → 0.5.{unheard}"
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
        ("/formalty 1", "There is no command /formalty; did you mean /formality?"),
        ("/mroe formal", "There is no command /mroe; did you mean /more?"),
        ("/", "There is no command /; type /help for the list."),
        ("/more frmal", "/more needs an adjective: did you mean /more formal?"),
        ("/less frmal", "/less needs an adjective: did you mean /less formal?"),
        ("/more", "/more needs an adjective: such as formal"),
        ("/formality lots", "/formality needs a number, such as 0.8, or + or -, not 'lots'"),
        ("/formality nan", "Alpha of formality must be a finite number"),
        ("/formality inf", "Alpha of formality must be a finite number"),
        ("/weight formality", "/weight needs an attribute and a number, such as /weight formality 0.7"),
        ("/weight formality lots", "/weight needs a number, from 0 to 1, not 'lots'"),
        ("/weight formality 0.7 0.2", "/weight needs a number, from 0 to 1, not '0.7 0.2'"),
        ("/weight formality 2", "The lambdas add up to 2; they must add up to 1"),
        ("/weight formality -1", "Lambda of formality must not be negative, not -1"),
        ("/weight formalty 0.5", "There is no attribute 'formalty'; did you mean formality?"),
        ("/strength -1", "Strength must not be negative, not -1"),
        ("/strength much", "/strength needs a number, such as 0.8, not 'much'"),
        ("/compose papr", "/compose needs one of paper, full, centred; did you mean paper?"),
        ("/undo", "There is nothing to undo"),
        ("/redo", "There is nothing to redo"),
        ("/undo 3", "/undo takes nothing after it, not '3'"),
        ("/good", "There is no reply to judge yet"),
        ("/user a/b", "A user's name must not hold slashes"),
        ("/help nothing", "There is no command /nothing"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_changes_nothing(chat: Chat, line: str, says: str) -> None:
    outcome = commands.run(chat, line)
    assert outcome.level == "error"
    assert outcome.text.startswith(says)
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


@pytest.mark.parametrize(("line", "waits"), [("/retry", True), ("/RETRY 2", True), ("/more x", False), ("/x", False)])
def test_what_changes_the_conversation_waits_for_the_end_of_a_reply(line: str, waits: bool) -> None:
    assert commands.alone(line) is waits


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
