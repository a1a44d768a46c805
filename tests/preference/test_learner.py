from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from statistics import median

import numpy as np
import pytest

from assistant.preference import (
    Command,
    Complaint,
    Event,
    Learner,
    Lock,
    Options,
    Pick,
    PreferenceError,
    Reason,
    Retraction,
    Sample,
    Silence,
    Thumb,
    Weak,
    state,
)
from assistant.preference.reach import HEED, STEP
from assistant.preference.response import displacement
from assistant.style import Attribute, Profile
from tests.preference.people import ATTRIBUTES, FORMAL, NAMES, lived, scores

NEW = Learner.start(ATTRIBUTES)
DOWN = Thumb(id=1, up=False, scores=FORMAL, profile=NEW.profile)
TOO_FORMAL = Reason(id=2, attribute="formality", direction=-1, scores=FORMAL, profile=NEW.profile)


def test_replay_is_the_same_to_the_bit() -> None:
    learner, log = lived(NEW, 25)
    assert state(NEW.replay(log)) == state(learner)
    assert state(NEW.replay(log[:-1])) != state(learner)


def test_replay_does_not_depend_on_the_number_of_threads() -> None:
    code = (
        "import json; from assistant.preference import Learner, state\n"
        "from tests.preference.people import ATTRIBUTES, lived\n"
        "print(json.dumps(state(lived(Learner.start(ATTRIBUTES), 10)[0])))"
    )
    threads = "1" if os.environ.get("OPENBLAS_NUM_THREADS", os.environ.get("OMP_NUM_THREADS")) != "1" else "2"
    there = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads},
        check=True,
        capture_output=True,
        text=True,
    )
    assert json.loads(there.stdout) == json.loads(json.dumps(state(lived(NEW, 10)[0])))


def test_a_reason_moves_its_attribute_the_way_it_says() -> None:
    for name in NAMES:
        for way in (-1, 1):
            judged, _ = NEW.observe(DOWN)
            learner, _ = judged.observe(replace(TOO_FORMAL, attribute=name, direction=way))
            moved = learner.profile.alpha[name] - judged.profile.alpha[name]
            assert way * moved > 0.05 or way * (learner.profile.alpha[name] - 0.5) > 0.2
            assert way * (learner.profile.alpha[name] - 0.5) > -0.01
            before, after = (each.ideal()[0][NAMES.index(name)] for each in (NEW, learner))
            assert way * (after - before) > 0.02


@pytest.mark.parametrize("way", [-1, 1])
def test_a_complaint_goes_its_way_whatever_the_thumb_alone_would_have_moved(way: int) -> None:
    thwarted = 0
    for seed in range(4):
        before, _ = lived(NEW, 4, seed)
        said, made = scores(np.random.default_rng(seed)), before.profile
        thumb = Thumb(id=90, up=False, scores=said, profile=made)
        for index, name in enumerate(NAMES):
            values = {"attribute": name, "direction": way, "scores": said, "profile": made}
            learner, advice = before.observe(Complaint(id=90, **values))  # type: ignore[arg-type]
            moved = way * (displacement(learner.profile, NAMES) - displacement(made, NAMES))
            room = way * (before.reach.box(made)[way > 0] - displacement(made, NAMES))
            assert moved[index] >= min(0.8 * 2 * HEED, room[index]) - 1e-9
            assert np.delete(moved, index) == pytest.approx(0.0, abs=1e-9)
            assert max(abs(learner.profile.alpha[each] - made.alpha[each]) for each in NAMES) <= STEP + 1e-9
            assert advice.before == made
            apart = before.replay([thumb, Reason(id=91, **values)])  # type: ignore[arg-type]
            thwarted += way * (displacement(apart.profile, NAMES) - displacement(made, NAMES))[index] < 0.05
    assert thwarted  # as words said after the thumb are, where it went the other way


