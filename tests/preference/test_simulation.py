from __future__ import annotations

import numpy as np
import pytest

from assistant.evaluation.learner_bench import episode
from assistant.preference.simulation import NAMES, REACH, SCENARIOS, Person

SEEDS = range(5_000_000, 5_000_004)
RATINGS = 30


def lost(name: str, place: str) -> float:
    runs = [episode(name, SCENARIOS[place], seed, RATINGS) for seed in SEEDS]
    return float(np.mean([(run.best - run.approval).sum() for run in runs]))


@pytest.mark.slow
def test_reasons_beat_nothing_and_ours_beats_never_changing() -> None:
    nothing = lost("never_changes", "base")
    ours = lost("ours", "base")
    told = lost("ours", "reasons")
    assert lost("optimum", "base") == pytest.approx(0)
    assert ours < 0.9 * nothing
    assert told < 0.8 * ours


def test_no_learned_step_is_larger_than_a_quarter() -> None:
    run = episode("ours", SCENARIOS["reasons"], 5_000_010, RATINGS)
    assert 0.05 < run.largest_step <= 0.25 + 1e-9


def test_the_optimum_pleases_most() -> None:
    rng = np.random.default_rng(0)
    for _ in range(3):
        person = Person.drawn(SCENARIOS["base"], rng)
        best = person.optimum(rng)
        others = rng.uniform(-REACH, REACH, (200, len(NAMES)))
        assert person.approval(best[None])[0] >= person.approval(others).max()


def test_people_behave_as_their_scenario_says() -> None:
    rng = np.random.default_rng(0)
    sparse = [Person.drawn(SCENARIOS["sparse"], rng) for _ in range(20)]
    assert {int((person.weights > 0).sum()) for person in sparse} == {2}
    person = sparse[0]
    away = np.clip(1.0 - person.ideal, 0.02, 0.98)
    named = [person.complains(away, rng) for _ in range(50)]
    assert {attribute for attribute, _ in named} <= set(np.flatnonzero(person.weights).tolist())
    right = [way == np.sign(person.ideal[attribute] - away[attribute]) for attribute, way in named]
    assert np.mean(right) > 0.9


def test_a_person_who_changes_wants_something_else_and_is_else_the_same() -> None:
    person = Person.drawn(SCENARIOS["drift"], np.random.default_rng(0))
    changed = person.changed(np.random.default_rng(1))
    assert np.abs(changed.ideal - person.ideal).max() > 0.1
    assert all(
        getattr(changed, name) is getattr(person, name) for name in ("gains", "weights", "tolerance", "flip", "noise")
    )


def test_a_slider_is_moved_towards_what_is_wanted_and_misses_by_little() -> None:
    rng = np.random.default_rng(0)
    misses = []
    for _ in range(200):
        person, c = Person.drawn(SCENARIOS["commands"], rng), rng.uniform(-0.3, 0.3, len(NAMES))
        attribute, moved = person.slides(c, person.reply(c, np.zeros(len(NAMES))), rng)
        wanted = np.log(person.ideal[attribute] / (1.0 - person.ideal[attribute]))
        full = (wanted - person.gains[attribute] @ c) / person.gains[attribute, attribute]
        if abs(full) < 0.8:  # far from the ends of the slider
            way = moved - c[attribute]
            misses.append(max(min(full / 2, full) - way, way - max(full / 2, full), 0.0))
    assert len(misses) > 50
    assert max(misses) < 0.6
    assert np.mean(misses) < 0.1


def test_a_card_is_as_sure_of_gains_as_banks_differ() -> None:
    rng = np.random.default_rng(0)
    people = [Person.drawn(SCENARIOS["base"], rng) for _ in range(200)]
    gains = np.concatenate([np.diag(person.gains) for person in people])
    told = people[0].known_response(SCENARIOS["base"], rng)
    for row in range(len(NAMES)):
        assert np.sqrt(told.covariance[row, row, row]) == pytest.approx(gains.std(), rel=0.2)


def test_a_wrong_card_has_no_cross_talk_and_gains_off_by_a_quarter() -> None:
    rng = np.random.default_rng(0)
    person = Person.drawn(SCENARIOS["misspecified"], rng)
    told = person.known_response(SCENARIOS["misspecified"], rng).mean[:, :-1]
    assert np.count_nonzero(told - np.diag(np.diag(told))) == 0
    assert np.abs(np.diag(told) / np.diag(person.gains) - 1) == pytest.approx(np.full(5, 0.25))
