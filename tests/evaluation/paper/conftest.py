from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from assistant.anchors.texts import Prompt, read_texts
from assistant.engine.engine import Engine
from assistant.evaluation.paper.cells import Cells
from assistant.evaluation.paper.experiments import Source
from assistant.evaluation.paper.lab import Lab, Plan
from assistant.style import Attribute
from tests import tiny

HUMOR = Attribute("humor", "serious", "humorous")
SPLITS = ["anchors"] * 4 + ["validation"] * 2 + ["heldout"] * 3


def score(replies: Sequence[str]) -> list[dict[str, float]]:
    """Two scores that depend on the letters alone."""
    return [
        {
            "formality": sum(map(str.isalpha, text)) / max(1, len(text)),
            "sentiment": sum(map(str.isspace, text)) / max(1, len(text)),
            "humor": sum(map(str.isdigit, text)) / max(1, len(text)),
        }
        for text in replies
    ]


Bench = tuple[Lab, Source]


@pytest.fixture
def bench(tmp_path: Path) -> Callable[..., Bench]:
    """Return a maker of labs over a tiny model; labs of one test share their folder, and so their cells."""
    base = tiny.base()

    def make(plan: Plan | None = None, attributes: tuple[Attribute, ...] = tiny.ATTRIBUTES) -> Bench:
        plan = plan or Plan(prompts=2, max_tokens=5)
        bank = tiny.write_bank(tmp_path / "bank", base.model, size=0.1, attributes=attributes)
        data = tmp_path / "data"
        texts = read_texts(data if data.exists() else tiny.write_data(data, attributes, SPLITS))
        engine: Any = Engine(base, tmp_path / "bank", "fp32")
        prompts: list[Prompt] = texts.split(plan.split)
        cells = Cells(tmp_path / "run", plan.as_dict())
        lab = Lab(engine, bank.card.names, prompts, score, plan, cells)
        return lab, Source(base, bank, tmp_path / "bank", texts, tmp_path / "run")

    return make
