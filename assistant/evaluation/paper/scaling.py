"""The experiment "scaling": up to eight times the attributes, what they cost and what they entangle."""

from __future__ import annotations

import gc
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from assistant.evaluation.paper import crowd, drawing
from assistant.evaluation.paper import statistics as stats
from assistant.evaluation.paper.beside import Beside, beside
from assistant.evaluation.paper.cells import Cell
from assistant.evaluation.paper.experiments import Source
from assistant.evaluation.paper.lab import Lab, Plan, Vector
from assistant.evaluation.paper.progress import Progress
from assistant.evaluation.paper.statistics import Number, Rows, shown
from assistant.evaluation.speed.compose import Changes
from assistant.evaluation.speed.timing import rounds
from assistant.style import Compose, Profile, coefficients

TITLE = "More attributes"
SMALL = Plan(prompts=8)
FULL = Plan(full=True, prompts=40)
TIMES = (1, 2, 4, 8)
"""Attributes, as multiples of the real ones."""
WAYS = (Compose.CENTRED, Compose.PAPER)
DRAWS = {False: 1, True: 3}
"""Random places of the synthetic attributes, per moved one."""
REPEATS = {False: 7, True: 25}
"""Counted rounds of the timings."""

Ends = list[list[Cell]]
"""Per moved attribute and draw the cells of its low and of its high end."""


def run(lab: Lab, source: Source, options: Mapping[str, Any]) -> dict[str, Any]:
    """Measure cost and entanglement for each number of attributes.

    Each real attribute goes from α = 0 to 1, the other real ones at ½, λ even, while the synthetic ones stay at random
    α, the same for both ends.

    Returns:
        "cost": per number of attributes the milliseconds of a full composition and of one attribute's change, MB
        beside the base and on disk; "rows": per number and composition the change of the moved score ("own"), the
        mean magnitude of the others' ("leak"), their ratio, its change against the real attributes alone, and the
        perplexity of the replies under the base.
    """
    full, real = lab.plan.full, lab.names
    counts = [times * len(real) for times in TIMES]
    progress = lab.progress(len(counts) * (1 + len(WAYS) * len(real) * 2 * DRAWS[full]))
    cost: list[dict[str, Any]] = []
    ends: dict[tuple[int, str], Ends] = {}
    for count in counts:
        spent, found = _measured(lab, source, count, progress)
        cost.append({"attributes": count, **spent})
        ends |= {(count, way): pairs for way, pairs in found.items()}
        gc.collect()  # an engine holds a copy of the weights
    rows = []
    for way in WAYS:
        alone = _Measured(lab, ends[counts[0], way])
        rows += [
            {"attributes": count, "compose": str(way), **_row(_Measured(lab, ends[count, way]), alone)}
            for count in counts
        ]
    return {"real": len(real), "cost": cost, "rows": rows, "draws": DRAWS[full]}


def _measured(lab: Lab, source: Source, count: int, progress: Progress) -> tuple[dict[str, Any], dict[Compose, Ends]]:
    """Return the cost of `count` attributes, and the cells of both ends per composition; a bank is made if need be."""
    everyone, key = crowd.names(lab.names, count), f"{count} cost"
    places = {way: _places(lab.names, everyone, way, lab.plan) for way in WAYS}
    missing = [key, *(each for way in WAYS for each in places[way])]
    with ExitStack() as stack:
        bench, timed = lab, dict
        if any(each not in lab.cells for each in missing):
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "bank"
            size = crowd.write(source.bank, count, lab.plan.seed, folder)
            bench = stack.enter_context(beside(lab, source, folder, 2 * count))
            timed = partial(_timed, bench, everyone, size, REPEATS[lab.plan.full])  # type: ignore[assignment]
        known = key in lab.cells
        spent = _cost(lab.cells.get(key, timed))
        progress.step(key, not known)
        found: dict[Compose, Ends] = {}
        for way in WAYS:
            cells = [bench.at(each, k, progress) for each, k in places[way].items()]
            found[way] = [cells[at : at + 2] for at in range(0, len(cells), 2)]
    return spent, found


