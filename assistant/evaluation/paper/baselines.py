"""The experiment "baselines": other ways to move one attribute to either end, against ours.

Each method has one strength. It is chosen on development prompts, of the split `validation`: the one of its grid with
the highest mean score towards the pole whose replies' perplexity under the base is at most `BOUND` times that of the
base's own replies. Everything reported is measured on held-out prompts, at that strength, along the grid, and at the
strengths that the development prompts give for asked scores. The divergence is the mean of KL(base ‖ method) over the
tokens of the base's own replies.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assistant.evaluation.paper.baselines_page import plots, table
from assistant.evaluation.paper.cells import Cell
from assistant.evaluation.paper.contenders import choosing, findings
from assistant.evaluation.paper.contenders.measuring import Arena, development
from assistant.evaluation.paper.contenders.methods import METHODS
from assistant.evaluation.paper.contenders.paths import Path
from assistant.evaluation.paper.contenders.stage import Stage
from assistant.evaluation.paper.contenders.trigrams import Trigrams
from assistant.evaluation.paper.experiments import Source
from assistant.evaluation.paper.general_text import general_text
from assistant.evaluation.paper.lab import Lab, Plan
from assistant.evaluation.paper.progress import Progress

__all__ = ["FULL", "SMALL", "TITLE", "plots", "run", "table"]

TITLE = "Against other ways"
SMALL = Plan(prompts=6, max_tokens=24)
FULL = Plan(full=True, prompts=40)
FEW = ("formality", "sentiment")
"""Attributes of the small setting."""
DEVELOPMENT = {False: 4, True: 16}
"""Prompts on which strengths are chosen."""
PAIRS = {False: 32, True: 64}
"""Pairs of texts of which a control vector is made."""
PASSAGES = {False: 8000, True: 20000}
"""Passages of general English from which the independent judge learns."""
ASKED = (0.25, 0.5, 0.75)


def run(lab: Lab, source: Source, options: Mapping[str, Any]) -> dict[str, Any]:
    """Measure every method on every attribute.

    Returns:
        The base's row; per attribute and method a row per signed strength, the chosen strengths and the asked scores;
        per attribute and end the comparisons at matched score and at matched divergence; and means per method.
    """
    full = lab.plan.full
    names = [name for name in lab.names if full or name in FEW] or list(lab.names[:2])
    prompts = development(source.texts, lab, DEVELOPMENT[full])
    passages, corpus = general_text(PASSAGES[full], options.get("wikitext"))
    judge = Trigrams(passages)
    stage = Stage(lab.engine.composer, source.base, source.bank, source.texts, PAIRS[full], lab.plan.seed)
    arena = Arena(lab, stage, prompts)
    steps = sum(2 * len(method.grid(full)) + 1 + len(ASKED) for method in METHODS.values())
    progress = lab.progress(len(names) * steps)
    found = {name: {m: _Contest(arena, m, name, judge, progress) for m in METHODS} for name in names}
    matched = [
        {"attribute": name, "end": end, "by": by, **level}
        for name, contests in found.items()
        for end in ("low", "high")
        for paths in [{m: contest.path(end == "high") for m, contest in contests.items()}]
        for by in ("score", "kl")
        for level in findings.matched(paths, by)
    ]
    return {
        "corpus": corpus,
        "passages": len(passages),
        "development": len(prompts),
        "bound": choosing.BOUND,
        "titles": {method: METHODS[method].title for method in METHODS},
        "base": findings.row(arena.base(), lab.names, len(lab.prompts), judge),
        "base_speed": findings.speed([arena.base()]),
        "attributes": {name: {m: each.results() for m, each in contests.items()} for name, contests in found.items()},
        "matched": matched,
        "overall": {m: _overall([contests[m] for contests in found.values()]) for m in METHODS},
    }


class _Contest:
    """One method on one attribute: its cells, and the strengths that were chosen."""

    def __init__(self, arena: Arena, method: str, name: str, judge: Trigrams, progress: Progress) -> None:
        """Measure."""
        lab, number, grid = arena.lab, arena.lab.names.index(name), METHODS[method].grid(arena.lab.plan.full)
        self.arena, self.method, self.name, self.judge = arena, method, name, judge
        self.prompts = len(lab.prompts)
        self.cells: dict[float, Cell] = {}
        for strength in (0.0, *grid, *(-each for each in grid)):
            before = len(lab.cells)
            self.cells[strength] = arena.cell(method, number, strength)
            progress.step(f"{method} {name} {strength:g}", len(lab.cells) > before)
        self.tried = [each for s, cell in self.cells.items() if (each := choosing.tried(s, cell, name))]
        base = choosing.tried(0.0, arena.base(), name)
        limit = base.perplexity if base else 0.0
        self.chosen = {
            end: choosing.best([each for each in self.tried if each.strength * sign > 0], limit, sign > 0)
            for end, sign in (("low", -1), ("high", 1))
        }
        self.asked: list[tuple[float, float, Cell]] = []
        for asked in ASKED if self.tried else ():
            strength = choosing.strength_for(asked, self.tried)
            strength = float(round(strength)) if METHODS[method].whole else round(strength, 4)
            before = len(lab.cells)
            self.asked.append((asked, strength, arena.cell(method, number, strength, whole=False)))
            progress.step(f"{method} {name} asked for {asked:g}", len(lab.cells) > before)

    def path(self, high: bool) -> Path:
        """Return the way from strength 0 to an end."""
        way = sorted((s for s in self.cells if s == 0 or (s > 0) == high), key=abs)
        return Path([self.cells[s] for s in way], self.name, high, self.prompts, self.judge)

    def at_ends(self) -> list[tuple[Cell, str, bool]]:
        """Return the cells of the chosen strengths."""
        return [(self.cells[s], self.name, end == "high") for end, s in self.chosen.items() if s is not None]

    def errors(self) -> list[Any]:
        """Return how far the asked scores were missed."""
        return [findings.error(cell, self.name, asked, self.prompts) for asked, _, cell in self.asked]

    def results(self) -> dict[str, Any]:
        """Return plain values."""
        names = self.arena.lab.names

        def row(cell: Cell) -> dict[str, Any]:
            return findings.row(cell, names, self.prompts, self.judge)

        return {
            "rows": [{"strength": s, **row(self.cells[s])} for s in sorted(self.cells)],
            "chosen": self.chosen,
            "asked": [{"asked": asked, "strength": s, **row(cell)} for asked, s, cell in self.asked],
            **findings.misses(self.errors(), self.prompts),
        }


def _overall(contests: list[_Contest]) -> dict[str, Any]:
    """Return a method's means over attributes and ends."""
    first = contests[0]
    chosen = [each for contest in contests for each in contest.at_ends()]
    timed = [cell for contest in contests for s, cell in contest.cells.items() if s != 0]
    return {
        **findings.together(chosen, first.prompts, first.judge),
        **findings.misses([each for contest in contests for each in contest.errors()], first.prompts),
        "tokens_per_second": findings.speed(timed),
    }
