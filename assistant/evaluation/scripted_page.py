"""Scripted people's chats as a page, transcripts to read, and plots of the way each voice went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

_LABELS = {
    "up": "thumbs up",
    "approval": "P(thumb up)",
    "distance": "distance of replies from the ideal",
}


def table(found: Mapping[str, Any]) -> str:
    """Return the summary as a Markdown table: per measure and block of turns, learning beside never changing."""
    lines = ["| | turns | learning | never changes | difference |", "|---|---|---|---|---|"]
    for key, blocks in found.items():
        for block, values in blocks.items():
            mean, half = values["difference"]
            lines.append(
                f"| {_LABELS[key]} | {block} | {values['learned']:.2f} | {values['neutral']:.2f} "
                f"| {mean:+.2f} ± {half:.2f} |"
            )
    return "\n".join(lines)


def transcript(record: Mapping[str, Any], number: int) -> str:
    """Return one person's chat to read: what they want, what was said, what they thought of it, and what that did."""
    person = record["person"]
    wants = ", ".join(
        f"{name} {person['ideal'][name]:.2f} (weight {weight:.2f})"
        for name, weight in person["weights"].items()
        if weight > 0
    )
    parts = [f"# Person {number}", f"Likes best: {wants}."]
    for place, step in enumerate(record["steps"], 1):
        alpha = ", ".join(f"{name} {value:.2f}" for name, value in step["profile"]["alpha"].items())
        quoted = "\n".join(f"> {line}" for line in step["reply"].splitlines())
        parts.append(f"**{place}. {step['prompt']}**\n\n{quoted}\n\nα: {alpha}; distance {step['distance']:.2f}")
        parts.append(f"`{step['verdict']}` {step['said']}")
    return "\n\n".join(parts) + "\n"


def plot(records: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Draw, for each person, the distance of each reply from the ideal and the way of every α over the turns.

    Raises:
        ImportError: matplotlib is not installed.
    """
    from matplotlib import pyplot

    names = list(records[0]["person"]["ideal"])
    figure, rows = pyplot.subplots(
        2, len(records), figsize=(2.2 * len(records), 4), sharex=True, sharey="row", squeeze=False
    )
    for column, record in enumerate(records):
        turns = range(1, len(record["steps"]) + 1)
        above, below = rows[0][column], rows[1][column]
        above.plot(turns, [step["distance"] for step in record["steps"]], color="C3", linewidth=0.8)
        still = record["neutral"]["distance"].values()
        above.axhline(sum(still) / len(still), color="0.5", linestyle=":", linewidth=0.8)
        for index, name in enumerate(names):
            weight = record["person"]["weights"][name]
            below.plot(
                turns,
                [step["profile"]["alpha"][name] for step in record["steps"]],
                color=f"C{index}",
                linewidth=0.6 + 3 * weight,
                label=name,
            )
        above.set_title(f"person {column + 1}", fontsize=8)
    rows[0][0].set_ylabel("distance")
    rows[1][0].set_ylabel("α")
    rows[1][-1].legend(fontsize=5)
    figure.tight_layout()
    figure.savefig(path)
    pyplot.close(figure)