def test_a_reason_never_takes_back_what_the_thumb_moved_its_way() -> None:
    helped = 0
    for seed in range(8):
        before, _ = lived(NEW, 4, seed)
        said = scores(np.random.default_rng(seed))
        judged, _ = before.observe(Thumb(id=90, up=False, scores=said, profile=before.profile))
        went = displacement(judged.profile, NAMES) - displacement(before.profile, NAMES)
        for index, name in enumerate(NAMES):
            way = 1 if went[index] > 0 else -1
            reason = Reason(id=91, attribute=name, direction=way, scores=said, profile=before.profile)
            then = displacement(judged.observe(reason)[0].profile, NAMES) - displacement(judged.profile, NAMES)
            assert way * then[index] >= -1e-9
            helped += abs(went[index]) > 2 * HEED
    assert helped > 5


def test_a_reason_says_what_matters() -> None:
    learner = NEW.replay(
        replace(TOO_FORMAL, id=number, attribute="humor", direction=1, scores={**FORMAL, "humor": 0.1 + number / 50})
        for number in range(5)
    )
    assert np.argmax(learner.importance()) == NAMES.index("humor")
    assert learner.importance().sum() == pytest.approx(1, abs=1e-5)


def test_praise_is_no_reason_to_leave() -> None:
    learner = NEW
    for number in range(12):
        learner, _ = learner.observe(Thumb(id=number, up=True, scores=FORMAL, profile=learner.profile))
    steps = []
    for number in range(12, 20):
        learner, advice = learner.observe(Thumb(id=number, up=True, scores=FORMAL, profile=learner.profile))
        steps.append(max(abs(advice.profile.alpha[name] - advice.before.alpha[name]) for name in NAMES))
    assert median(steps) < 0.1
    assert learner.ideal()[1].max() < NEW.ideal()[1].max()


def test_a_preview_is_what_would_happen_and_happens_not() -> None:
    before = state(NEW)
    advice = NEW.preview(DOWN)
    assert state(NEW) == before
    assert advice == NEW.observe(replace(DOWN, id=77))[1]
    assert advice.moves


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_evidence_taken_back_at_once_has_never_happened(order: tuple[int, int]) -> None:
    before, _ = lived(NEW, 6)
    said, profile = scores(np.random.default_rng(9)), before.profile
    thumb = Thumb(id=101, up=False, scores=said, profile=profile)
    reason = Reason(id=102, attribute="humor", direction=1, scores=said, profile=profile)
    learner = before.replay([thumb, reason])
    first, second = (100 + each for each in order)
    half, _ = learner.observe(Retraction(id=103, of=first))
    assert state(half) == state(before.replay([reason if first == 101 else thumb]))
    back, advice = half.observe(Retraction(id=104, of=second))
    assert state(back) == {**state(before), "last": None}
    assert advice.profile == before.profile


def test_a_complaint_taken_back_has_never_happened() -> None:
    before, _ = lived(NEW, 6)
    said, profile = scores(np.random.default_rng(9)), before.profile
    complaint = Complaint(id=101, attribute="humor", direction=1, scores=said, profile=profile)
    learner, _ = before.observe(complaint)
    assert learner.habits.blamed == before.habits.blamed + 1
    assert learner.habits.told == before.habits.told + 1
    back, advice = learner.observe(Retraction(id=102, of=101))
    assert state(back) == {**state(before), "last": None}
    assert advice.profile == profile
    other = Thumb(id=103, up=True, scores={**said, "humor": 0.5}, profile=learner.profile)
    later = learner.replay([other, Retraction(id=104, of=101)])
    assert later.habits == before.observe(other)[0].habits
    assert len(later.facts.verdicts.when) == len(before.facts.verdicts.when) + 1
    assert len(later.facts.directions.when) == len(before.facts.directions.when)


def test_older_evidence_taken_back_no_longer_counts() -> None:
    reasons: list[Event] = [
        replace(TOO_FORMAL, id=number, scores={**FORMAL, "formality": 0.5 + number / 40}) for number in range(6)
    ]
    others: list[Event] = [Silence(id=10, scores=scores(np.random.default_rng(4)), profile=NEW.profile)]
    learner = NEW.replay([*reasons, *others])
    back = learner.replay(Retraction(id=20 + number, of=number) for number in range(6))
    assert len(back.facts.directions.when) == 0
    assert back.habits.told == 0
    index = NAMES.index("formality")
    without = NEW.replay(others).ideal()[0][index]
    assert abs(back.ideal()[0][index] - without) < 0.2 * abs(learner.ideal()[0][index] - without)
    assert back.profile == learner.profile
    assert state(back.observe(Retraction(id=30, of=999))[0]) == state(back)


