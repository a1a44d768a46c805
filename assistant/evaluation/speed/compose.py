"""`assistant bench compose`: what a change of profile costs, beside PEFT's way and the machine's own product rate."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from assistant.anchors.bank import Bank, load_bank
from assistant.engine.arithmetic import Arithmetic, dtype_of
from assistant.engine.base_model import load_base
from assistant.engine.engine import Engine
from assistant.engine.sampling import Sampling
from assistant.evaluation.rivals.peft_ways import Peft
from assistant.evaluation.speed.profiles import STORY, all_moved
from assistant.evaluation.speed.timing import Report, best, medians, resident_mb, rounds, seconds, surroundings
from assistant.style import coefficients

SQUARE = 1024
"""Side of the square product that shows the machine at its best."""


def run(
    bank_folder: Path, reference: str | None, arithmetic: str, repeats: int, report: Report = lambda done, total: None
) -> dict[str, Any]:
    """Measure composition on the CPU.

    Args:
        bank_folder: the bank.
        reference: base model as `load_base` takes it.
        arithmetic: the engine's; see `Engine.load`.
        repeats: counted rounds.
        report: told of each.

    Returns:
        Medians: milliseconds of a full composition and until the engine can speak, of a change of one attribute until
        the engine can speak, of what is then left for the background, and of PEFT's concatenation, merge and unmerge;
        GFLOP/s that a full composition achieves, and of the same products alone and of a square one; MB above the base
        model; the single runs, and the machine.

    Raises:
        BankError: the bank is damaged or made for another model.
        ModelError: the model cannot be loaded.
    """
    cpu = torch.device("cpu")
    bank = load_bank(bank_folder)
    wanted = Arithmetic(arithmetic)
    base = load_base(reference, cpu, dtype_of(wanted, cpu))
    _touch(base.model)
    before = resident_mb()
    engine = Engine(base, bank_folder, wanted)
    engine.compose(all_moved(bank.card.names))
    engine.fold()
    next(engine.tokens(engine.encode(STORY), Sampling(max_tokens=1, seed=1)), None)
    extra = resident_mb() - before
    peft = Peft(load_base(reference, cpu, torch.float32), bank)
    mixed = Changes(engine, bank.card.names)
    product, square = Products(bank), Square()

    def peft_once() -> float:
        taken = seconds(lambda: peft.merge_and_unmerge(list(mixed.full)))
        peft.tidy()
        return 1000 * taken

    runs = rounds(
        {
            "full_ms": mixed.full_ms,
            "full_ready_ms": mixed.full_ready_ms,
            "one_attribute_ms": mixed.one_attribute_ms,
            "fold_ms": mixed.fold_ms,
            "peft_ms": peft_once,
            "machine_gflops": product.gflops,
            "machine_best_gflops": square.gflops,
        },
        repeats,
        report,
    )
    found = medians(runs)
    return {
        **found,
        "best": best(runs),
        "achieved_gflops": round(product.flop / found["full_ms"] / 1e6, 2),
        "gflop": product.flop / 1e9,
        "extra_memory_mb": round(extra, 1),
        "extra_buffers_mb": round(engine.composer.extra_bytes / 2**20, 1),
        "arithmetic": str(engine.arithmetic),
        "anchors": 2 * len(bank.card.attributes),
        "rank": bank.card.rank,
        "runs": runs,
        **surroundings(),
    }


@torch.inference_mode()
def _touch(model: Any) -> None:
    """Run the model once, so that all its weights are in memory."""
    model(torch.tensor([[0, 1, 2]]))


class Changes:
    """Changes of profile to time, each from a state in which nothing is left to do."""

    def __init__(self, engine: Engine, names: Sequence[str]) -> None:
        self._composer, self._engine = engine.composer, engine
        self._targets = cycle([coefficients(all_moved(names, alpha), names) for alpha in (0.9, 0.2)])
        self._steps = cycle((0.8, 0.3, 0.6, 0.1))
        self.full: NDArray[np.float64] = next(self._targets)
        """Coefficients of the last full composition."""
        self._ready_ms = 0.0

    def full_ms(self) -> float:
        """Move every attribute; return milliseconds until the weights are wholly composed."""
        self._settle()
        self.full = next(self._targets)
        self._ready_ms = 1000 * seconds(lambda: self._composer.set(self.full))
        return self._ready_ms + 1000 * seconds(self._engine.fold)

    def full_ready_ms(self) -> float:
        """Return milliseconds of that until the engine could speak."""
        return self._ready_ms

    def one_attribute_ms(self) -> float:
        """Move one attribute; return milliseconds until the engine can speak."""
        self._settle()
        k = self.full.copy()
        pull = next(self._steps) - 0.5
        k[0], k[1] = -pull, pull
        return 1000 * seconds(lambda: self._composer.set(k))

    def fold_ms(self) -> float:
        """Return milliseconds of what the last change left for the background."""
        return 1000 * seconds(self._engine.fold)

    def _settle(self) -> None:
        self._composer.set(self.full)
        self._engine.fold()


class Products:
    """The products of a full composition alone, into results that stay in the cache."""

    def __init__(self, bank: Bank) -> None:
        shared = all(factor.shared for factor in bank.factors.values())
        rank = bank.card.rank * len(bank.card.attributes) * (1 if shared else 2)
        shapes = [(factor.b.shape[1], factor.a.shape[2]) for factor in bank.factors.values()]
        self._parts = {
            (out, into): (torch.randn(out, rank), torch.randn(rank, into), torch.empty(out, into))
            for out, into in set(shapes)
        }
        self._shapes = shapes
        self.flop: int = sum(2 * out * into * rank for out, into in shapes)
        """Floating-point operations of one full composition."""

    def gflops(self) -> float:
        """Return 10⁹ operations per second."""
        return self.flop / seconds(self._all) / 1e9

    def _all(self) -> None:
        for shape in self._shapes:
            b, a, result = self._parts[shape]
            torch.mm(b, a, out=result)


class Square:
    """A large square product, the machine's best case."""

    def __init__(self, side: int = SQUARE) -> None:
        self._side = side
        self._left, self._right, self._result = (torch.ones(side, side) for _ in range(3))

    def gflops(self) -> float:
        """Return 10⁹ operations per second."""
        return 2 * self._side**3 / seconds(lambda: torch.mm(self._left, self._right, out=self._result)) / 1e9


def table(results: dict[str, Any]) -> list[str]:
    """Return lines for people."""
    share = results["achieved_gflops"] / results["machine_gflops"]
    return [
        f"full composition {results['full_ms']:.1f} ms, able to speak after {results['full_ready_ms']:.1f} ms; PEFT "
        f"{results['peft_ms']:.0f} ms ({results['peft_ms'] / results['full_ms']:.1f} times as long)",
        f"one attribute {results['one_attribute_ms']:.1f} ms, {results['fold_ms']:.1f} ms more in the background",
        f"{results['achieved_gflops']:.0f} GFLOP/s, {share:.0%} of {results['machine_gflops']:.0f} for these products; "
        f"{results['machine_best_gflops']:.0f} at best",
        f"{results['extra_memory_mb']:.0f} MB above the base model; {results['arithmetic']}, medians of "
        f"{len(results['runs']['full_ms'])}, {results['threads']} threads; {results['machine']}",
    ]
