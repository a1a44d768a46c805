"""Whether the program stays as quick over a large database as over a nearly empty one.

    python -m tests.reliability.load --users 1000 --messages 100000 --revisions 20000

One person owns a tenth of everything, and their acts are timed on both databases by turns. The nearly empty one holds
what they have on the screen in either: as many conversations as fill the list, each as long as the one that they find
open in the large one, and as many replies that a search finds: what is compared is the database, not how much is drawn.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from assistant.chat import commands
from assistant.chat.host import ModelHost
from assistant.chat.learning import Learning
from assistant.chat.outcome import Outcome
from assistant.chat.session import Chat
from assistant.chat.workspace import Workspace
from assistant.engine.sampling import Sampling
from assistant.evaluation.report import machine
from tests import fake
from tests.reliability import first_screen
from tests.reliability.filling import LENGTH, RARE, SCREENFUL, Size, fill
from tests.reliability.speaking import Scripted, measure
from tests.tui.screen import Screen, opened

PERSON = "ann"
REPEATS = 3
"""Times that each act on the screen is done in a round."""
RATIO = 1.2
ENOUGH = 0.1
"""Seconds that nobody minds, whatever they are a multiple of."""
CALLS = {
    "conversations list": ("conversations", "list", "--user", PERSON),
    "conversations search": ("conversations", "search", RARE, "--user", PERSON),
    "profile history": ("profile", "history", "--user", PERSON),
    "users list": ("users", "list"),
}
"""Calls of the program, by name."""
Times = dict[str, dict[str, list[tuple[float, float]]]]
"""Seconds of the processor and of the clock, by act and database, one pair per round."""


class Stopwatch:
    """Takes times of this process."""

    def __init__(self, times: Times, database: str) -> None:
        self._times = times
        self._database = database

    async def take(self, act: str, doing: Callable[[], Awaitable[None]]) -> None:
        """Time something that this process does."""
        cpu, clock = time.process_time(), time.monotonic()
        await doing()
        self.add(act, time.process_time() - cpu, time.monotonic() - clock)

    def add(self, act: str, cpu: float, clock: float) -> None:
        """Keep the times of an act."""
        self._times.setdefault(act, {}).setdefault(self._database, []).append((cpu, clock))


def program(watch: Stopwatch) -> None:
    """Time the program from outside, each act in a process of its own."""
    for name, options in (("first screen, --resume", ("--resume",)), ("first screen, --new", ("--new",))):
        watch.add(name, *first_screen.seconds("--user", PERSON, *options))
    for name, arguments in CALLS.items():
        before, clock = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        subprocess.run([sys.executable, "-m", "assistant", *arguments], check=True, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        watch.add(name, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, time.monotonic() - clock)


async def screen(watch: Stopwatch) -> None:
    """Time what a person does on the screen of their open conversation."""
    with Workspace.open() as place:
        learning = Learning(place, lambda text: measure(text, place.names))
        chat = Chat(place, ModelHost(lambda say: Scripted()), PERSON, Sampling(seed=1), learning)
        assert chat.resume()
        async with opened(chat, (100, 30)) as shown:
            for name, act in _acts(shown, chat).items():
                for _ in range(REPEATS):
                    await watch.take(name, act)
        for line in ("/open r", "/user p"):

            async def complete(line: str = line) -> None:
                commands.complete(chat, line)  # as each letter that is typed does

            for _ in range(REPEATS):
                await watch.take(f"completing {line}", complete)


def _acts(shown: Screen, chat: Chat) -> dict[str, Callable[[], Awaitable[None]]]:
    """Return what is done on the screen, in order."""

    async def line(text: str) -> None:
        await shown.say(text)
        await shown.answered_any()

    async def thumb() -> None:
        await shown.press("f3")
        await asyncio.wrap_future(chat.later(lambda: Outcome("")))
        await shown.pilot.pause()

    async def over(*keys: str) -> None:
        """Open a screen over the conversation by keys; the first is the one that opens it."""
        await shown.press(keys[0])
        await shown.until(lambda: len(shown.app.screen_stack) == 2)
        await shown.press(*keys[1:])
        await shown.pilot.pause()

    async def search() -> None:
        await over("ctrl+s", *RARE[:4])
        await shown.press("escape")

    async def sessions() -> None:
        await over("ctrl+o")
        await shown.press("escape")

    return {
        "send": lambda: line("How do I stop rice sticking to the pot?"),
        "change the profile": lambda: line("/more formal"),
        "undo it": lambda: line("/undo"),
        "thumb": thumb,
        "why": lambda: line("/why"),
        "sessions screen": sessions,
        "search screen": search,
        "new conversation": lambda: line("/new"),
        "send in a new one": lambda: line("Hello again."),
    }


def compare(size: Size, rounds: int, seed: int = 0) -> dict[str, Any]:
    """Fill two databases, time each act on both by turns, and return figures and verdicts."""
    times: Times = {}
    with tempfile.TemporaryDirectory() as folder:
        rows = {}
        for name, each in (("empty", Size(1, SCREENFUL * LENGTH, 1)), ("full", size)):
            with _at_home(Path(folder) / name):
                rows[name] = fill(each, PERSON, seed)
        for number in range(rounds + 1):
            for name in ("empty", "full"):
                watch = Stopwatch(times if number else {}, name)  # the first round warms the machine's caches
                with _at_home(Path(folder) / name):
                    program(watch)
                    asyncio.run(screen(watch))
            print(f"round {number} of {rounds}", file=sys.stderr, flush=True)
        faults = []
        for name in rows:
            with _at_home(Path(folder) / name), Workspace.open() as place:
                faults += place.store.database.check()
    return {
        "rows": rows,
        "rounds": rounds,
        "faults": faults,
        "acts": {name: verdict(each) for name, each in times.items()},
    }


@contextmanager
def _at_home(folder: Path):  # type: ignore[no-untyped-def]
    before = os.environ.get("ASSISTANT_HOME")
    os.environ["ASSISTANT_HOME"] = str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ["ASSISTANT_HOME"]
        else:
            os.environ["ASSISTANT_HOME"] = before


def verdict(taken: dict[str, list[tuple[float, float]]], draws: int = 2000) -> dict[str, Any]:
    """Return medians with their 95% bootstrap intervals, the ratio of the processor's time, and whether it is kept."""
    cpu = {name: np.array([each[0] for each in pairs]) for name, pairs in taken.items()}
    chance = np.random.default_rng(0)
    drawn = {
        name: np.median(each[chance.integers(0, len(each), (draws, len(each)))], axis=1) for name, each in cpu.items()
    }
    ratio = float(np.median(cpu["full"]) / np.median(cpu["empty"]))
    found: dict[str, Any] = {
        name: {
            "cpu_s": round(float(np.median(cpu[name])), 4),
            "cpu_95": [round(float(bound), 4) for bound in np.percentile(drawn[name], [2.5, 97.5])],
            "clock_s": round(float(np.median([each[1] for each in pairs])), 4),
        }
        for name, pairs in taken.items()
    }
    low, high = np.percentile(drawn["full"] / drawn["empty"], [2.5, 97.5])
    kept = ratio <= RATIO or found["full"]["cpu_s"] <= ENOUGH
    return {**found, "ratio": round(ratio, 3), "ratio_95": [round(float(low), 3), round(float(high), 3)], "kept": kept}


