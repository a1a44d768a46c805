"""The paper's claims beside what the runs here found: each verdict is computed from a run's numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.evaluation.paper.statistics import Number, shown

Results = Mapping[str, Any]
AGREES, PARTLY, DIFFERS = "agrees", "partly", "differs"


@dataclass(frozen=True, slots=True)
class Finding:
    """A claim and what became of it."""

    claim: str
    """As the paper has it."""
    found: str
    """Here, with intervals."""
    verdict: str
    """`AGREES`, `PARTLY` or `DIFFERS`."""
    why: str
    """What may explain it; 135M parameters against 7B, chat against story prompts."""


def verdict(good: int, total: int) -> str:
    """Return `AGREES` for all, `DIFFERS` for fewer than half, `PARTLY` between."""
    return AGREES if good == total else PARTLY if 2 * good >= total else DIFFERS


def single(results: Results) -> list[Finding]:
    """Scores follow α between the anchors and somewhat beyond; perplexity and diversity hold there."""
    inside = {name: found["spearman_inside"] for name, found in results["findings"].items()}
    smooth = [name for name, rho in inside.items() if rho["mean"] >= 0.9]
    base, kept = results["base"], []
    for name, rows in results["curves"].items():
        stable = [row for row in rows if -1 <= row["alpha"] <= 2]
        kept += [name] if all(_holds(row, base) for row in stable) else []
    return [
        Finding(
            "Attribute scores change smoothly and predictably with α between the anchors.",
            "Spearman of α and score within [0, 1]: " + _each(inside),
            verdict(len(smooth), len(inside)),
            "Each place has few replies, so that a step back within the interval costs rank correlation.",
        ),
        Finding(
            "Extrapolation is stable to about α = −1 and 2.",
            f"Perplexity of the replies at most twice the base's, and distinct-2 at least 0.9 of it, from −1 to 2: "
            f"{', '.join(kept) or 'no attribute'}",
            verdict(len(kept), len(results["curves"])),
            "A small model leaves its manifold sooner; the experiment extrapolation finds where.",
        ),
    ]


def _holds(row: Results, base: Results) -> bool:
    if "broken" in row:
        return False
    fluent = row["perplexity"]["mean"] <= 2 * base["perplexity"]["mean"]
    return bool(fluent and row["distinct_2"]["mean"] >= 0.9 * base["distinct_2"]["mean"])


def pairs(results: Results) -> list[Finding]:
    """Most pairs have an area of 0.2 to 0.5."""
    if "planes" in results:
        return []
    found = []
    for lam in results["lambdas"]:
        rows = [row for row in results["pairs"] if row["lambda"] == lam]
        low = [row for row in rows if row["area"]["mean"] <= 0.5]
        clear = sum(row["ratio"]["low"] > 0 or row["ratio"]["high"] < 0 for row in rows)
        found.append(
            Finding(
                "Most pairs are little entangled (area 0.2 to 0.5).",
                f"λ = {lam:g} of the moved: area at most 0.5 for {len(low)} of {len(rows)} pairs; the net change is "
                f"clear of 0 for {clear}",
                verdict(len(low), len(rows)),
                "The area divides by the moved score's own change, which is small for the weaker voices, and noise "
                "counts as change.",
            )
        )
    return found


def simplex(results: Results) -> list[Finding]:
    """Scores follow λ."""
    rhos = {
        f"{name} at {face['alpha'][name]:g}": face["follow"][name]
        for face in results["faces"]
        for name in results["three"]
    }
    good = [rho for rho in rhos.values() if rho["low"] > 0]
    return [
        Finding(
            "A larger λ brings an attribute's score nearer to its pole.",
            "Spearman over the simplex: " + _each(rhos),
            verdict(len(good), len(rhos)),
            "The means of the anchors are common to all attributes and mix in whatever the λ.",
        )
    ]


def mixtures(results: Results) -> list[Finding]:
    """Interpolation is close to a custom model."""
    mae = results["mae"]
    near = [mae[which]["interpolation"]["low"] <= mae[which]["reseeded"]["high"] for which in ("own", "all")]
    return [
        Finding(
            "Interpolation closely matches models fine-tuned on mixtures of the poles' texts.",
            f"mean absolute error {shown(mae['all']['interpolation'])} over all scores, noise floor "
            f"{shown(mae['all']['reseeded'])}; of the own score {shown(mae['own']['interpolation'])}, floor "
            f"{shown(mae['own']['reseeded'])}",
            verdict(sum(near), 2),
            "A model fine-tuned on both poles switches between them from reply to reply, where interpolation stands "
            "between them in every reply.",
        )
    ]


CLAIMS: dict[str, Callable[[Results], list[Finding]]] = {
    "single": single,
    "pairs": pairs,
    "simplex": simplex,
    "mixtures": mixtures,
}
"""By experiment."""


def table(records: Sequence[Mapping[str, Any]]) -> str:
    """Return the claims with their verdicts as Markdown."""
    lines = ["| the paper | here | verdict | why that might be |", "|---|---|---|---|"]
    for record in records:
        claims = CLAIMS.get(record["experiment"])
        for found in claims(record["results"]) if claims else []:
            lines.append(f"| {found.claim} | {found.found} | **{found.verdict}** | {found.why} |")
    return "\n".join(lines)


def _each(values: Mapping[str, Number]) -> str:
    return ", ".join(f"{name} {shown(value)}" for name, value in values.items())
