"""A training without a model: a process that prints what `assistant train --progress json` prints, when it is let."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path

from assistant.chat.trainer import Trainer
from assistant.chat.training import Phase
from tests import fake

_SCRIPT = """
import json, pathlib, sys, time
argument = lambda name: sys.argv[sys.argv.index(name) + 1]
out = pathlib.Path(argument("--out"))
part, let = out / ".new", pathlib.Path(argument("--data")) / "let"
if "--bad" in sys.argv:
    sys.exit("error: the bank has verbosity already")
part.mkdir(parents=True, exist_ok=True)
state = part / "state"
done = int(state.read_text()) if state.exists() else 0
print(json.dumps({"words": "loading the model"}), flush=True)
while done < 10:
    if let.exists() and int(let.read_text() or 0) > done:
        done += 1
        state.write_text(str(done))
        print(json.dumps({"done": done, "total": 10, "loss": 2 - done / 10, "validation": 1.5}), flush=True)
        if "--breaks" in sys.argv:
            sys.exit("RuntimeError: out of memory")
    time.sleep(0.01)
state.unlink()
part.rmdir()
(out / "card.json").write_text("{}")
print(json.dumps({"bank": str(out)}), flush=True)
"""


def trainer() -> Trainer:
    """Return a trainer whose processes run the script."""
    return Trainer(command)


def command(arguments: Sequence[str]) -> list[str]:
    return [sys.executable, "-c", _SCRIPT, *arguments]


def let(texts: Path, steps: int) -> None:
    """Let a training go on until so many of its ten steps are done."""
    partial = texts / "let.part"
    partial.write_text(str(steps))
    partial.replace(texts / "let")


def ended(trainer: Trainer) -> Phase:
    """Wait until the training has ended and return how."""
    deadline = time.monotonic() + fake.DEADLINE
    while trainer.running:
        assert time.monotonic() < deadline, trainer.state
        time.sleep(0.01)
    return trainer.state.phase
