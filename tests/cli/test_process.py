"""How the process ends."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import atexit, sys, threading, time
from concurrent.futures import ThreadPoolExecutor
from assistant.cli.process import leave, settle
settle()
atexit.register(lambda: print("closed"))
threading.Thread(target=time.sleep, args=(60,), daemon={daemon}).start() if {loading} else None
ThreadPoolExecutor(1).submit(lambda: (time.sleep(0.2), print("saved")))
class Torn:
    def __del__(self, say=print): say("torn down")
torn = Torn()
leave(3)
"""


def end(**given: bool) -> tuple[int, list[str]]:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(**given)], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.stderr == ""
    return done.returncode, done.stdout.split("\n")[:-1]


def test_a_model_that_is_being_loaded_is_not_waited_for_and_nothing_else_is_cut_off() -> None:
    assert end(daemon=True, loading=True) == (3, ["saved", "closed"])


def test_without_one_the_interpreter_is_taken_down_as_always() -> None:
    assert end(daemon=True, loading=False) == (3, ["saved", "closed", "torn down"])
