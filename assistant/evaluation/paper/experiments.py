"""The experiments by name, and what an experiment is."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from assistant.evaluation.paper.lab import Lab, Plan

if TYPE_CHECKING:
    from assistant.anchors.bank import Bank
    from assistant.anchors.texts import Texts
    from assistant.engine.base_model import BaseModel


@dataclass(frozen=True, slots=True)
class Source:
    """What the lab's engine was made from."""

    base: BaseModel
    """The engine composes into its weights."""
    bank: Bank
    bank_folder: Path
    texts: Texts
    out: Path
    """Folder of the run."""


class Experiment(Protocol):
    """A module of this package."""

    TITLE: str
    SMALL: Plan
    """Ends within ten minutes on two cores."""
    FULL: Plan

    def run(self, lab: Lab, source: Source, options: Mapping[str, Any]) -> dict[str, Any]:
        """Return JSON-able results, resuming from the lab's cells.

        Args:
            lab: measures.
            source: what it measures with.
            options: of this experiment, those of `OPTIONS` that were given.
        """

    def table(self, results: Mapping[str, Any]) -> str:
        """Return Markdown: what was found, with its intervals."""

    def plots(self, results: Mapping[str, Any], folder: Path) -> list[Path]:
        """Write the pictures, as SVG, and return their paths."""


MODULES = {
    "single": "one attribute alone, far beyond its anchors",
    "pairs": "entanglement: one attribute moves, does another follow",
    "simplex": "three attributes under every mixing weight, and all with one heavier",
    "mixtures": "interpolation against models fine-tuned on mixed texts",
    "baselines": "other ways to move one attribute to either end",
    "extrapolation": "where stability ends, and what the limit belongs to",
    "geometry": "angles between the anchors, and whether they tell the entanglement",
    "scaling": "from five attributes to forty: cost and entanglement",
    "disentangle": "sliders in score units, by the inverse of the measured response",
}
"""Experiments with what they do, in the order of the report; each is a module of this package."""


def experiment(name: str) -> Experiment:
    """Return an experiment by name."""
    return cast("Experiment", importlib.import_module(f"assistant.evaluation.paper.{name}"))
