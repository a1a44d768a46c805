"""The embedded model as safetensors in the user's cache: converted once, verified at each start, rebuilt if damaged."""

from __future__ import annotations

import errno
import fcntl
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from assistant import locations
from assistant.anchors.card import sha256
from assistant.engine import carrier

NAME = "smollm2-135m-instruct"
_MANIFEST = "manifest.json"
_LAYOUT = 1
_ROOM = 560_000_000
"""Bytes of the converted model with its tokenizer, and a little more."""
_log = logging.getLogger(__name__)


def folder() -> Path:
    """Folder of the converted model."""
    return locations.cache() / "models" / f"{NAME}-{carrier.GGUF_SHA256[:12]}-{_LAYOUT}"


def ensure(say: Callable[[str], None] = lambda _: None) -> Path:
    """Return the folder of the converted model, converting it first when it is missing or damaged.

    Safe to call from several processes at once: one converts, the others wait and use its result.

    Args:
        say: told in a few words when something slow starts.

    Raises:
        CarrierError: the GGUF file is missing or damaged, or the cache cannot be written or has no room.
    """
    target = folder()
    if is_sound(target):
        return target
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _lock(target.with_suffix(".lock")):
            if is_sound(target):
                return target
            if target.exists():
                _log.warning("the converted model in %s is damaged; converting it again", target)
            if shutil.disk_usage(target.parent).free < _ROOM:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            say("preparing the model for its first use")
            _convert(target)
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
def _lock(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _convert(target: Path) -> None:
    source = carrier.require()
    if sha256(source) != carrier.GGUF_SHA256:
        raise carrier.CarrierError(
            f"{source} is damaged: reinstall {carrier.PACKAGE}=={carrier.VERSION} or run `assistant fetch`"
        )
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    for stale in target.parent.glob(f".{target.name}-*"):  # left by a conversion that was killed; the lock is ours
        shutil.rmtree(stale)
    staging = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        tokenizer = AutoTokenizer.from_pretrained(source.parent, gguf_file=source.name)
        model = AutoModelForCausalLM.from_pretrained(source.parent, gguf_file=source.name, dtype=torch.float32)
        del model.config.quantization_config  # the weights are plain numbers from here on
        model.hf_quantizer = None
        model.save_pretrained(staging)
        tokenizer.save_pretrained(staging)
        files = {path.name: sha256(path) for path in sorted(staging.iterdir())}
        manifest = {"source": carrier.GGUF_SHA256, "files": files}
        (staging / _MANIFEST).write_text(json.dumps(manifest, indent=2), encoding="utf-8")
        for path in staging.iterdir():
            with path.open("rb") as file:
                os.fsync(file.fileno())
        if target.exists():
            shutil.rmtree(target)
        os.rename(staging, target)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