def table(acts: dict[str, Any]) -> str:
    """Return the figures as a Markdown table."""
    lines = [
        "| act | nearly empty, ms | full, ms | ratio | full by the clock, ms | kept |",
        "|---|---:|---:|---:|---:|---|",
    ]
    for name, each in acts.items():
        empty, full = each["empty"], each["full"]
        lines.append(
            f"| {name} | {_ms(empty)} | {_ms(full)} | {each['ratio']:.2f} [{each['ratio_95'][0]:.2f}, "
            f"{each['ratio_95'][1]:.2f}] | {1000 * full['clock_s']:.0f} | {'yes' if each['kept'] else 'NO'} |"
        )
    return "\n".join(lines)


def _ms(figure: dict[str, Any]) -> str:
    low, high = figure["cpu_95"]
    return f"{1000 * figure['cpu_s']:.0f} [{1000 * low:.0f}, {1000 * high:.0f}]"


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.reliability.load", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--users", type=int, default=1000)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--revisions", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--out", type=Path, default=Path("build/reliability/load.json"))
    options = parser.parse_args()
    began = time.monotonic()
    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    fake.DEADLINE = first_screen.PATIENCE
    found = compare(Size(options.users, options.messages, options.revisions), options.rounds)
    found |= {
        "command": " ".join(["python -m tests.reliability.load", *sys.argv[1:]]),
        "date": date.today().isoformat(),
        "machine": machine(),
        "seconds": round(time.monotonic() - began, 1),
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(table(found["acts"]), *found["faults"], f"wrote {options.out}", sep="\n")
    return 0 if all(each["kept"] for each in found["acts"].values()) and not found["faults"] else 1


if __name__ == "__main__":
    sys.exit(main())
