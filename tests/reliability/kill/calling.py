"""Killing single commands."""

from __future__ import annotations

import json
import random
import re
import secrets
import time
from collections.abc import Callable
from pathlib import Path

from tests.reliability.kill.book import content, verify
from tests.reliability.kill.outcome import Outcome
from tests.reliability.kill.place import USER, Place
from tests.reliability.kill.reading import Seen


def strike(place: Place, rng: random.Random, arguments: list[str], longest: float, sign: Path | None = None) -> str:
    """Start a command and kill it at a random moment; return the moment in words.

    Args:
        place: where.
        rng: chooses the moment.
        arguments: of the command.
        longest: seconds that an undisturbed run takes, or, with a sign, those after it.
        sign: a file whose appearing begins the time, so that the kill falls into what comes then.
    """
    place.start(*arguments)
    process = place.terminal.process
    assert process is not None
    began = time.monotonic()
    if sign is not None:
        while not sign.exists() and process.poll() is None:
            time.sleep(0.0005)
        began = time.monotonic()
    wait = rng.uniform(0, longest)
    while time.monotonic() - began < wait and process.poll() is None:
        time.sleep(0.0005)
    place.terminal.kill()
    ended = ", it had ended" if process.returncode == 0 else ""
    return f"{wait:.3f} s after {f'{sign.name} came' if sign else 'the start'}{ended}"


class Timed:
    """A scenario that knows how long its command takes undisturbed."""

    def __init__(self) -> None:
        self._taken: dict[str, float] = {}

    def took(self, what: str, act: Callable[[], object]) -> float:
        """Return the seconds that it took the first time."""
        if what not in self._taken:
            began = time.monotonic()
            act()
            self._taken[what] = time.monotonic() - began
        return self._taken[what]


class ProfileSet(Timed):
    """`assistant profile set`."""

    name = "profile set"
    scripted = True

    def run(self, place: Place, number: int, rng: random.Random) -> Outcome:
        """Kill it once; half of the kills fall right after the database was opened."""
        outcome = Outcome(self.name)
        taken = self.took("set", lambda: place.complete("profile", "set", "--alpha", "formality=0.5"))
        before = content(place.database)
        value = f"{secrets.randbelow(10**6) / 10**6:.6f}"
        arguments = ["profile", "set", "--alpha", f"formality={value}"]
        log = place.database.with_name("assistant.db-wal")
        near = rng.random() < 0.7
        outcome.moment = strike(place, rng, arguments, 0.15 if near else taken, log if near else None)
        seen = Seen(asked=[f"profile set --alpha formality={value}"])
        if found := re.search(r"revision (\d+)", "\n".join(place.terminal.screen)):
            seen.revision = int(found[1])
        now = verify(place, outcome, before, seen)
        status, lines = place.complete("profile", "show")
        outcome.again = status == 0 and lines[0] == f"{USER}, revision {len(now.revisions)}"
        return outcome


class Ask(Timed):
    """`assistant ask --file` for a person: prompts in batches, each answer saved before it is printed."""

    name = "ask --file"
    scripted = True

    def run(self, place: Place, number: int, rng: random.Random) -> Outcome:
        """Kill it once: what was printed is saved."""
        outcome = Outcome(self.name)
        arguments = ["ask", "--user", USER, "--file"]
        taken = self.took("ask", lambda: place.complete(*arguments, str(self._prompts(place, "first"))))
        file = self._prompts(place, str(number))
        before = content(place.database)
        near = rng.random() < 0.7
        log = place.database.with_name("assistant.db-wal")
        outcome.moment = strike(place, rng, [*arguments, str(file)], 2.0 if near else taken, log if near else None)
        seen, lines = Seen(), place.terminal.screen
        for line, reply in zip(lines, [*lines[1:], ""], strict=True):
            if line.startswith("> "):
                seen.questions.append(line[2:])
                seen.replies[line[2:]] = [reply]
        now = verify(place, outcome, before, seen)
        outcome.again = place.complete("conversations", "list")[0] == 0
        listed = json.loads(place.inside("conversations", "list", "--json").out)
        prompts = sum(not parent for parent, _, _ in now.messages.values())
        outcome.require(len(listed) == prompts, f"{len(listed)} conversations are listed of {prompts}")
        return outcome

    def _prompts(self, place: Place, name: str) -> Path:
        file = place.folder / "prompts.txt"
        file.write_text("".join(f"prompt {name} {secrets.randbelow(10**8):08}\n" for _ in range(48)))
        return file


