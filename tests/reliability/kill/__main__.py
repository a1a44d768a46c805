"""Kills the real program again and again, and says what it found.

    python -m tests.reliability.kill --runs 200 --seed 1 --out build/reliability/kill.jsonl

Called again, it goes on where it was stopped. Each run is one line of the file; the table is printed at the end, or
with `--table` alone. Several processes may share the work, each with scenarios of its own (`--only`).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
from pathlib import Path
from typing import Any

from tests.reliability.kill.outcome import Outcome
from tests.reliability.kill.place import Place
from tests.reliability.kill.scenarios import Scenario, plan, shares
from tests.reliability.kill.table import table
from tests.reliability.kill.terminal import TooLong


def main() -> int:
    """Run what is left to be run; the exit status is 1 when anything was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.reliability.kill", description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("build/reliability/kill.jsonl"))
    parser.add_argument("--only", action="append", help="the runs of this scenario alone; may be repeated")
    parser.add_argument("--cache", type=Path, help="of the converted model; default: the person's own")
    parser.add_argument("--table", action="store_true", help="print the table of what was run, and run nothing")
    given = parser.parse_args()
    if not given.table:
        run(given.runs, given.seed, given.out, given.only, given.cache)
    found = read(given.out)
    print(table(found))
    return int(any(each["faults"] or not each["again"] or not each["sound"] for each in found))


def run(runs: int, seed: int, out: Path, only: list[str] | None, cache: Path | None) -> None:
    """Run what the file does not hold yet, and add it."""
    if cache is not None:
        os.environ["ASSISTANT_CACHE"] = str(cache.resolve())
    from assistant import locations

    out.parent.mkdir(parents=True, exist_ok=True)
    done = {each["run"] for each in read(out)}
    last: tuple[Scenario, Place] | None = None
    with out.open("a", encoding="utf-8") as file:
        for number, scenario in enumerate(plan(runs, shares()), 1):
            if number in done or (only and scenario.name not in only):
                continue
            if last is None or last[0] is not scenario:
                if last is not None:
                    last[1].close()
                folder = out.with_suffix("") / scenario.name.replace(",", "").replace(" ", "-")
                last = scenario, Place(folder, locations.cache(), scenario.scripted)
            began = time.monotonic()
            try:
                outcome = scenario.run(last[1], number, random.Random(f"{seed}:{number}"))
            except TooLong as error:
                outcome = Outcome(scenario.name, faults=[str(error)])
                last[1].close()
                last = None
            seconds = round(time.monotonic() - began, 1)
            row = {"run": number, "seed": seed, **outcome.as_dict(), "seconds": seconds, "at": round(time.time())}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            file.flush()
            wrong = "".join(f"\n    {fault}" for fault in outcome.faults)
            print(f"{number}/{runs} {outcome.scenario}: {outcome.moment}, {seconds} s{wrong}", flush=True)
    if last is not None:
        last[1].close()


def read(out: Path) -> list[dict[str, Any]]:
    """Return the runs that a file holds."""
    if not out.exists():
        return []
    return [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]


if __name__ == "__main__":
    sys.exit(main())
