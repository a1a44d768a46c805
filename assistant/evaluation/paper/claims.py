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
    """`AGREES`, `PARTLY` or `DIFFERS`; of an open question, its answer."""
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


RIVALS = ("dexperts", "arithmetic_experts", "arithmetic_prompts")
"""What the paper compares itself with."""


def baselines(results: Results) -> list[Finding]:
    """Interpolation reaches asked scores more nearly than DExperts and model arithmetic, with more diversity."""
    titles, ours = results["titles"], results["overall"]["centred"]
    rivals = {name: row for name, row in results["overall"].items() if name in RIVALS and "score" in row}
    found = []
    for key, what, sign in (("mae", "mean absolute error to the asked score", -1), ("distinct_2", "distinct-2", 1)):
        won = [name for name, row in rivals.items() if sign * (ours[key]["mean"] - row[key]["mean"]) >= 0]
        clear = [name for name in won if _apart(ours[key], rivals[name][key])]
        found.append(
            Finding(
                f"Interpolation has the better {what} than DExperts and model arithmetic.",
                f"{what}: ours {shown(ours[key])}; "
                + ", ".join(f"{titles[name]} {shown(row[key])}" for name, row in rivals.items())
                + f"; clear of the intervals against {len(clear)} of {len(rivals)}",
                verdict(len(won), len(rivals)),
                "All use the same anchors and prompts here, each at a strength tuned for it.",
            )
        )
    return found


def _apart(one: Number, other: Number) -> bool:
    return one["high"] < other["low"] or one["low"] > other["high"]


def extrapolation(results: Results) -> list[Finding]:
    """There is a stable regime beyond the anchors; and whose limit it is."""
    alone = [ray for ray in results["rays"] if ray["kind"] == "alone"]
    beyond = [ray for ray in alone if ray["open"] or ray["c"]["mean"] > 1]
    edges = ", ".join(f"{_side(ray)} {shown(ray['alpha'])}" for ray in alone)
    cv, winner = results["units"]["cv"], results["units"]["winner"]
    return [
        Finding(
            "There is a stable regime beyond the anchors, to about α = −1 and 2.",
            f"α at which perplexity, distinct-2, repetition or KL leaves the band of the interpolation region: {edges}",
            verdict(len(beyond), len(alone)),
            "A band that includes KL from the base is left by any movement that is large enough, however fluent.",
        ),
        Finding(
            "(Open question 2) To what does the limit belong?",
            f"coefficient of variation of the limits: {_each(cv)}; the least has {winner}",
            winner,
            "Strength, company and attribute all change how far α carries the weights.",
        ),
    ]


def _side(ray: Results) -> str:
    (name, sign), *_ = ray["signs"].items()
    return f"{name} {'+' if sign > 0 else '−'}"


def geometry(results: Results) -> list[Finding]:
    """Orthogonal updates are why attributes stay apart."""
    from assistant.evaluation.paper import geometry as module

    cosine = results["predicts"]["cosine"]
    supported = cosine["rho"]["low"] > 0 and cosine["p"] <= 0.05
    return [
        Finding(
            "LoRA updates are largely orthogonal, which is why interpolation keeps attributes apart.",
            " ".join(module.verdict(results)),
            AGREES if supported else PARTLY if cosine["rho"]["low"] > 0 else DIFFERS,
            "All anchors share prompts and a base, so what their texts have in common is in each of them.",
        )
    ]


def scaling(results: Results) -> list[Finding]:
    """Cost and entanglement as attributes grow (the review's question)."""
    from assistant.evaluation.paper import scaling as module

    rows = {row["compose"]: row for row in results["rows"] if "own" in row}  # the last of each: the most attributes
    kept = [row for row in rows.values() if row["own"]["low"] > 0]
    return [
        Finding(
            "(Validation question) Does it scale to ten attributes and more?",
            " ".join(module.verdict(results)),
            verdict(len(kept), 2),
            "Paper composition gives each of n attributes 1/n; centred composition gives each its whole direction.",
        )
    ]


def disentangle(results: Results) -> list[Finding]:
    """Can the correlation of attributes be undone?"""
    from assistant.evaluation.paper import disentangle as module

    judged = [module.judged(row)["wins"] for row in results["ways"].values() if "less" in row]
    return [
        Finding(
            "(Open question 1) Can the entanglement of attributes be reduced?",
            " ".join(module.verdict(results)),
            "yes" if any(judged) else "not by these",
            "The response is measured at c = ±½ and is not linear as far as the anchors.",
        )
    ]


CLAIMS: dict[str, Callable[[Results], list[Finding]]] = {
    "single": single,
    "pairs": pairs,
    "simplex": simplex,
    "mixtures": mixtures,
    "baselines": baselines,
    "extrapolation": extrapolation,
    "geometry": geometry,
    "scaling": scaling,
    "disentangle": disentangle,
}
"""By experiment."""


def table(records: Sequence[Mapping[str, Any]]) -> str:
    """Return the claims with their verdicts as Markdown."""
    lines = ["| the paper | here | verdict | why that might be |", "|---|---|---|---|"]
    for record in records:
        claims = CLAIMS.get(record["experiment"])
        for found in claims(record["results"]) if claims else []:
            cells = [found.claim, found.found, f"**{found.verdict}**", found.why]
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines)


def _each(values: Mapping[str, Number]) -> str:
    return ", ".join(f"{name} {shown(value)}" for name, value in values.items())
