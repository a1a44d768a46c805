"""How the next token is chosen: settings, and a seeded sampler over logits."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from assistant.errors import BadInput

if TYPE_CHECKING:
    import torch


_HEAD = 256


@dataclass(frozen=True, slots=True)
class Sampling:
    """Settings of one reply."""

    temperature: float = 0.5
    """0 takes the most likely token each time."""
    top_p: float = 0.9
    """Sample from the smallest set of tokens whose probabilities add up to this."""
    repetition_penalty: float = 1.1
    """Divides the odds of tokens that the reply has used already; 1 does nothing (arXiv 1909.05858)."""
    max_tokens: int = 256
    """The reply ends here at the latest."""
    seed: int | None = None
    """Same seed, same prompt, same profile, same batch: same reply. None draws one."""

    def __post_init__(self) -> None:
        if not (math.isfinite(self.temperature) and self.temperature >= 0):
            raise BadInput(f"temperature must be 0 or more, not {self.temperature}")
        if not 0 < self.top_p <= 1:
            raise BadInput(f"top_p must be above 0 and at most 1, not {self.top_p}")
        if not (math.isfinite(self.repetition_penalty) and self.repetition_penalty >= 1):
            raise BadInput(f"repetition_penalty must be 1 or more, not {self.repetition_penalty}")
        if self.max_tokens < 1:
            raise BadInput(f"max_tokens must be at least 1, not {self.max_tokens}")
        if self.seed is not None and not 0 <= self.seed < 2**63:
            raise BadInput(f"the seed must be from 0 to 2**63 - 1, not {self.seed}")

    def seeded(self) -> Sampling:
        """Return the settings with a seed drawn if there was none."""
        import secrets

        return self if self.seed is not None else replace(self, seed=secrets.randbelow(2**31))


class Sampler:
    """Chooses tokens for one reply. Penalises what this reply repeats, not the words of the prompt."""

    def __init__(self, settings: Sampling) -> None:
        import torch

        self._settings = settings
        self._generator = torch.Generator()
        self._generator.manual_seed(settings.seeded().seed or 0)
        self._used: list[int] = []

    def choose(self, logits: torch.Tensor) -> int:
        """Return a token for logits of shape (vocabulary,), computed in fp32 on the CPU for the same draw everywhere.

        Raises:
            NotFinite: the logits are not finite, as happens when a profile is far outside the anchors.
        """
        import torch

        from assistant.engine.base_model import NotFinite

        settings = self._settings
        scores = logits.detach().to("cpu", torch.float32)
        if not torch.isfinite(scores.sum()):  # the sum of what is not finite is not, and takes a tenth of the time
            raise NotFinite(
                "this profile is so far outside the anchors that the model breaks: move alpha nearer to 0 … 1"
            )
        if self._used and settings.repetition_penalty != 1:
            used = torch.tensor(sorted(set(self._used)))
            seen = scores[used]
            scores = scores.clone()
            scores[used] = torch.where(seen > 0, seen / settings.repetition_penalty, seen * settings.repetition_penalty)
        if settings.temperature == 0:
            token = int(scores.argmax())
        else:
            token = self._draw(torch.softmax(scores / settings.temperature, dim=-1))
        self._used.append(token)
        return token

    def _draw(self, probabilities: torch.Tensor) -> int:
        """Draw from the smallest set of tokens whose probabilities add up to top_p.

        The most likely `_HEAD` tokens nearly always contain that set; sorting the whole vocabulary takes milliseconds.
        """
        import torch

        top_p = self._settings.top_p
        ordered, order = probabilities.topk(min(_HEAD, len(probabilities)))
        sums = ordered.cumsum(0)
        if len(ordered) < len(probabilities) and sums[-1] < top_p:
            ordered, order = probabilities.sort(descending=True)
            sums = ordered.cumsum(0)
        keep = sums - ordered < top_p  # always keeps the first
        return int(order[torch.multinomial(ordered * keep, 1, generator=self._generator)])
