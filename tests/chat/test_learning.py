"""What feedback does to a person's profile, through the headless chat and a real store."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import pytest

from assistant.anchors.card import Card
from assistant.chat import commands
from assistant.chat.host import ModelHost
from assistant.chat.launch import load_engine
from assistant.chat.learning import Learning
from assistant.chat.measuring import Measuring
from assistant.chat.session import Chat
from assistant.chat.workspace import Workspace
from assistant.engine import base_model
from assistant.engine.sampling import Sampling
from assistant.preference import state
from assistant.preference.response import displacement
from assistant.scoring.embedder import ScorerError
from assistant.store import Store
from assistant.style import Attribute
from tests import fake
from tests.chat.taught import answer, kinds, rebuilt, run


def test_thumbs_down_on_formal_replies_make_the_voice_casual(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    before = chat.profile
    told = []
    for _ in range(6):
        answer(chat)
        told.append(run(chat, "/bad").text)
    assert chat.profile.alpha["formality"] < 0.4
    newest = chat.workspace.store.profiles.current(chat.user.id)
    assert newest.id == chat.revision.id
    assert newest.kind == "learn"
    assert newest.cause.startswith("Thumbs down")
    assert any(text.startswith(newest.cause) for text in told)
    assert before.alpha["formality"] == 0.5


def test_one_step_is_bounded_and_a_reason_goes_its_way(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    answer(chat)
    outcome = run(chat, "/bad too formal")
    moved = 0.5 - chat.profile.alpha["formality"]
    assert 0.02 < moved <= 0.25
    heard = displacement(chat.profile, chat.workspace.names)
    assert heard[1] == pytest.approx(0.0, abs=1e-9)  # what was not named stays as it was
    assert outcome.text.startswith("Too formal, should be more casual")
    assert f"formality 0.50 → {chat.profile.alpha['formality']:.2f}" in outcome.text
    assert chat.host._wanted is not None
    assert chat.host._wanted.profile == chat.profile  # composed at once
    assert chat.revision.number == 2  # the thumb and its reason are one change


def test_a_reason_is_one_with_its_thumb_or_beside_the_thumb_that_was_seen(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    first = answer(chat)
    run(chat, "/bad too formal")
    assert kinds(chat) == ["complaint"]
    told = chat.profile
    run(chat, "/bad too positive")  # another word about the same reply takes the place of the one before
    assert kinds(chat) == ["complaint", "retraction", "complaint"]
    assert displacement(chat.profile, chat.workspace.names)[0] == pytest.approx(0.0, abs=1e-9)
    assert rebuilt(chat) == state(chat.learning.learner(chat.user.id))
    run(chat, "/bad")  # the thumb is taken back, and what was said with it
    assert chat.profile == chat.workspace.neutral
    run(chat, "/bad too formal")
    assert chat.profile.alpha == told.alpha
    assert chat.workspace.store.feedback.active(first.id).value == -1

    answer(chat)
    run(chat, "/bad")
    seen = chat.profile
    run(chat, "/bad too formal")
    assert kinds(chat)[-2:] == ["thumb", "reason"]
    assert abs(chat.profile.alpha["formality"] - seen.alpha["formality"]) <= 0.25 + 1e-9
    run(chat, "/undo")
    assert chat.profile == seen
    assert rebuilt(chat) == state(chat.learning.learner(chat.user.id))


def test_a_thumb_taken_back_leaves_the_profile_as_it_was(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    reply = answer(chat)
    before = chat.profile
    run(chat, "/bad")
    assert chat.profile != before
    outcome = commands.run(chat, "/bad")
    assert (outcome.judged, outcome.value) == (reply.id, 0)
    assert outcome.later is not None
    outcome.later.result(fake.DEADLINE)
    assert chat.profile == before
    assert chat.workspace.store.feedback.active(reply.id) is None


def test_a_changed_mind_counts_once(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    changed, at_once = fake.chat(tmp_path), fake.chat(other)
    for chat, lines in ((changed, ("/bad too formal", "/good")), (at_once, ("/good",))):
        answer(chat)
        for line in lines:
            run(chat, line)
    mine, theirs = (chat.learning.learner(chat.user.id) for chat in (changed, at_once))
    assert [each.facts.verdicts.weight.tolist() for each in (mine, theirs)] == [[1.0], [1.0]]
    assert len(mine.facts.directions.when) == 0


def test_a_thumb_on_a_picked_reply_leaves_the_pick(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    _, turns = chat.compare("hello")
    for begin in turns:
        list(begin().stream())
    run(chat, "/pick 1")
    run(chat, "/bad")
    run(chat, "/bad")
    kinds = [each.kind for each in chat.workspace.store.learning.list(chat.user.id)]
    assert kinds == ["retraction", "thumb", "pick"]
    assert len(chat.learning.learner(chat.user.id).facts.picks.when) == 1


def test_undo_takes_the_step_back_and_what_was_learned_with_it(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    answer(chat)
    before, unlearned = chat.profile, chat.learning.learner(chat.user.id).importance()
    run(chat, "/bad too formal")
    assert list(chat.learning.learner(chat.user.id).importance()) != list(unlearned)
    run(chat, "/undo")
    assert chat.profile == before
    learner = chat.learning.learner(chat.user.id)
    assert learner.profile == before
    assert learner.ideal()[0][0] == pytest.approx(0.5, abs=0.1)


def test_locks_keep_an_attribute_where_it_is(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    run(chat, "/lock formality")
    for _ in range(3):
        answer(chat)
        run(chat, "/bad too formal")
    assert chat.profile.alpha["formality"] == 0.5
    run(chat, "/formality 0.3")
    assert chat.profile.alpha["formality"] == 0.3
    run(chat, "/unlock formality")
    answer(chat)
    run(chat, "/bad too formal")
    assert chat.profile.alpha["formality"] < 0.3


def test_a_preview_does_nothing_and_says_what_will_happen(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    answer(chat)
    before = chat.profile
    said = run(chat, "/preview bad too formal").text
    assert chat.profile == before
    assert chat.workspace.store.learning.list(chat.user.id) == []
    assert said == f"It would be: {run(chat, '/bad too formal').text}"
    assert chat.profile != before


def test_nothing_leaks_between_people_or_banks(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    answer(chat)
    run(chat, "/bad too formal")
    learned = chat.profile
    chat.switch_user("bob")
    assert chat.profile == chat.workspace.neutral
    assert chat.learning.learner(chat.user.id).clock <= 1
    card = Card("another model", fake.ATTRIBUTES, 1, (), "")
    elsewhere = Learning(Workspace(chat.workspace.store, card, tmp_path), fake.measure)
    chat.switch_user("ann")
    there = elsewhere.learner(chat.user.id)
    assert there.profile == learned  # the profile is the person's own everywhere
    assert len(there.facts.directions.when) == 0  # what was learned of them stays with the model it was learned on


def test_learning_off_keeps_thumbs_and_moves_nothing(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    run(chat, "/learning off")
    reply = answer(chat)
    assert "nothing moves" in run(chat, "/bad").text
    assert chat.workspace.store.feedback.active(reply.id) is not None
    assert chat.revision.number == 1


def test_stopping_counts_for_those_who_say_so(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    reply = answer(chat).model_copy(update={"status": "stopped"})
    assert chat.finished(reply) is None
    run(chat, "/learning weak")
    done = chat.finished(reply)
    assert done is not None
    assert done.result(fake.DEADLINE).text.startswith("Stopped a reply")


def test_a_liked_text_sets_the_profile(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    run(chat, "/like casual casual casual positive positive")
    assert chat.profile.alpha["formality"] < 0.2
    assert chat.profile.alpha["sentiment"] > 0.6
    assert chat.revision.kind == "fit"
    assert chat.revision.cause == "Fitted to a text that you like"
    run(chat, "/undo")
    assert chat.profile == chat.workspace.neutral


def test_without_scorers_a_thumb_is_kept_and_said_not_to_teach(tmp_path: Path) -> None:
    def broken(text: str) -> dict[str, float]:
        raise ScorerError("the heads are missing: run assistant train-scorers")

    place = fake.workspace(tmp_path)
    chat = Chat(place, ModelHost(lambda say: fake.FakeEngine()), "ann", Sampling(seed=1), Learning(place, broken))
    reply = answer(chat)
    outcome = run(chat, "/bad")
    assert (outcome.level, outcome.text) == (
        "error",
        "Not learned from: the heads are missing: run assistant train-scorers",
    )
    assert place.store.feedback.active(reply.id) is not None


def test_an_attribute_without_a_scorer_is_said_plainly(tmp_path: Path) -> None:
    card = Card("fake", (*fake.ATTRIBUTES, Attribute("verbosity", "terse", "elaborate")), 1, (), "")
    place = Workspace(Store.open(tmp_path / "a.db"), card, tmp_path)
    chat = Chat(place, ModelHost(lambda say: fake.FakeEngine()), "ann", learning=Learning(place, fake.measure))
    answer(chat)
    assert "verbosity has no scorer: run assistant train-scorers --extend" in run(chat, "/bad").text


def test_why_tells_what_happened_and_what_is_believed(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    assert run(chat, "/why").text == "Nothing has changed your profile yet: it is neutral."
    run(chat, "/sentiment 0.9")
    answer(chat)
    run(chat, "/bad too formal")
    text = run(chat, "/why").text
    assert "/sentiment 0.9: sentiment 0.50 → 0.90" in text
    assert "Too formal, should be more casual (formality was 0.95): formality 0.50 →" in text
    assert "What I believe you want:" in text


def test_an_unknown_reason_is_refused_before_the_thumb(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    reply = answer(chat)
    outcome = run(chat, "/bad too formall")
    assert (outcome.level, outcome.text) == ("error", "No attribute is called formall: did you mean formal?")
    assert run(chat, "/bad meh").level == "error"
    assert chat.workspace.store.feedback.active(reply.id) is None


def test_a_thumb_on_a_reply_in_progress_waits_for_the_whole_of_it(tmp_path: Path) -> None:
    engine = fake.FakeEngine("casual formal formal formal formal", gate=True)
    chat = fake.chat(tmp_path, engine)
    turn = chat.ask("hello")
    pieces = turn.stream()
    engine.let(1)
    next(pieces)
    later = commands.run(chat, "/bad").later
    assert later is not None
    engine.let(4)
    list(pieces)
    later.result(fake.DEADLINE)
    assert chat.learning.scores(turn.reply)["formality"] == pytest.approx(0.95)
    (evidence,) = chat.workspace.store.learning.list(chat.user.id)
    assert evidence.content["scores"]["formality"] == pytest.approx(0.95)


@pytest.mark.slow
def test_scorers_and_model_are_not_loaded_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []

    class Stub:
        def __init__(self, path: Path) -> None:
            loaded.append("scorers")

        def score(self, texts: list[str]) -> list[dict[str, float]]:
            return [{} for _ in texts]

    def load(*_: Any, **__: Any) -> None:
        loaded.append("model")

    monkeypatch.setattr("assistant.scoring.scorer.Scorer", Stub)
    monkeypatch.setattr("assistant.engine.base_model.prepare", lambda *_: None)
    monkeypatch.setattr("assistant.engine.engine.Engine.load", load)
    place = fake.workspace(tmp_path)
    with ThreadPoolExecutor(2) as pool:
        with base_model.LOADING:
            waiting = [pool.submit(Measuring(tmp_path), "text"), pool.submit(load_engine, place)]
            assert wait(waiting, timeout=0.3).done == set()
            assert loaded == []
        assert not wait(waiting, timeout=fake.DEADLINE).not_done
    assert sorted(loaded) == ["model", "scorers"]
