"""Which arithmetic a model is computed in, and what the machine can do of it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from assistant.errors import BadInput

if TYPE_CHECKING:
    import torch

    from assistant.anchors.bank import Bank


class Arithmetic(StrEnum):
    """How weights are kept and multiplied."""

    AUTO = "auto"
    """The fastest that is faithful to fp32 on this machine, for this model."""
    FP32 = "fp32"
    BF16 = "bf16"
    INT8 = "int8"
    """int8 weights, 15-bit activations; x86 processors with VNNI, Llama architectures."""


def dtype_of(wanted: Arithmetic, device: torch.device) -> torch.dtype:
    """Return the type in which the base model's weights are loaded.

    Raises:
        BadInput: int8 is wanted on a device that is not a CPU.
    """
    import torch

    from assistant.engine.base_model import pick_dtype

    if wanted is Arithmetic.INT8 and device.type != "cpu":
        raise BadInput(f"--arithmetic int8 is for the cpu, not for {device.type}; try auto")
    if wanted is Arithmetic.BF16:
        return torch.bfloat16
    return pick_dtype(device) if wanted is Arithmetic.AUTO else torch.float32


def settle(wanted: Arithmetic, model: Any, bank: Bank) -> Arithmetic:
    """Return the arithmetic for a loaded model: never `AUTO`.

    Raises:
        BadInput: int8 is wanted where it cannot be had.
    """
    import torch

    from assistant.engine import int8, llama
    from assistant.engine.int8_composer import Int8Composer

    fast = (
        model.dtype == torch.float32
        and llama.understood(model)
        and int8.available()
        and Int8Composer.covers(model, bank)
    )
    if wanted is Arithmetic.INT8 and not fast:
        raise BadInput("--arithmetic int8 needs an x86 processor with VNNI and a Llama model; try auto")
    if fast and wanted in (Arithmetic.AUTO, Arithmetic.INT8):
        return Arithmetic.INT8
    return Arithmetic.BF16 if model.dtype == torch.bfloat16 else Arithmetic.FP32
