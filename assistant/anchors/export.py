"""Writing one anchor of a bank in PEFT's format."""

from __future__ import annotations

import json
from pathlib import Path

from safetensors.torch import save_file

from assistant.anchors.bank import Bank
from assistant.errors import BadInput


def export_peft(bank: Bank, index: int, folder: Path) -> None:
    """Write anchor `index` of the stacked order into a new folder that `PeftModel.from_pretrained` reads.

    The scaling is part of B, so lora_alpha equals the rank.

    Raises:
        BadInput: the folder exists already or cannot be made.
    """
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise BadInput(f"{folder} cannot be made ({error.strerror})") from error
    tensors = {}
    for name, factor in bank.factors.items():
        tensors[f"base_model.model.{name}.lora_A.weight"] = factor.a[index].contiguous()
        tensors[f"base_model.model.{name}.lora_B.weight"] = factor.b[index].contiguous()
    save_file(tensors, folder / "adapter_model.safetensors")
    config = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": bank.card.model,
        "r": bank.card.rank,
        "lora_alpha": bank.card.rank,
        "target_modules": list(bank.card.target_modules),
    }
    (folder / "adapter_config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