class Import(Timed):
    """`assistant conversations import`: the whole conversation or nothing of it."""

    name = "import"
    scripted = True
    messages = 2000

    def run(self, place: Place, number: int, rng: random.Random) -> Outcome:
        """Kill it once."""
        outcome = Outcome(self.name)
        file = place.folder / "conversation.json"
        texts = [
            f"{'said' if i % 2 == 0 else 'answered'} {number} {i} {rng.randrange(10**6)}" for i in range(self.messages)
        ]
        rows = [
            {
                "id": i + 1,
                "parent_id": i or None,
                "role": ("user", "assistant")[i % 2],
                "content": text,
            }
            for i, text in enumerate(texts)
        ]
        file.write_text(json.dumps({"version": 1, "title": f"import {number}", "messages": rows}))
        arguments = ["conversations", "import", str(file)]
        place.inside("users", "add", USER)
        taken = self.took("import", lambda: place.complete(*arguments))
        before = content(place.database)
        near = rng.random() < 0.7
        log = place.database.with_name("assistant.db-wal")
        outcome.moment = strike(place, rng, arguments, taken / 2 if near else taken, log if near else None)
        told = any(line.startswith("Added ") for line in place.terminal.screen)
        now = verify(place, outcome, before, Seen())
        new = [text for _, _, text in now.added(before).messages.values()]
        outcome.require(new in ([], texts), f"{len(new)} of {len(texts)} messages were imported")
        outcome.require(bool(new) or not told, "it said that the conversation was added, and it is not there")
        outcome.messages += len(new) if told else 0
        outcome.again = place.complete("conversations", "list")[0] == 0
        return outcome


class Backup(Timed):
    """`assistant db backup`: the whole copy or none."""

    name = "db backup"
    scripted = True

    def run(self, place: Place, number: int, rng: random.Random) -> Outcome:
        """Kill it once, and make the copy that it was about to make."""
        outcome = Outcome(self.name)
        if not place.database.exists():
            fill(place)
        copy = place.folder / f"copy-{number}.db"
        taken = self.took("backup", lambda: place.complete("db", "backup", "--to", str(place.folder / "first.db")))
        before = content(place.database)
        near = rng.random() < 0.7
        sign = copy.with_name(f".{place.database.name}-{copy.name}.partial")
        arguments = ["db", "backup", "--to", str(copy)]
        outcome.moment = strike(place, rng, arguments, 0.1 if near else taken, sign if near else None)
        told = any(line.startswith("Copied to ") for line in place.terminal.screen)
        now = verify(place, outcome, before, Seen())
        outcome.require(copy.exists() or not told, "it said that the copy was made, and it is not there")
        outcome.require(not copy.exists() or content(copy) == now, "the copy is not whole")
        if not copy.exists():
            place.inside("db", "backup", "--to", str(copy))
        outcome.again = content(copy) == now
        left = [each.name for each in place.folder.glob(".*")]
        outcome.require(not left, f"left beside the copy: {left}")
        copy.unlink()
        return outcome


def fill(place: Place) -> None:
    """Give a place a conversation of some megabytes."""
    rows = [{"id": i, "role": "user", "content": f"{i} {'text ' * 400}"} for i in range(1, 3001)]
    file = place.folder / "fill.json"
    file.write_text(json.dumps({"version": 1, "title": "long", "messages": rows}))
    place.inside("users", "add", USER)
    place.inside("conversations", "import", str(file))
