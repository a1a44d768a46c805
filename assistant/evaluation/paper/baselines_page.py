"""Tables and pictures of the experiment "baselines", from its results alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assistant.evaluation.paper import drawing
from assistant.evaluation.paper.statistics import Number, shown

ENDS = ("low", "high")


def _number(value: Mapping[str, float | None] | None, digits: int = 2) -> str:
    """Return a number for a table; one that is not there, or has no value, is a dash."""
    if value is None:
        return "–"
    mean, low, high = (value[key] for key in ("mean", "low", "high"))
    if mean is None:
        return "–"
    if low is None or high is None:
        return f"{mean:.{digits}f}"
    return shown({"mean": mean, "low": low, "high": high}, digits)


def table(results: Mapping[str, Any]) -> str:
    """Return means per method, then each attribute and end at the chosen strengths, then the matched comparisons."""
    lines = [_how(results), "", *_overall(results)]
    for name, methods in results["attributes"].items():
        for end in ENDS:
            lines += ["", *_chosen(results, name, end, methods)]
    for by, what in (("score", "score towards the pole"), ("kl", "KL from the base, nats per token")):
        lines += ["", *_matched(results, by, what)]
    return "\n".join(lines)


def _how(results: Mapping[str, Any]) -> str:
    base = results["base"]
    return (
        f"Strengths were chosen on {results['development']} validation prompts: the highest score towards the pole "
        f"with a perplexity under the base of at most {results['bound']:g} times that of its own replies. The "
        f"independent judge is a Kneser–Ney trigram model of words learned from {results['passages']} passages of "
        f"{results['corpus']}: weak, but nothing here had a part in it; its perplexity per word compares methods and "
        f"means little by itself. "
        f"KL is that of the base from the method, KL(base ‖ method), over the base's own replies. The base itself: "
        f"perplexity {_number(base['perplexity'])}, trigram {_number(base['trigram'], 0)}, distinct-2 "
        f"{_number(base['distinct_2'])}, {base['loops'] + base['empty']} of {base['count']} replies degenerate, "
        f"{_number(results['base_speed'], 0)} tokens/s in the same batches."
    )


def _overall(results: Mapping[str, Any]) -> list[str]:
    lines = [
        "| method | score towards the pole | MAE to the asked score | of single replies | perplexity, base | trigram | "
        "KL | distinct-1 | distinct-2 | distinct-3 | degenerate | tokens/s |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for method, found in results["overall"].items():
        if "score" not in found:
            lines.append(f"| {results['titles'][method]} | the model breaks | | | | | | | | | | |")
            continue
        cells = [_number(found[key]) for key in ("score", "mae", "mae_reply", "perplexity")]
        cells += [_number(found["trigram"], 0), _number(found["kl"])]
        cells += [_number(found[f"distinct_{n}"]) for n in (1, 2, 3)]
        cells += [f"{found['degenerate']} of {found['count']}", _number(found["tokens_per_second"], 0)]
        lines.append(f"| {results['titles'][method]} | {' | '.join(cells)} |")
    return lines


def _chosen(results: Mapping[str, Any], name: str, end: str, methods: Mapping[str, Any]) -> list[str]:
    lines = [
        f"| {name}, {end} end | strength | score | perplexity, base | trigram | KL | distinct-1 | distinct-2 | "
        "distinct-3 | loops | empty |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for method, found in methods.items():
        strength = found["chosen"][end]
        if strength is None:
            lines.append(f"| {results['titles'][method]} | the model breaks | | | | | | | | | |")
            continue
        row = next(row for row in found["rows"] if row["strength"] == strength)
        cells = [f"{abs(strength):g}", _number(row["scores"][name]), _number(row["perplexity"])]
        cells += [_number(row["trigram"], 0), _number(row["kl"])]
        cells += [_number(row[f"distinct_{n}"]) for n in (1, 2, 3)]
        cells += [f"{row[key]} of {row['count']}" for key in ("loops", "empty")]
        lines.append(f"| {results['titles'][method]} | {' | '.join(cells)} |")
    return lines


def _matched(results: Mapping[str, Any], by: str, what: str) -> list[str]:
    other = "kl" if by == "score" else "score"
    title = {"kl": "KL", "score": "score towards the pole"}[other]
    lines = [
        f"| at equal {what} | level | method | {title} | perplexity, base | trigram | distinct-2 |",
        "|---|---|---|---|---|---|---|",
    ]
    for entry in results["matched"]:
        if entry["by"] != by:
            continue
        for method, found in entry["methods"].items():
            cells = [_number(found[other]), _number(found["perplexity"]), _number(found["trigram"], 0)]
            cells.append(_number(found["distinct_2"]))
            lines.append(
                f"| {entry['attribute']}, {entry['end']} | {entry['level']:g} | {results['titles'][method]} | "
                f"{' | '.join(cells)} |"
            )
    return lines


def plots(results: Mapping[str, Any], folder: Path) -> list[Path]:
    """Draw score against perplexity under the base, and against KL from it, a line per method."""
    attributes = results["attributes"]
    panels = [(name, key) for name in attributes for key in ("perplexity", "kl")]
    with drawing.figure(len(attributes), 2, folder / "baselines.svg", (5.0, 3.6)) as (axes, path):
        for (name, key), axis in zip(panels, axes, strict=True):
            for number, (method, found) in enumerate(attributes[name].items()):
                _curve(axis, found["rows"], name, key, results["titles"][method], f"C{number}")
            axis.axhline(results["base"]["scores"][name]["mean"], color="#888888", linewidth=0.8, linestyle=":")
            axis.set_title(name)
            axis.set_ylabel("attribute score")
            axis.set_xlabel(
                "perplexity of replies under the base" if key == "perplexity" else "KL from the base, nats per token"
            )
            axis.set_xscale(*(("log",) if key == "perplexity" else ("linear",)))
        axes[0].legend(fontsize=6)
    return [path]


def _curve(axis: Any, rows: list[Mapping[str, Any]], name: str, key: str, title: str, colour: str) -> None:
    """Draw one method's strengths, in their order, with the intervals of both sides."""
    kept = [row for row in rows if "broken" not in row]
    if not kept:
        return
    x, y = [row[key] for row in kept], [row["scores"][name] for row in kept]
    axis.errorbar(
        [each["mean"] for each in x],
        [each["mean"] for each in y],
        xerr=_bars(x),
        yerr=_bars(y),
        color=colour,
        label=title,
        marker="o",
        markersize=3,
        linewidth=1.2,
        elinewidth=0.4,
    )


def _bars(numbers: list[Number]) -> list[list[float]]:
    """Return how far the intervals reach below and above."""
    return [
        [max(0.0, each["mean"] - each["low"]) for each in numbers],
        [max(0.0, each["high"] - each["mean"]) for each in numbers],
    ]
