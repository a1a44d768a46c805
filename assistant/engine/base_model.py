"""Loading a base model and its tokenizer: the embedded one, a local folder, or a hub id."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant import locations
from assistant.anchors.foreign import pickled, refusal
from assistant.engine import embedded
from assistant.errors import AssistantError, BadInput
from assistant.progress import UNWATCHED, Watch

if TYPE_CHECKING:
    import torch

EMBEDDED = embedded.NAME
LOADING = threading.Lock()
"""To be held while a model is loaded beside other threads: transformers looks its names up lazily and changes settings
of the whole process meanwhile, which is not safe in two threads."""


class ModelError(AssistantError):
    """The base model cannot be loaded or used."""


class NotFinite(ModelError):
    """The logits are not finite: a profile is so far outside the anchors that the model breaks."""


@dataclass(frozen=True, slots=True)
class BaseModel:
    """A causal language model with its tokenizer."""

    name: str
    """The embedded model's name, or what was given as `--model`."""
    model: Any
    """A transformers causal LM in evaluation mode."""
    tokenizer: Any
    """Its tokenizer."""


def quieten() -> None:
    """Set the environment that keeps transformers quiet and off the network; call before it is imported."""
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("TQDM_DISABLE", "1")  # the GGUF reader's own bar
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(locations.cache() / "torch"))  # else torch makes one in /tmp
    os.environ.setdefault("DISABLE_SAFETENSORS_CONVERSION", "1")  # else a model of pickles is sent for from the hub


def pick_device(wanted: str | None) -> torch.device:
    """Return the device asked for, or the best that the machine has.

    Raises:
        BadInput: the device is unknown or not on this machine.
    """
    import torch

    if wanted is None or wanted == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(wanted)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise BadInput(f"device {wanted!r} cannot be used on this machine; try cpu") from error
    return device


def pick_dtype(device: torch.device) -> torch.dtype:
    """Return bf16 on GPUs that compute in it, fp32 elsewhere."""
    import torch

    return torch.bfloat16 if device.type == "cuda" and torch.cuda.is_bf16_supported() else torch.float32


def load_base(
    reference: str | None = None,
    device: torch.device | None = None,
    dtype: torch.dtype | None = None,
    watch: Watch = UNWATCHED,
) -> BaseModel:
    """Load a base model.

    Args:
        reference: None or the embedded model's name, a local folder, or a hub id.
        device: where to put it; the best that the machine has when None.
        dtype: of the weights; `pick_dtype` when None.
        watch: told when something slow starts, and how a first conversion goes; it can cancel that.

    Raises:
        Stopped: the first conversion was cancelled.
        ModelError: it is not a causal language model that transformers can load.
        CarrierError: the embedded model is missing or damaged.
    """
    quieten()
    if reference is None or reference == EMBEDDED:
        return _load(EMBEDDED, _embedded(watch), device, dtype, watch.say, local=True)
    path = Path(os.path.expanduser(reference))
    if path.is_dir():
        if not (path / "config.json").is_file():
            raise ModelError(f"cannot load the model {reference!r}: the folder has no config.json")
        if (found := pickled(path)) is not None:
            raise ModelError(f"cannot load the model {reference!r}: {refusal(found)}")
        return _load(reference, path.resolve(), device, dtype, watch.say, local=True)
    try:
        return _load(reference, reference, device, dtype, watch.say, local=True)  # downloaded before
    except ModelError:
        if path.is_absolute() or os.environ.get("HF_HUB_OFFLINE"):
            raise
        watch.say(f"fetching {reference} from the hub")
        return _load(reference, reference, device, dtype, watch.say, local=False)


def prepare(reference: str | None, watch: Watch) -> None:
    """Convert the embedded model if that is what is meant and it was never done, before anything heavy is imported.

    Raises:
        Stopped: it was cancelled.
        CarrierError: the GGUF file is missing or damaged.
    """
    if reference in (None, EMBEDDED) and not embedded.folder().exists():
        quieten()
        _embedded(watch)


def _embedded(watch: Watch) -> Path:
    """Return the folder of the embedded model; while it is checked or converted, the libraries are imported."""
    left = threading.Event()
    ours = replace(watch, cancelled=lambda: left.is_set() or watch.cancelled())
    with ThreadPoolExecutor(1) as pool:
        ready = pool.submit(embedded.ensure, ours)
        try:
            import transformers  # noqa: F401 - imported here for its time alone

            return ready.result()
        finally:
            left.set()  # after Ctrl+C, the pool must not wait for the whole conversion


def _load(
    name: str,
    source: str | Path,
    device: torch.device | None,
    dtype: torch.dtype | None,
    say: Callable[[str], None],
    local: bool,
) -> BaseModel:
    """Load from a folder or by hub id; `local` keeps off the network."""
    import logging

    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()
    logging.getLogger("huggingface_hub").setLevel(logging.CRITICAL)  # what fails is said once, by us
    say("loading the model")
    device = device or pick_device(None)
    try:
        tokenizer = AutoTokenizer.from_pretrained(source, local_files_only=local, trust_remote_code=False)
        model = AutoModelForCausalLM.from_pretrained(
            source,
            dtype=dtype or pick_dtype(device),
            local_files_only=local,
            use_safetensors=True,
            trust_remote_code=False,  # else transformers asks the terminal whether to run what comes with the model
        )
    except Exception as error:
        raise ModelError(f"cannot load the model {name!r}: {_one_line(error)}") from error
    return BaseModel(name, model.to(device).eval(), tokenizer)


def _one_line(error: Exception) -> str:
    text = " ".join(str(error).split())
    return (text[:240] + " …") if len(text) > 240 else text or type(error).__name__


def training_dtype(device: torch.device) -> torch.dtype:
    """Return bf16 where the hardware multiplies in it, fp32 elsewhere."""
    import torch

    if device.type == "cpu":
        return torch.bfloat16 if torch.ops.mkldnn._is_mkldnn_bf16_supported() else torch.float32
    return pick_dtype(device)