def _places(real: Sequence[str], everyone: Sequence[str], way: Compose, plan: Plan) -> dict[str, Vector]:
    """Return the coefficients of every cell: both ends of each real attribute, one after the other."""
    found: dict[str, Vector] = {}
    neutral = Profile.neutral(everyone).with_options(compose=way, strength=1.0)
    for at, name in enumerate(real):
        for draw in range(DRAWS[plan.full]):
            drawn = np.random.default_rng([plan.seed, at, draw]).random(len(everyone) - len(real))
            others = {key: float(value) for key, value in zip(everyone[len(real) :], drawn, strict=True)}
            for alpha in (0.0, 1.0):
                placed = neutral.with_alpha({**others, name: alpha})
                found[f"{len(everyone)} {way} {name} {alpha:g} {draw}"] = coefficients(placed, everyone)
    return found


def _timed(bench: Lab, everyone: Sequence[str], size: int, repeats: int) -> dict[str, Any]:
    assert isinstance(bench.engine, Beside)
    engine = bench.engine.engine
    changes = Changes(engine, everyone)
    runs = rounds({"full_ms": changes.full_ms, "one_ms": changes.one_attribute_ms}, repeats)
    bench.engine.rest()
    return {
        **{name: [round(value, 3) for value in values] for name, values in runs.items()},
        "memory_mb": round(engine.composer.extra_bytes / 2**20, 1),
        "disk_mb": round(size / 2**20, 2),
    }


def _cost(cell: Cell) -> dict[str, Any]:
    def middle(values: Sequence[float]) -> Number:
        array = np.array(values)
        return stats.bootstrap(lambda rows: float(np.median(array[rows])), len(array))

    return {
        "full_ms": middle(cell["full_ms"]),
        "one_ms": middle(cell["one_ms"]),
        "memory_mb": cell["memory_mb"],
        "disk_mb": cell["disk_mb"],
    }


