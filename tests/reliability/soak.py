"""Hours of chat through the real interface, and what the process holds meanwhile.

python -m tests.reliability.soak --hours 8 --accelerated     a scripted engine, as fast as it goes
python -m tests.reliability.soak --real --minutes 60         the real model and the shipped bank
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from assistant import locations
from assistant.chat.host import ModelHost
from assistant.chat.launch import make_host
from assistant.chat.learning import Learning
from assistant.chat.session import Chat
from assistant.chat.workspace import Workspace
from assistant.evaluation.report import machine
from tests.reliability.memory import Sample, sample, trend
from tests.reliability.person import PER_HOUR, Person
from tests.reliability.speaking import Scripted, measure
from tests.tui.screen import opened

LIMITS = {"rss_mb": 1.0, "objects": 1500.0, "threads": 0.5, "files": 0.5}
"""Growth per hour that still counts as flat, for the upper bound of the interval.

One lost object per act would be 300 an hour, and a lost message with its widgets about 20,000 an hour and 5 MB.
"""


async def soak(
    chat: Chat,
    until: Callable[[int, float], bool],
    hours: Callable[[int, float], float],
    every: int,
    patience: float,
    seed: int = 0,
) -> tuple[list[Sample], dict[str, int]]:
    """Chat, and measure at every so many acts.

    Args:
        chat: what is talked with.
        until: from acts and seconds to whether it is enough.
        hours: from acts and seconds to the person's time.
        every: acts between two samples.
        patience: seconds for one act.
        seed: what is done.
    """
    rows = (locations.data() / "prompts.jsonl").read_text(encoding="utf-8").splitlines()
    prompts = [row["prompt"] for row in map(json.loads, rows) if not row["history"]]
    began, samples = time.monotonic(), []
    async with opened(chat, (100, 30)) as screen:
        person = Person(screen, prompts, seed, patience)
        acts = 0
        while not until(acts, time.monotonic() - began):
            await person.act()
            acts += 1
            if acts % every == 0:
                samples.append(sample(hours(acts, time.monotonic() - began), acts))
                print(json.dumps(asdict(samples[-1])), file=sys.stderr, flush=True)
    return samples, dict(sorted(person.done.items()))


def verdicts(samples: list[Sample]) -> dict[str, dict[str, Any]]:
    """Return, for each thing that is measured, its growth per hour and whether that is flat."""
    hours = [each.hours for each in samples]
    found = {}
    for name, limit in LIMITS.items():
        grown = trend(hours, [float(getattr(each, name)) for each in samples])
        found[name] = {**asdict(grown), "limit": limit, "flat": grown.high < limit}
    return found


def accelerated(acts: int, every: int, seed: int = 0) -> dict[str, Any]:
    """Do so many acts with the scripted engine and return samples and verdicts."""
    with Workspace.open(locations.default_bank()) as place:
        names = place.names
        learning = Learning(place, lambda text: measure(text, names))
        chat = Chat(place, ModelHost(lambda say: Scripted()), "ann", learning=learning)
        samples, done = asyncio.run(
            soak(chat, lambda n, _: n >= acts, lambda n, _: n / PER_HOUR, every, patience=300.0, seed=seed)
        )
        return {**summary(samples, done), "faults": place.store.database.check()}


def real(minutes: float, every: int, seed: int = 0) -> dict[str, Any]:
    """Chat so many minutes with the real model and return samples and verdicts."""
    with Workspace.open(locations.default_bank()) as place:
        chat = Chat(place, make_host(place), "ann")
        samples, done = asyncio.run(
            soak(chat, lambda _, s: s >= 60 * minutes, lambda _, s: s / 3600, every, patience=600.0, seed=seed)
        )
        return {**summary(samples, done), "faults": place.store.database.check()}


def summary(samples: list[Sample], done: dict[str, int]) -> dict[str, Any]:
    return {"acts": done, "growth_per_hour": verdicts(samples), "samples": [asdict(each) for each in samples]}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.reliability.soak", description=__doc__.splitlines()[0])
    parser.add_argument("--hours", type=float, default=8.0, help="of the person's time, with the scripted engine")
    parser.add_argument("--accelerated", action="store_true", help="with the scripted engine; the default")
    parser.add_argument("--real", action="store_true", help="with the real model")
    parser.add_argument("--minutes", type=float, default=60.0, help="with the real model")
    parser.add_argument("--every", type=int, default=0, help="acts between two samples")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("build/reliability"))
    options = parser.parse_args()
    if options.real and options.accelerated:
        parser.error("give either --real or --accelerated, not both")
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as home:
        os.environ["ASSISTANT_HOME"] = home
        os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
        if options.real:
            found = real(options.minutes, options.every or 4, options.seed)
        else:
            found = accelerated(round(options.hours * PER_HOUR), options.every or 12, options.seed)
    found |= {
        "command": " ".join(["python -m tests.reliability.soak", *sys.argv[1:]]),
        "date": date.today().isoformat(),
        "machine": machine(),
        "seconds": round(time.monotonic() - began, 1),
    }
    options.out.mkdir(parents=True, exist_ok=True)
    file = options.out / ("soak-real.json" if options.real else "soak.json")
    file.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    for name, row in found["growth_per_hour"].items():
        word = "flat" if row["flat"] else "GROWS"
        print(f"{name}: {row['slope']:+g} an hour [{row['low']:+g}, {row['high']:+g}], limit {row['limit']:g}: {word}")
    print(*found["faults"], f"wrote {file}", sep="\n")
    return 0 if all(row["flat"] for row in found["growth_per_hour"].values()) and not found["faults"] else 1


if __name__ == "__main__":
    sys.exit(main())
