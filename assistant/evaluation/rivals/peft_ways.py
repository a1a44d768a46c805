"""What PEFT offers for mixing adapters: all of them active and unmerged, or concatenated, merged and unmerged."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from assistant.anchors.bank import Bank
from assistant.anchors.export import export_peft
from assistant.engine.base_model import BaseModel
from assistant.engine.forward import TransformersForward
from assistant.engine.prompting import PromptEncoder
from assistant.evaluation.rivals.decoder import Messages, SteppedDecoder
from assistant.evaluation.rivals.mixture import Mixture
from assistant.style import Profile, coefficients


class Peft(SteppedDecoder):
    """A base model with all anchors of a bank as PEFT adapters. It takes the model over: give it one of its own."""

    def __init__(self, base: BaseModel, bank: Bank) -> None:
        """Put an adapter per anchor on the model, in fp32, all active.

        Raises:
            BadInput: no temporary folder can be written.
        """
        from peft import PeftModel

        self._base, self._bank = base, bank
        self._encoder = PromptEncoder(base.tokenizer)
        self.names = [f"anchor{j}" for j in range(2 * len(bank.card.attributes))]
        self._merges = 0
        with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that several adapters are loaded is the point
            for j, name in enumerate(self.names):
                export_peft(bank, j, Path(folder) / name)
            self.peft = PeftModel.from_pretrained(base.model, str(Path(folder) / self.names[0]), self.names[0])
            for name in self.names[1:]:
                self.peft.load_adapter(str(Path(folder) / name), name)
        self.peft.eval()
        self._layers: list[Any] = [
            module for module in self.peft.modules() if hasattr(module, "lora_A") and hasattr(module, "scaling")
        ]
        self.peft.base_model.set_adapter(self.names, inference_mode=True)

    def begin(self, messages: Messages, profile: Profile) -> Mixture:
        """Return the logits with all adapters active, each scaled by its coefficient.

        Raises:
            ProfileError: the profile gives no weight to any attribute of the bank.
        """
        k = coefficients(profile, self._bank.card.names)
        for layer in self._layers:
            for name, value in zip(self.names, k, strict=True):
                layer.scaling[name] = float(value)
        ids = self._encoder.encode(messages)
        return Mixture(self._base, TransformersForward(self.peft), [(ids, None)], [1.0])

    @torch.no_grad()
    def merge_and_unmerge(self, k: Sequence[float]) -> None:
        """Concatenate the adapters with weights k, merge the sum into the weights, and unmerge it.

        The combined adapter gets a new name each time: with one that exists, PEFT silently does nothing.
        """
        self._merges += 1
        name = f"merge{self._merges}"
        for layer in self._layers:
            for anchor in self.names:
                layer.scaling[anchor] = 1.0
        self.peft.base_model.add_weighted_adapter(self.names, list(k), name, combination_type="cat")
        self.peft.base_model.set_adapter(name, inference_mode=True)
        self.peft.merge_adapter([name])
        self.peft.unmerge_adapter()

    def tidy(self) -> None:
        """Delete the combined adapters and make all anchors active again; no part of what is timed."""
        self.peft.base_model.set_adapter(self.names, inference_mode=True)
        for name in [name for name in self.peft.peft_config if name not in self.names]:
            self.peft.delete_adapter(name)
