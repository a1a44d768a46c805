from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.chat.answers import ask_many
from assistant.chat.host import ModelHost, Phase
from assistant.engine.sampling import Sampling
from assistant.errors import AssistantError, BadInput
from assistant.style import Profile
from tests import fake


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + fake.DEADLINE
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.005)


def formality(value: float) -> Callable[[Profile], Profile]:
    return lambda profile: profile.with_alpha({"formality": value})


def test_a_turn_is_saved_with_what_made_it(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    chat.change(formality(0.9), "/formality 0.9")
    turn = chat.ask("hi there")
    assert [message.content for message in chat.messages()] == ["hi there", ""]
    assert "".join(turn.stream()) == "Hello to you too."
    question, reply = chat.messages()
    assert (reply.role, reply.content, reply.status, reply.tokens) == ("assistant", "Hello to you too.", "complete", 4)
    assert reply.parent_id == question.id
    assert reply.revision_id == chat.revision.id
    assert reply.profile == chat.profile.as_dict()
    assert reply.seed == 1
    assert reply.settings is not None
    assert reply.settings["temperature"] == Sampling().temperature


def test_each_piece_is_saved_before_it_is_shown(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    shown = ""
    for piece in chat.ask("hi").stream():
        shown += piece
        reply = chat.messages()[-1]
        assert (reply.content, reply.status) == (shown, "streaming")


def test_the_model_sees_the_conversation_and_stopped_replies_stay(tmp_path: Path) -> None:
    engine = fake.FakeEngine("one two three four")
    chat = fake.chat(tmp_path, engine)
    turn = chat.ask("count")
    pieces = turn.stream()
    next(pieces)
    turn.stop()
    assert list(pieces) == []
    assert (chat.messages()[-1].content, chat.messages()[-1].status) == ("one", "stopped")
    list(chat.ask("go on").stream())
    assert engine.asked[-1] == [
        {"role": "user", "content": "count"},
        {"role": "assistant", "content": "one"},
        {"role": "user", "content": "go on"},
    ]


def test_stopping_before_the_model_is_loaded_keeps_the_question(tmp_path: Path) -> None:
    loading = threading.Event()
    chat = fake.chat(tmp_path, loading=loading)
    turn = chat.ask("hello?")
    turn.stop()
    assert list(turn.stream()) == []
    loading.set()
    assert [(each.content, each.status) for each in chat.messages()] == [("hello?", "complete"), ("", "stopped")]


def test_a_failing_model_keeps_what_there_was(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path, fake.FakeEngine("one two three", fails="the model broke"))
    with pytest.raises(AssistantError, match="the model broke"):
        list(chat.ask("count").stream())
    assert [(each.content, each.status) for each in chat.messages()] == [("count", "complete"), ("one two", "failed")]


def test_a_model_that_cannot_be_loaded_is_said_in_one_line(tmp_path: Path) -> None:
    def load(say: object) -> fake.FakeEngine:
        raise AssistantError("no such model")

    chat = fake.chat(tmp_path)
    chat.host = ModelHost(load)
    with pytest.raises(AssistantError, match="no such model"):
        list(chat.ask("hi").stream())
    assert chat.host.state.phase is Phase.FAILED


def test_an_unexpected_failure_to_load_is_told_as_well(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    def load(say: object) -> fake.FakeEngine:
        raise MemoryError("no room")

    chat = fake.chat(tmp_path)
    chat.host = ModelHost(load)
    with pytest.raises(AssistantError, match=r"could not be loaded \(MemoryError: no room\)"):
        list(chat.ask("hi").stream())
    assert "Traceback" not in capfd.readouterr().err


def test_the_voice_is_composed_while_nobody_waits_and_the_newest_wins(tmp_path: Path) -> None:
    engine, loading = fake.FakeEngine(), threading.Event()
    chat = fake.chat(tmp_path, engine, loading=loading)
    chat.host.start()
    for value in (0.6, 0.7, 0.8):
        chat.change(formality(value), "x")
    loading.set()
    until(lambda: bool(engine.composed))
    assert [profile.alpha["formality"] for profile in engine.composed] == [0.8]
    chat.change(formality(0.1), "x")
    until(lambda: engine.composed[-1].alpha["formality"] == 0.1)
    chat.host.close()


class Patient(fake.FakeEngine):
    """Folds until it is told to stop, and says so."""

    def __init__(self) -> None:
        super().__init__()
        self.folding, self.given_up = threading.Event(), 0

    def fold(self, cancelled: Callable[[], bool] = lambda: False) -> bool:
        if self.given_up:
            return True
        self.folding.set()
        until(cancelled)
        self.given_up += 1
        return False


def test_a_newer_wish_ends_the_work_on_an_older_one(tmp_path: Path) -> None:
    engine = Patient()
    chat = fake.chat(tmp_path, engine)
    chat.host.start()
    assert engine.folding.wait(fake.DEADLINE)
    chat.change(formality(0.9), "x")
    until(lambda: bool(engine.read))
    assert engine.given_up == 1
    assert engine.composed[-1] == chat.profile
    chat.host.close()


def test_a_question_ends_the_work_in_the_background_and_it_is_taken_up_after_the_reply(tmp_path: Path) -> None:
    engine = Patient()
    chat = fake.chat(tmp_path, engine)
    chat.host.start()
    assert engine.folding.wait(fake.DEADLINE)
    assert "".join(chat.ask("hi").stream()) == engine.script
    assert engine.given_up == 1
    until(lambda: bool(engine.read))
    assert engine.read == [
        [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "Hello to you too."}]
    ]  # never the conversation without the reply: it would push the reply's keys and values out
    chat.host.close()


def test_the_conversation_is_read_in_the_new_voice(tmp_path: Path) -> None:
    engine, said = fake.FakeEngine(), []
    chat = fake.chat(tmp_path, engine)
    list(chat.ask("hi").stream())
    until(lambda: len(engine.read) == 1)
    chat.host.subscribe(lambda state: said.append(state.phase))
    chat.change(formality(0.9), "x")
    until(lambda: len(engine.read) == 2 and said[-1:] == [Phase.READY])
    assert said == [Phase.COMPOSING, Phase.READING, Phase.READY]
    assert engine.read[1][-1]["content"] == engine.script
    chat.host.close()


def test_a_reply_is_spoken_in_the_profile_of_its_moment(tmp_path: Path) -> None:
    engine = fake.FakeEngine()
    chat = fake.chat(tmp_path, engine)
    chat.change(formality(1.0), "x")
    list(chat.ask("hi").stream())
    assert engine.voices == [chat.profile]
    other = chat.profile.with_alpha({"formality": 0.0})
    list(chat.ask("hi", other).stream())
    assert engine.voices == [chat.profile, other]
    assert chat.messages()[-1].profile == other.as_dict()
    assert chat.messages()[-1].revision_id is None
    until(lambda: engine.composed[-1] == chat.profile)


def test_people_do_not_share_anything(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    chat.change(formality(0.9), "x")
    list(chat.ask("my secret").stream())
    chat.switch_user("bob")
    assert chat.profile == chat.workspace.neutral
    assert not chat.resume()
    assert chat.messages() == []
    chat.switch_user("Ann")
    assert chat.profile.alpha["formality"] == 0.9
    assert chat.resume()
    assert chat.messages()[0].content == "my secret"


def test_a_thumb_carries_the_profile_that_it_judges(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    with pytest.raises(BadInput, match="no reply"):
        chat.rate(1)
    chat.change(formality(0.9), "x")
    list(chat.ask("hi").stream())
    judged = chat.profile
    chat.change(formality(0.1), "x")
    chat.rate(-1)
    [thumb] = chat.workspace.store.feedback.list(chat.user.id)
    assert (thumb.value, thumb.profile) == (-1, judged.as_dict())


def test_a_profile_survives_a_bank_with_other_attributes(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    user = chat.workspace.store.users.ensure("old", Profile.neutral(("formality", "humor")))
    chat.switch_user("old")
    assert user.name == "old"
    assert chat.profile.attributes == ("formality", "sentiment")
    assert dict(chat.profile.lambda_) == {"formality": 0.5, "sentiment": 0.5}


def test_a_batch_is_saved_one_conversation_each(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    answers = list(ask_many(fake.FakeEngine("re:"), ["a", "b"], chat.profile, Sampling(seed=5), chat))
    assert [answer.reply for answer in answers] == ["re: a", "re: b"]
    assert [answer.seed for answer in answers] == [5, 5]
    listed = chat.workspace.store.conversations.list(chat.user.id)
    assert [(each.title, each.messages) for each in listed] == [("b", 2), ("a", 2)]
    with pytest.raises(BadInput, match="prompt 2 is empty"):
        list(ask_many(fake.FakeEngine(), ["a", " "], chat.profile, Sampling()))


def test_turns_that_no_longer_fit_are_said(tmp_path: Path) -> None:
    engine = fake.FakeEngine("one two three")
    engine.context = 9
    chat = fake.chat(tmp_path, engine)
    assert chat.context() is None
    first = chat.ask("hi")
    assert first.notice() is None
    list(first.stream())
    assert first.notice() is None
    room = chat.context()
    assert room is not None
    assert (room.size, room.used, room.left, room.dropped) == (9, 4, 5, 0)
    list(chat.ask("hi again").stream())
    last = chat.ask("more of it")
    list(last.stream())
    notice = last.notice()
    assert notice is not None
    assert notice.text.startswith("The oldest turn was left out of this reply: the model's context holds 9 tokens")
    assert chat.messages()[-1].context == {"size": 9, "used": 8, "dropped": 1, "cut": 0}
    assert chat.messages()[-1].speed > 0
