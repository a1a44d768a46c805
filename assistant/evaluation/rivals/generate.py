"""The plain base through transformers' own `generate`."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from assistant.engine.base_model import BaseModel
from assistant.engine.prompting import PromptEncoder
from assistant.engine.sampling import Sampling
from assistant.evaluation.rivals.decoder import Messages
from assistant.style import Profile


class Generate:
    """`model.generate` with the same settings. It knows no voices: the profile is ignored."""

    def __init__(self, base: BaseModel) -> None:
        """Take a base that nobody composes into."""
        self._base = base
        self._encoder = PromptEncoder(base.tokenizer)

    @torch.inference_mode()
    def stream(self, messages: Messages, profile: Profile, settings: Sampling, stops: frozenset[int]) -> Iterator[int]:
        """Yield the tokens of one reply, all at once when it is done; see `Decoder.stream`."""
        ids = torch.tensor([self._encoder.encode(messages)], device=self._base.model.device)
        torch.manual_seed(settings.seeded().seed or 0)
        sampled = {"do_sample": True, "temperature": settings.temperature, "top_p": settings.top_p, "top_k": 0}
        found = self._base.model.generate(
            ids,
            attention_mask=torch.ones_like(ids),
            max_new_tokens=settings.max_tokens,
            eos_token_id=sorted(stops) or None,
            min_new_tokens=None if stops else settings.max_tokens,
            pad_token_id=self._base.tokenizer.pad_token_id or 0,
            repetition_penalty=settings.repetition_penalty,
            **(sampled if settings.temperature > 0 else {"do_sample": False}),
        )
        for token in found[0, ids.shape[1] :].tolist():
            if token in stops:
                return
            yield token
