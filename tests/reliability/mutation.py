"""Changes the meaning of `style`, `preference` and the slash parser in one place at a time: do the tests notice?

    python -m tests.reliability.mutation                 every mutant, hours
    python -m tests.reliability.mutation --sample 200    so many of each part, drawn by a seed

mutmut makes the mutants and runs them, as `pyproject.toml` says; `mutmut browse` shows those that survived.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

MUTANTS = Path("mutants")
OUT = Path("build/reliability/mutation.json")
STATES = {
    0: "survived",
    1: "killed",
    3: "killed",
    33: "untested",
    34: "skipped",
    36: "timeout",
    37: "typed",
    None: "not run",
}


def part(name: str) -> str:
    """Return the part of the program that a mutant is in."""
    package = name.split(".")[1]
    return package if package in ("style", "preference") else "slash parser"


def results() -> Iterator[tuple[str, int | None]]:
    """Yield each mutant's name and how pytest ended on it."""
    for file in sorted((MUTANTS / "assistant").rglob("*.meta")):
        yield from json.loads(file.read_text(encoding="utf-8"))["exit_code_by_key"].items()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.reliability.mutation")
    parser.add_argument("--sample", type=int, default=0, help="mutants of each part; 0 takes all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    mutmut = [sys.executable, "-m", "mutmut", "run", "--max-children", str(options.workers)]
    names: list[str] = []
    if options.sample:
        subprocess.run([*mutmut, "assistant.style.attributes.x_nearest__mutmut_1"], check=False)  # makes the mutants
        chance = random.Random(options.seed)
        by_part: dict[str, list[str]] = {}
        for name, _ in results():
            by_part.setdefault(part(name), []).append(name)
        for found in by_part.values():
            names += chance.sample(sorted(found), min(options.sample, len(found)))
    subprocess.run([*mutmut, *names], check=False)
    report(set(names))
    return 0


def report(chosen: set[str]) -> None:
    """Print and write how many mutants of each part ended in which way, and which survived."""
    counted: dict[str, Counter[str]] = {}
    survivors = []
    for name, code in results():
        if not chosen or name in chosen:
            state = STATES.get(code, "killed")
            counted.setdefault(part(name), Counter())[state] += 1
            if state in ("survived", "untested"):
                survivors.append(name)
    made = Counter(part(name) for name, _ in results())
    OUT.parent.mkdir(parents=True, exist_ok=True)
    found = {"made": made, "ended": counted, "survived": sorted(survivors)}
    OUT.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    for name, states in sorted(counted.items()):
        print(f"{name}: {made[name]} made; {', '.join(f'{count} {state}' for state, count in states.items())}")
    print(*(re.sub(r"^assistant\.", "", name) for name in sorted(survivors)), sep="\n")


if __name__ == "__main__":
    sys.exit(main())
