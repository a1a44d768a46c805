"""What the decoders that mix the anchors' logits have in common."""

from __future__ import annotations

from assistant.anchors.bank import Bank
from assistant.engine.base_model import BaseModel
from assistant.engine.forward import Forward, TransformersForward
from assistant.engine.prompting import PromptEncoder
from assistant.evaluation.rivals.decoder import SteppedDecoder


class AnchoredDecoder(SteppedDecoder):
    """A decoder whose passes are the base alone and the base with one anchor of a bank each."""

    def __init__(self, base: BaseModel, bank: Bank, forward: Forward | None = None) -> None:
        """Take a base that nobody composes into, its bank, and what computes it: transformers when None."""
        self._base, self._bank = base, bank
        self._forward = forward or TransformersForward(base.model)
        self._encoder = PromptEncoder(base.tokenizer)
