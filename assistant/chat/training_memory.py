"""What is remembered of a training that is unfinished, and the lock that lets one at a time run on a machine."""

from __future__ import annotations

import fcntl
import json
import logging
import os
from dataclasses import asdict

from assistant import locations
from assistant.chat.training import Phase, Plan, State
from assistant.errors import AssistantError
from assistant.progress import Progress

_log = logging.getLogger(__name__)


class TrainingError(AssistantError):
    """A training cannot begin or go on."""


def lock() -> int:
    """Take the lock that only one training on this machine can have, and return its descriptor, to be closed.

    Raises:
        TrainingError: another has it.
    """
    handle = os.open(locations.training_file().with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise TrainingError("a training is going on in another window of this program") from None
    return handle


def busy() -> bool:
    """Return whether a training has the lock."""
    try:
        os.close(lock())
    except TrainingError:
        return True
    return False


def recall() -> State:
    """Return the training that is unfinished; one without a plan where there is none."""
    path = locations.training_file()
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        names, options = (tuple(str(each) for each in raw[key]) for key in ("names", "options"))
        plan = Plan(str(raw["texts"]), names, str(raw["base"]), str(raw["out"]), options)
        progress = Progress(float(raw["done"]), float(raw["total"])) if raw.get("total") else None
    except FileNotFoundError:
        return State()
    except (OSError, ValueError, KeyError, TypeError) as error:
        _log.warning("%s cannot be used: %s", path, error)
        return State()
    return State(Phase.STOPPED, plan, progress=progress, kept=plan.part.exists(), elsewhere=busy())


def remember(plan: Plan, progress: Progress | None = None) -> None:
    """Keep what is unfinished, and how far it is.

    Raises:
        TrainingError: it cannot be written.
    """
    found = asdict(plan) | ({} if progress is None else {"done": progress.done, "total": progress.total})
    path = locations.training_file()
    partial = path.with_suffix(".part")
    try:
        partial.write_text(json.dumps(found, ensure_ascii=False, indent=2), encoding="utf-8")
        os.replace(partial, path)
    except OSError as error:
        raise TrainingError(f"{path} cannot be written ({error.strerror})") from error


def forget() -> None:
    """Nothing is unfinished any more."""
    locations.training_file().unlink(missing_ok=True)