def test_a_locked_attribute_stays_until_it_is_free() -> None:
    learner, _ = NEW.observe(Lock(id=1, attribute="formality"))
    too_serious = replace(TOO_FORMAL, id=4, attribute="humor", direction=1)
    locked = learner.replay([replace(DOWN, id=2), replace(TOO_FORMAL, id=3), too_serious])
    assert locked.profile.alpha["formality"] == 0.5
    assert locked.profile.alpha["humor"] > 0.5
    free, _ = locked.observe(Lock(id=4, attribute="formality", locked=False))
    assert free.replay([replace(DOWN, id=5), replace(TOO_FORMAL, id=6)]).profile.alpha["formality"] < 0.5


def test_steps_are_bounded_from_reply_to_reply_and_from_word_to_word() -> None:
    learner = NEW
    rng = np.random.default_rng(3)
    for number in range(12):
        said, start = scores(rng), learner.profile
        name, way = str(rng.choice(NAMES)), int(rng.choice([-1, 1]))
        events = (
            Thumb(id=2 * number, up=False, scores=said, profile=start),
            Reason(id=2 * number + 1, attribute=name, direction=way, scores=said, profile=start),
        )
        for event in events:
            learner, advice = learner.observe(event)
            for each in NAMES:
                assert abs(advice.profile.alpha[each] - advice.before.alpha[each]) <= STEP + 1e-9
                assert abs(advice.profile.alpha[each] - start.alpha[each]) <= STEP + 1e-9


def test_a_command_is_obeyed_exactly_and_believed() -> None:
    wanted = NEW.profile.with_alpha({"humor": 0.93})
    learner, advice = NEW.observe(Command(id=1, before=NEW.profile, after=wanted, attribute="humor"))
    assert advice.profile == learner.profile == wanted
    assert learner.ideal()[0][2] > NEW.ideal()[0][2] + 0.1
    undone, advice = learner.observe(Command(id=2, before=wanted, after=NEW.profile))
    assert advice.profile == NEW.profile
    assert (undone.ideal()[0] == learner.ideal()[0]).all()  # an undo is no evidence


def test_a_liked_text_is_moved_towards() -> None:
    learner, advice = NEW.observe(Sample(id=1, scores={"simplicity": 0.9, "formality": 0.15, "humor": 0.85}))
    assert advice.profile.alpha["simplicity"] > 0.6
    assert advice.profile.alpha["formality"] < 0.4
    assert learner.ideal()[0] == pytest.approx([0.9, 0.15, 0.85], abs=0.15)


def test_the_picked_side_is_where_the_ideal_is_sought() -> None:
    plain, funny = {**FORMAL, "humor": 0.2}, {**FORMAL, "humor": 0.8}
    learner = NEW.replay(
        Pick(id=number, chosen=funny, other=plain, chosen_profile=NEW.profile, other_profile=NEW.profile)
        for number in range(4)
    )
    assert learner.ideal()[0][2] > NEW.ideal()[0][2] + 0.1


def test_a_challenger_differs_within_a_step() -> None:
    learner, _ = lived(NEW, 5)
    other = learner.challenger()
    changes = [abs(other.alpha[name] - learner.profile.alpha[name]) for name in NAMES]
    assert 0.05 < max(changes) <= STEP + 1e-9
    assert other == learner.challenger()


def test_silence_is_praise_from_someone_who_only_complains() -> None:
    rng = np.random.default_rng(2)
    blamed = [
        Thumb(id=number, up=False, scores={**FORMAL, "formality": rng.uniform(0.7, 0.9)}, profile=NEW.profile)
        for number in range(8)
    ]
    praised = [replace(thumb, up=True) for thumb in blamed]
    quiet = Silence(id=90, scores={**FORMAL, "formality": 0.2}, profile=NEW.profile)
    for log, pleased in ((blamed, True), (praised, False)):
        content, not_content = NEW.replay([*log, quiet]).habits.silent
        assert (content > not_content) == pleased


