"""How anchors are trained: the numbers, all in one place."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from assistant.errors import BadInput

Targets = Literal["all", "attention"]
Share = Literal["own", "shared", "frozen"]
_TARGETS, _A = get_args(Targets), get_args(Share)


@dataclass(frozen=True, slots=True)
class Recipe:
    """Hyperparameters of the LoRA fine-tuning of one anchor."""

    rank: int = 8
    """Rank r of the update."""
    lora_alpha: int = 16
    """The update is scaled by lora_alpha / rank."""
    learning_rate: float = 8e-4
    """Peak rate of AdamW; warms up over the first tenth of the steps, then falls along a cosine to a tenth."""
    batch_size: int = 8
    """Replies per step."""
    epochs: int = 3
    """Passes over the texts at the most."""
    patience: int = 1
    """Epochs without a better validation loss after which training ends."""
    contrast: float = 0.0
    """Weight of the odds ratio between the pole's reply and the other pole's; 0 is plain fine-tuning."""
    targets: Targets = "all"
    """Which linear layers get an update."""
    learn_prompt: bool = False
    """Whether the prompt's tokens carry loss, too."""
    a: Share = "shared"
    """Each pole its own A; one A for both poles of an attribute; or one that is fixed, with orthonormal rows that are
    orthogonal to other attributes'."""
    seed: int = 0
    """Decides the order of the texts and the start of A; both poles of an attribute share it."""

    def __post_init__(self) -> None:
        for name in ("rank", "lora_alpha", "batch_size", "epochs", "patience"):
            if getattr(self, name) < 1:
                raise BadInput(f"{name} must be at least 1, not {getattr(self, name)}")
        for name, allowed in (("targets", _TARGETS), ("a", _A)):
            if getattr(self, name) not in allowed:
                raise BadInput(f"{name} must be one of {', '.join(allowed)}, not {getattr(self, name)!r}")
        if not 0 <= self.contrast < 100:
            raise BadInput(f"contrast must be between 0 and 100, not {self.contrast}")
        if not 0 < self.learning_rate < 1:
            raise BadInput(f"learning_rate must be between 0 and 1, not {self.learning_rate}")

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, as stored in the bank's card."""
        return asdict(self)
