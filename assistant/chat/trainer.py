"""Training a new voice beside the chat: one at a time on this machine, in a process of its own that ends with the chat.

What was trained by the end of an epoch is kept by the process; what was asked for is kept here, so that a training that
was stopped, or ended with the program, can be gone on with.
"""

from __future__ import annotations

import logging
import os
import shutil
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from assistant import child
from assistant.chat import training_memory
from assistant.chat.launch import program_threads
from assistant.chat.training import Phase, Plan, State
from assistant.chat.training_memory import TrainingError
from assistant.errors import Stopped
from assistant.progress import Eta, Progress

WINDOW = 240.0
"""Seconds that the pace is measured over: an epoch ends with a pause, in which the validation texts are read."""
_NICENESS = 10
"""The chat goes first."""
_PATIENCE = 10.0
_log = logging.getLogger(__name__)


class Trainer:
    """Runs trainings, and remembers the one that is unfinished."""

    def __init__(self, command: Callable[[Sequence[str]], list[str]] | None = None) -> None:
        """Look whether a training was left unfinished.

        Args:
            command: makes what runs from the arguments of `assistant`; this very program when None.
        """
        self._command = command or (lambda arguments: child.command("assistant", *arguments))
        self._listeners: list[Callable[[State], None]] = []
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self.state = training_memory.recall()

    def subscribe(self, listener: Callable[[State], None]) -> Callable[[], None]:
        """Have `listener` called at each change, from whichever thread makes it; return what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    @property
    def running(self) -> bool:
        """Whether a training is going on here."""
        return self.state.phase is Phase.RUNNING

    def start(self, plan: Plan) -> None:
        """Begin a training, or go on with it if it is unfinished.

        Raises:
            TrainingError: one is going on here or in another window, or another one is unfinished.
        """
        if self.running:
            raise TrainingError("a training is going on already: /train tells how far it is, /train stop ends it")
        before = training_memory.recall()
        unfinished = before.plan
        if unfinished is not None and replace(unfinished, out=plan.out) != plan:
            raise TrainingError(
                f"the training of {unfinished.title} is unfinished: /train resume goes on, /train drop throws it away"
            )
        plan = unfinished or plan
        lock = training_memory.lock()
        try:
            training_memory.remember(plan, before.progress)
        except TrainingError:
            os.close(lock)
            raise
        self._stopping.clear()
        self._tell(State(Phase.RUNNING, plan, "starting"))
        self._thread = threading.Thread(target=self._run, args=(plan, lock), name="trainer", daemon=True)
        self._thread.start()

    def resume(self) -> Plan:
        """Go on with the unfinished training and return it.

        Raises:
            TrainingError: there is none, or it is going on.
        """
        plan = training_memory.recall().plan
        if plan is None:
            raise TrainingError("no training is unfinished: /train FOLDER begins one")
        self.start(plan)
        return plan

    def stop(self) -> bool:
        """End the training, such that it can be gone on with; return whether there was one."""
        if self.running:
            self._stopping.set()
            return True
        return False

    def drop(self) -> Plan:
        """Throw away what was trained of the unfinished training and return it.

        Raises:
            TrainingError: there is none, or it is going on.
        """
        state = training_memory.recall()
        if self.running:
            raise TrainingError("the training is going on: /train stop ends it first")
        if state.plan is None:
            raise TrainingError("no training is unfinished")
        lock = training_memory.lock()
        try:
            shutil.rmtree(state.plan.part, ignore_errors=True)
            if Path(state.plan.out).is_dir() and not any(Path(state.plan.out).iterdir()):
                Path(state.plan.out).rmdir()
            training_memory.forget()
        finally:
            os.close(lock)
        self._tell(State())
        return state.plan

    def wait(self) -> None:
        """Wait until the training has ended, if there is one."""
        if self._thread is not None:
            self._thread.join()

    def close(self) -> None:
        """End the training, such that it can be gone on with, and wait for that."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(_PATIENCE)

    # The process

    def _run(self, plan: Plan, lock: int) -> None:
        eta = Eta(WINDOW)
        environment = {"OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS") or str(program_threads())}
        ended = State(Phase.FAILED, plan, fault="it ended without a bank")
        try:
            for report in child.reports(
                self._command(plan.arguments), self._stopping.is_set, environment, [lock], _NICENESS
            ):
                if "bank" in report:
                    ended = State(Phase.DONE, plan)
                elif "words" in report:
                    self._tell(replace(self.state, doing=str(report["words"])))
                elif "done" in report:
                    self._step(plan, report, eta)
        except Stopped:
            ended = replace(self.state, phase=Phase.STOPPED, left=None)
        except child.ChildFailed as error:
            ended = State(Phase.FAILED, plan, fault=str(error))
        except Exception as error:  # noqa: BLE001 - told to the person; this thread has nobody above it to raise to
            _log.exception("training failed")
            ended = State(Phase.FAILED, plan, fault=f"{type(error).__name__}: {error}")
        ended = replace(ended, kept=ended.phase is not Phase.DONE and plan.part.exists())
        try:
            if ended.kept or ended.phase is Phase.STOPPED:
                training_memory.remember(plan, self.state.progress)
            else:
                training_memory.forget()
        except (TrainingError, OSError) as error:
            _log.warning("the training is not remembered: %s", error)
        finally:
            os.close(lock)
        self._tell(ended)

    def _step(self, plan: Plan, report: dict[str, Any], eta: Eta) -> None:
        progress = Progress(float(report["done"]), float(report["total"]))
        eta.add(progress)
        losses = f"loss {report['loss']:.2f}"
        if report["validation"] is not None:
            losses += f", validation {report['validation']:.2f}"
        self._tell(State(Phase.RUNNING, plan, "", progress, eta.left(), losses))

    def _tell(self, state: State) -> None:
        self.state = state
        for listener in list(self._listeners):
            listener(state)