def test_weak_signs_count_only_if_allowed() -> None:
    retry = Weak(id=1, sign="retry", scores=FORMAL, profile=NEW.profile)
    assert not NEW.preview(retry).moves
    assert (NEW.observe(retry)[0].belief.weight == NEW.belief.weight).all()
    assert Learner.start(ATTRIBUTES, options=Options(weak=True)).preview(retry).moves


def test_another_taste_is_followed() -> None:
    liked = {"simplicity": 0.2, "formality": 0.8, "humor": 0.2}
    learner = NEW.replay(Sample(id=number, scores=liked) for number in range(8))
    for number in range(8, 16):
        learner, _ = learner.observe(Sample(id=number, scores={**liked, "humor": 0.85}))
    assert learner.ideal()[0][2] > 0.65


def test_people_know_nothing_of_each_other() -> None:
    other = Learner.start(ATTRIBUTES)
    _, log = lived(NEW, 6, seed=1)
    _, theirs = lived(other, 6, seed=2)
    ours = NEW
    for mine, yours in zip(log, theirs, strict=False):
        ours, _ = ours.observe(mine)
        other, _ = other.observe(yours)
    assert state(ours) == state(NEW.replay(log[: len(theirs)]))


@pytest.mark.parametrize(
    ("event", "says"),
    [
        (replace(DOWN, scores={"humor": 0.5}), "lack simplicity, formality"),
        (replace(DOWN, scores={**FORMAL, "humor": 1.5}), "from 0 to 1"),
        (replace(DOWN, scores={**FORMAL, "humor": float("nan")}), "from 0 to 1"),
        (replace(TOO_FORMAL, attribute="charm"), "no attribute 'charm'"),
        (replace(TOO_FORMAL, direction=2), "a direction is"),
        (Complaint(id=1, attribute="humor", direction=0, scores=FORMAL, profile=NEW.profile), "a direction is"),
        (Lock(id=1, attribute="charm"), "no attribute 'charm'"),
    ],
)
def test_unusable_evidence_is_refused(event: Event, says: str) -> None:
    with pytest.raises(PreferenceError, match=says):
        NEW.observe(event)


def test_a_response_model_of_another_bank_is_refused() -> None:
    with pytest.raises(PreferenceError, match="the bank for formality"):
        Learner.start([Attribute("formality", "casual", "formal")], NEW.response)


def test_the_memory_is_bounded() -> None:
    options = Options(settings=replace(NEW.options.settings, memory=20, particles=60))
    learner, _ = lived(Learner.start(ATTRIBUTES, options=options), 60)
    assert len(learner.ids) == 20
    assert len(learner.facts.verdicts.when) < 46
    assert len(json.dumps(state(learner))) < 60_000


def test_an_update_takes_a_few_milliseconds() -> None:
    five = [Attribute(f"a{number}", "low", "high") for number in range(5)]
    learner, rng, seconds = Learner.start(five), np.random.default_rng(0), []
    for number in range(30):
        said = dict(zip(learner.names, rng.uniform(0.1, 0.9, 5).tolist(), strict=True))
        event = Thumb(id=number, up=number % 3 == 0, scores=said, profile=learner.profile)
        began = time.process_time()
        learner, _ = learner.observe(event)
        seconds.append(time.process_time() - began)
    assert median(seconds) < 0.05


def test_the_profile_to_begin_with_is_kept_for_attributes_of_the_bank() -> None:
    start = Profile.neutral(("formality", "charm")).with_alpha({"formality": 0.8})
    assert Learner.start(ATTRIBUTES, profile=start).profile.alpha["formality"] == 0.8


def test_a_silence_taken_back_leaves_no_habit() -> None:
    quiet = Silence(id=1, scores=FORMAL, profile=NEW.profile)
    other = replace(DOWN, id=2, scores={**FORMAL, "humor": 0.6})
    back = NEW.replay([quiet, other, Retraction(id=3, of=1)])
    assert back.habits == NEW.observe(other)[0].habits
    assert len(back.facts.verdicts.when) == 1
