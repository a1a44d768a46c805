"""Where to go next."""

from __future__ import annotations

import numpy as np
import pytest

from assistant.preference import Response
from assistant.preference.facts import Persons
from assistant.preference.planner import Outlook, Plan, choose
from tests.preference.people import NAMES


def outlook(tolerance: float) -> Outlook:
    """Return what is believed of someone who wants humor at c = 1, the voice being in the middle."""
    k, model = 20, Response.prior(NAMES)
    ideal = np.tile(model.scores(np.array([0.0, 0.0, 1.0])).astype(np.float32), (k, 1))
    persons = Persons(ideal, np.full((k, 3), 1 / 3, np.float32), np.full(k, tolerance, np.float32))
    box = (np.full(3, -1.0), np.full(3, 1.0))
    return Outlook(model, persons, np.full(k, 1 / k, np.float32), np.zeros(3), box, box)


@pytest.mark.parametrize(("tolerance", "far"), [(0.15, 1.0), (0.3, 0.5), (0.5, 0.0)])
def test_a_step_goes_as_far_as_it_pays_all_the_way_or_half_or_not_at_all(tolerance: float, far: float) -> None:
    plan = Plan(rounds=0, horizon=0.0, calm=0.1, fractions=(1.0,))
    found = choose(outlook(tolerance), plan, np.random.default_rng(0))
    assert found == pytest.approx([0.0, 0.0, far], abs=0.02)
