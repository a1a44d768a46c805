"""A small bank, and people who do things."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from assistant.preference import Event, Learner, Pick, Reason, Silence, Thumb
from assistant.style import Attribute

ATTRIBUTES = (
    Attribute("simplicity", "complex", "simple"),
    Attribute("formality", "casual", "formal"),
    Attribute("humor", "serious", "humorous"),
)
NAMES = tuple(attribute.name for attribute in ATTRIBUTES)
FORMAL = {"simplicity": 0.4, "formality": 0.8, "humor": 0.3}


def scores(rng: np.random.Generator) -> dict[str, float]:
    return dict(zip(NAMES, rng.uniform(0.05, 0.95, len(NAMES)).tolist(), strict=True))


def lived(learner: Learner, count: int, seed: int = 0) -> tuple[Learner, list[Event]]:
    """Return a learner after random thumbs, reasons, picks and silences, and the log of them."""
    rng = np.random.default_rng(seed)
    events: list[Event] = []
    for number in range(count):
        said, profile = scores(rng), learner.profile
        made: Sequence[Event] = (
            Thumb(id=2 * number, up=bool(rng.random() < 0.4), scores=said, profile=profile),
            Silence(id=2 * number, scores=said, profile=profile),
            Pick(id=2 * number, chosen=said, other=scores(rng), chosen_profile=profile, other_profile=profile),
        )
        events.append(made[int(rng.choice(3, p=[0.7, 0.15, 0.15]))])
        learner, _ = learner.observe(events[-1])
        if isinstance(events[-1], Thumb) and not events[-1].up and rng.random() < 0.4:
            name, way = str(rng.choice(NAMES)), int(rng.choice([-1, 1]))
            events.append(Reason(id=2 * number + 1, attribute=name, direction=way, scores=said, profile=profile))
            learner, _ = learner.observe(events[-1])
    return learner, events
