"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from assistant.engine.arithmetic import Arithmetic as Arithmetics
from assistant.style import Compose, parse_assignments

Alpha = Annotated[
    list[str] | None,
    typer.Option(
        "--alpha", metavar="ATTR=X", help="Position of an attribute: 0 is its low pole, 1 its high pole. Repeatable."
    ),
]
Lambda = Annotated[
    list[str] | None,
    typer.Option(
        "--lambda", metavar="ATTR=X", help="Share of an attribute; the others share the rest of 1. Repeatable."
    ),
]
Strength = Annotated[
    float | None, typer.Option("--strength", help="How far voices are carried; 1 is the anchors' own.")
]
Composition = Annotated[Compose | None, typer.Option("--compose", help="How the anchors are mixed.")]
User = Annotated[str | None, typer.Option("--user", help="Whose profile and conversations.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Model = Annotated[
    str | None, typer.Option("--model", help="Base model: a folder or hub id. Default: the embedded one.")
]
Bank = Annotated[Path | None, typer.Option("--bank", help="Folder of the bank. Default: the shipped one.")]
Device = Annotated[
    str | None, typer.Option("--device", help="Where to run: cpu, cuda, mps. Default: the best there is.")
]
Arithmetic = Annotated[
    Arithmetics | None,
    typer.Option(
        "--arithmetic", help="How to compute: the fastest that is faithful (auto, the default), or one of these."
    ),
]
Extend = Annotated[
    Path | None,
    typer.Option("--extend", metavar="BANK", help="Add to the bank in this folder; `shipped` is the shipped one."),
]
Seed = Annotated[int | None, typer.Option("--seed", help="Same seed, same reply.")]
Temperature = Annotated[float | None, typer.Option("--temperature", help="0 takes the most likely word each time.")]
MaxTokens = Annotated[int | None, typer.Option("--max-tokens", help="The reply ends here at the latest.")]


def voice(
    alpha: list[str] | None, lambda_: list[str] | None, strength: float | None, compose: Compose | None
) -> dict[str, Any]:
    """Return the arguments for `Profile.with_options` that the four options of a voice mean.

    Raises:
        ProfileError: an assignment cannot be read.
    """
    return {
        "alpha": parse_assignments(alpha or (), "--alpha"),
        "lambda_": parse_assignments(lambda_ or (), "--lambda"),
        "strength": strength,
        "compose": compose,
    }


def extended(given: Path) -> Path:
    """Return the folder of the bank that `--extend` names."""
    from assistant import locations

    return locations.default_bank() if str(given) == "shipped" and not given.is_dir() else given
