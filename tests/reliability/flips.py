"""Damages a database at random and uses it: `python -m tests.reliability.flips ROUNDS [SEED]`.

Every call of the program must end with what was asked or with one line that says what is wrong; whatever it is, the
file is not written to by those that only read.
"""

from __future__ import annotations

import contextlib
import io
import logging
import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.anchors.card import Card
from assistant.cli.app import run
from tests import fake
from tests.reliability import scripted_program
from tests.store import fixtures

PAGE = 4096
READING = (
    ("users", "list"),
    ("profile", "show", "--user", "Ann"),
    ("profile", "history", "--user", "Ann"),
    ("profile", "why", "--user", "Ann"),
    ("conversations", "list", "--user", "Ann"),
    ("conversations", "show", "1", "--user", "Ann"),
    ("conversations", "search", "bananas", "--user", "Ann"),
)
WRITING = (
    ("profile", "set", "--user", "Ann", "--alpha", "formality=0.3"),
    ("profile", "undo", "--user", "Ann"),
    ("db", "check"),
    ("--plain", "--user", "Ann"),
)
LINES = "hello\n/good\n/more formal\n/sessions\n/search bananas\n/why\n/as 1d ago\n/undo\n/retry\n"


def damaged(sound: bytes, chance: random.Random) -> bytes:
    """Return a database with flipped bits, with a page of zeros or noise, or cut off."""
    found = bytearray(sound)
    match chance.randrange(4):
        case 0 | 1:
            for _ in range(chance.choice((1, 3, 20, 200))):
                found[chance.randrange(len(found))] ^= 1 << chance.randrange(8)
        case 2:
            start = chance.randrange(len(found) // PAGE) * PAGE
            found[start : start + PAGE] = chance.choice((bytes(PAGE), chance.randbytes(PAGE)))
        case _:
            del found[chance.randrange(len(found)) :]
    return bytes(found)


def faults(rounds: int, seed: int, folder: Path, patch: pytest.MonkeyPatch) -> Iterator[str]:
    """Yield what went otherwise than it must."""
    home, bank = folder / "home", folder / "bank"
    for each in (home, bank):
        each.mkdir(mode=0o700)
    Card("tiny", fake.ATTRIBUTES, 4, ("q",), "0" * 64).write(bank)
    patch.setenv("ASSISTANT_HOME", str(home))
    patch.setenv("ASSISTANT_BANK", str(bank))
    scripted_program.script(patch.setattr)
    sound = fixtures.load(fixtures.revisions()[-1], folder / "sound.db").read_bytes()
    chance = random.Random(seed)
    for number in range(rounds):
        for each in home.iterdir():
            each.unlink()
        database = home / "assistant.db"
        content = damaged(sound, chance)
        database.write_bytes(content)
        for arguments in (*READING, *WRITING):
            what = f"round {number} of seed {seed}, {' '.join(arguments)}: "
            code, out, err = _called(arguments, patch)
            if code not in (0, 1, 2) or "Traceback" in out + err or err.count("\n") > 1:
                yield f"{what}{code} {out} {err}"
            if arguments in READING and database.read_bytes() != content and "has been made anew" not in err:
                yield f"{what}the file has changed"


def _called(arguments: tuple[str, ...], patch: pytest.MonkeyPatch) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    patch.setattr(sys, "stdin", io.StringIO(LINES))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = run(arguments)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
            code = 99
            err.write(f"{type(error).__name__}: {error}")
    for handler in logging.getLogger().handlers[:]:
        if isinstance(handler, logging.FileHandler):
            logging.getLogger().removeHandler(handler)
            handler.close()
    return code, out.getvalue(), err.getvalue()


if __name__ == "__main__":
    rounds, seed = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1
    found = 0
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        for fault in faults(rounds, seed, Path(folder), patch):
            found += 1
            print(fault, flush=True)
    print(f"{rounds} damaged databases, {rounds * len(READING + WRITING)} calls: {found} faults")
    sys.exit(bool(found))
