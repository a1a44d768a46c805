"""Branches, sessions and search by slash commands."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.chat import commands
from assistant.chat.outcome import Outcome
from assistant.chat.session import Chat
from assistant.errors import BadInput
from tests import fake


@pytest.fixture
def engine() -> fake.FakeEngine:
    return fake.FakeEngine("first reply")


@pytest.fixture
def chat(tmp_path: Path, engine: fake.FakeEngine) -> Chat:
    return fake.chat(tmp_path, engine)


def say(chat: Chat, text: str) -> None:
    list(chat.ask(text).stream())


def run(chat: Chat, line: str) -> Outcome:
    """Run a command, and the turns that it asks for."""
    outcome = commands.run(chat, line)
    assert outcome.level == "info", outcome.text
    for begin in outcome.turns:
        list(begin().stream())
    return outcome


def shown(chat: Chat) -> list[str]:
    return [each.content for each in chat.messages()]


def refused(chat: Chat, line: str) -> str:
    outcome = commands.run(chat, line)
    assert outcome.level == "error"
    assert "\n" not in outcome.text
    return outcome.text.lower()


def test_a_retry_is_a_sibling_and_the_model_does_not_see_the_old_reply(chat: Chat, engine: fake.FakeEngine) -> None:
    say(chat, "hi")
    old = chat.messages()[-1]
    say(chat, "go on")
    engine.script = "second reply"
    assert run(chat, "/retry").replaced == chat.siblings(chat.messages()[-1].id).messages[0].id
    assert [each["content"] for each in engine.asked[-1]] == ["hi", "first reply", "go on"]
    engine.script = "another beginning"
    list(chat.retry(old.id).stream())
    assert shown(chat) == ["hi", "another beginning"]
    assert [each["content"] for each in engine.asked[-1]] == ["hi"]
    siblings = chat.siblings(chat.messages()[-1].id)
    assert (siblings.words, siblings.position) == ("2/2", 1)
    run(chat, "/sibling previous")
    assert shown(chat) == ["hi", "first reply", "go on", "second reply"]
    assert run(chat, "/sibling 1 2").action == "conversation"
    assert shown(chat) == ["hi", "first reply", "go on", "first reply"]
    again = fake.chat(Path(chat.workspace.bank), engine)
    assert again.resume()
    assert shown(again) == shown(chat)
    say(chat, "and then")
    assert [each["content"] for each in engine.asked[-1]] == ["hi", "first reply", "go on", "first reply", "and then"]


def test_an_edit_branches_and_the_old_branch_can_be_reached(chat: Chat, engine: fake.FakeEngine) -> None:
    for text in ("one", "two"):
        say(chat, text)
    outcome = run(chat, "/edit #1 uno")
    assert outcome.question is not None
    assert shown(chat) == ["uno", "first reply"]
    assert [each["content"] for each in engine.asked[-1]] == ["uno"]
    run(chat, "/sibling previous")
    assert shown(chat) == ["one", "first reply", "two", "first reply"]
    run(chat, "/edit due")
    assert shown(chat) == ["one", "first reply", "due", "first reply"]
    assert run(chat, "/sibling").text.splitlines()[:2] == [
        "1: ‹ 1/2 › your message: one",
        "2: ‹ 2/2 › your message: due",
    ]


def test_what_cannot_be_branched_is_one_line(chat: Chat) -> None:
    assert "no reply yet" in refused(chat, "/retry")
    assert "no message of yours" in refused(chat, "/edit x")
    assert "no siblings" in refused(chat, "/sibling next")
    say(chat, "hi")
    run(chat, "/retry")
    assert "nothing after it" in refused(chat, "/retry now")
    assert "no next one: this is 2/2" in refused(chat, "/sibling next")
    assert "no next one" in refused(chat, "/sibling 99")
    assert "this is 2/2 already" in refused(chat, "/sibling 2")
    assert "needs next" in refused(chat, "/sibling ²")
    assert "place from 1 to 1" in refused(chat, "/sibling previous 7")
    assert "needs the new text" in refused(chat, "/edit #1")
    assert "there are 1" in refused(chat, "/edit #9 x")
    assert "needs the number" in refused(chat, "/edit #x y")
    question, reply = chat.messages()
    with pytest.raises(BadInput, match="only a reply"):
        chat.retry(question.id)
    with pytest.raises(BadInput, match="only a message of your own"):
        chat.edit(reply.id, "x")
    with pytest.raises(BadInput, match="empty"):
        chat.edit(question.id, " ")


def test_a_retry_is_weak_evidence_where_that_counts(chat: Chat) -> None:
    def signs() -> list[str]:
        return [
            each.content["sign"] for each in chat.workspace.store.learning.list(chat.user.id) if each.kind == "weak"
        ]

    say(chat, "hi")
    assert run(chat, "/retry").later is None
    run(chat, "/learning weak")
    judged = run(chat, "/good").later
    assert judged is not None
    judged.result(fake.DEADLINE)
    assert run(chat, "/retry").later is None
    assert signs() == []
    later = run(chat, "/retry").later
    assert later is not None
    assert later.result(fake.DEADLINE).learned
    assert signs() == ["retry"]


def test_picking_the_second_of_a_retried_reply_keeps_to_the_siblings(chat: Chat) -> None:
    say(chat, "hi")
    run(chat, "/retry")
    run(chat, "/sibling previous")
    run(chat, "/compare")
    run(chat, "/pick 2")
    assert chat.siblings(chat.messages()[-1].id).words == "3/3"


def test_a_pick_is_between_the_reply_in_use_and_the_one_beside_it(chat: Chat) -> None:
    say(chat, "hi")
    run(chat, "/retry")
    run(chat, "/sibling previous")
    run(chat, "/compare")
    first, second = chat.compared()
    siblings = chat.siblings(first.id).messages
    assert (first.id, second.id) == (siblings[0].id, siblings[2].id)


def test_sessions_are_named_pinned_opened_and_brought_back(chat: Chat) -> None:
    assert "No conversations yet" in run(chat, "/sessions").text
    for line in ("/rename x", "/pin", "/delete"):
        assert "nothing was said" in refused(chat, line)
    say(chat, "about trains")
    run(chat, "/pin")
    run(chat, "/new")
    say(chat, "about boats")
    run(chat, "/rename Boats and  harbours")
    first, second = run(chat, "/sessions").text.splitlines()[:2]
    assert first.endswith("about trains (pinned)")
    assert second.endswith("Boats and harbours (open)")
    assert run(chat, "/open trains").action == "conversation"
    assert shown(chat)[0] == "about trains"
    number = chat.require().id
    assert "did you mean" in refused(chat, "/open about trans")
    assert "no conversation" in refused(chat, f"/open {'9' * 40}")
    assert "/undelete brings it back" in run(chat, "/delete").text
    assert chat.messages() == []
    assert "about trains" in run(chat, "/sessions deleted").text
    assert "is deleted" in refused(chat, f"/open {number}")
    assert run(chat, "/undelete").action == "conversation"
    assert shown(chat)[0] == "about trains"
    assert "no deleted" in refused(chat, "/undelete")
    offered = [(each.label, each.about) for each in commands.complete(chat, "/open ")]
    assert offered[0] == (str(number), "about trains")
    assert [each.about for each in commands.complete(chat, "/open harb")] == ["Boats and harbours"]


def test_a_search_leads_to_the_message_on_whichever_branch(chat: Chat, engine: fake.FakeEngine) -> None:
    engine.script = "a pineapple"
    say(chat, "hi")
    engine.script = "a banana"
    run(chat, "/retry")
    run(chat, "/new")
    assert "Nothing found" in run(chat, "/search cherry").text
    outcome = run(chat, "/search pineapple")
    [hit] = outcome.hits
    assert outcome.text.splitlines()[0] == f"{hit.conversation_id}#{hit.message.id}  hi: a pineapple"
    found = run(chat, f"/open {hit.conversation_id}#{hit.message.id}")
    assert (found.focus, shown(chat)) == (hit.message.id, ["hi", "a pineapple"])
    assert "no such message" in refused(chat, f"/open {hit.conversation_id}#999")
    assert "no such message" in refused(chat, f"/open {hit.conversation_id}#{'9' * 30}")
    assert "no deleted" in refused(chat, f"/undelete {'9' * 30}")
    assert "needs words" in refused(chat, "/search")
    chat.switch_user("bob")
    assert "Nothing found" in run(chat, "/search pineapple").text
    assert "no conversation" in refused(chat, f"/open {hit.conversation_id}#{hit.message.id}")


def test_people_are_listed(chat: Chat) -> None:
    say(chat, "hi")
    run(chat, "/user bob")
    assert run(chat, "/users").text.splitlines()[:2] == ["ann: 1 conversation", "bob (you): 0 conversations"]