class _Measured:
    """The cells of one number of attributes, as changes per prompt; a pair with a broken end does not count."""

    def __init__(self, lab: Lab, ends: Ends) -> None:
        self.prompts, names = len(lab.prompts), lab.names
        pairs = len(ends) // len(names)
        whole = [not any("broken" in cell for cell in pair) for pair in ends]
        self.broken = whole.count(False)
        self.moved = [at // pairs for at, kept in enumerate(whole) if kept]
        self.cells = [cell for pair, kept in zip(ends, whole, strict=True) if kept for cell in pair]
        self.changes = np.array(
            [
                [self._of(pair[1], name) - self._of(pair[0], name) for name in names]
                for pair, kept in zip(ends, whole, strict=True)
                if kept
            ]
        )
        """Shape (pairs, attributes, prompts)."""

    def _of(self, cell: Cell, name: str) -> Any:
        return stats.by_prompt(cell["scores"][name], self.prompts)

    def own(self, rows: Rows) -> float:
        """Return the mean change of the moved attribute's score."""
        found = self.changes[:, :, rows].mean(-1)
        return float(np.mean([found[at, moved] for at, moved in enumerate(self.moved)]))

    def leak(self, rows: Rows) -> float:
        """Return the mean magnitude of the other attributes' changes."""
        found = np.abs(self.changes[:, :, rows].mean(-1))
        return float(np.mean([np.delete(found[at], moved) for at, moved in enumerate(self.moved)]))

    def ratio(self, rows: Rows) -> float:
        """Return leak over own."""
        return self.leak(rows) / max(abs(self.own(rows)), 1e-3)


def _row(found: _Measured, alone: _Measured) -> dict[str, Any]:
    if not found.cells or not alone.cells:
        return {"broken": found.broken}
    n = found.prompts
    merged = {key: [value for cell in found.cells for value in cell[key]] for key in ("nats", "tokens")}
    return {
        "own": stats.bootstrap(found.own, n),
        "leak": stats.bootstrap(found.leak, n),
        "ratio": stats.bootstrap(found.ratio, n),
        "more": stats.bootstrap(lambda rows: found.ratio(rows) - alone.ratio(rows), n),
        "kept": stats.bootstrap(lambda rows: found.own(rows) / max(abs(alone.own(rows)), 1e-3), n),
        "perplexity": stats.perplexity(merged, n),
        "loops": sum(stats.loops(cell) for cell in found.cells),
        "count": sum(len(cell["replies"]) for cell in found.cells),
        "broken": found.broken,
    }


def verdict(results: Mapping[str, Any]) -> list[str]:
    """Return what the numbers say, in sentences."""
    first, last = results["cost"][0], results["cost"][-1]
    times = last["attributes"] / first["attributes"]
    costs = ", ".join(
        f"{title} {last[key]['mean'] / first[key]['mean']:.1f}"
        for key, title in (("full_ms", "a full composition"), ("one_ms", "a change of one"))
    )
    lines = [
        f"{times:g} times the attributes take, times their cost: {costs}, memory "
        f"{last['memory_mb'] / first['memory_mb']:.1f}, disk {last['disk_mb'] / first['disk_mb']:.1f}."
    ]
    for way in WAYS:
        row = next(row for row in reversed(results["rows"]) if row["compose"] == way)
        if "own" not in row:
            lines.append(f"{way}: with {row['attributes']} attributes the model breaks.")
            continue
        more = row["more"]
        grown = "grows" if more["low"] > 0 else "falls" if more["high"] < 0 else "does not measurably change"
        heard = "is lost in the noise" if row["own"]["low"] <= 0 else f"keeps {shown(row['kept'])} of its range"
        lines.append(
            f"{way}: with {row['attributes']} attributes a moved one {heard}; what it moves of the others, over its "
            f"own, {grown} ({more['mean']:+.2f} [{more['low']:+.2f}, {more['high']:+.2f}])."
        )
    return lines


def table(results: Mapping[str, Any]) -> str:
    """Return verdict, costs and entanglement."""
    lines = [*verdict(results), ""]
    lines += [
        "| attributes | full composition, ms | one attribute, ms | MB in memory | MB on disk |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {row['attributes']} | {shown(row['full_ms'], 1)} | {shown(row['one_ms'], 1)} | "
        f"{row['memory_mb']:.0f} | {row['disk_mb']:.1f} |"
        for row in results["cost"]
    ]
    lines += [
        "",
        f"Medians, with intervals over rounds. Beyond {results['real']}, attributes are synthetic: trained anchors "
        "with permuted rows and columns. Below, a real one moves from α = 0 to 1, synthetic ones are at random.",
        "",
        "| composition | attributes | own change | mean change of others | ratio | perplexity | loops | broken |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in results["rows"]:
        if "own" not in row:
            lines.append(f"| {row['compose']} | {row['attributes']} | the model breaks | | | | | {row['broken']} |")
            continue
        cells = [shown(row[key]) for key in ("own", "leak", "ratio", "perplexity")]
        loops = f"{row['loops']} of {row['count']}"
        lines.append(f"| {row['compose']} | {row['attributes']} | {' | '.join(cells)} | {loops} | {row['broken']} |")
    return "\n".join(lines)


def plots(results: Mapping[str, Any], folder: Path) -> list[Path]:
    """Draw cost, own change, leak and perplexity against the number of attributes."""
    with drawing.figure(2, 2, folder / "scaling.svg") as (axes, path):
        x = [row["attributes"] for row in results["cost"]]
        for key, title in (("full_ms", "full"), ("one_ms", "one attribute")):
            drawing.band(axes[0], x, [row[key] for row in results["cost"]], title)
        axes[0].set_ylabel("composition, ms")
        axes[0].legend()
        panels = (("own", "own change"), ("leak", "mean change of others"), ("perplexity", "perplexity of replies"))
        for axis, (key, title) in zip(axes[1:], panels, strict=True):
            for way in WAYS:
                rows = [row for row in results["rows"] if row["compose"] == way and "own" in row]
                drawing.band(axis, [row["attributes"] for row in rows], [row[key] for row in rows], str(way))
            axis.set_ylabel(title)
            axis.legend()
        for axis in axes:
            axis.set_xlabel("attributes")
            axis.set_xscale("log", base=2)
            axis.set_xticks(x, [str(value) for value in x])
    return [path]
