"""The engine: one model, one bank, and replies in the voice of a profile. Not safe to use from two threads at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import torch

from assistant.anchors.bank import load_bank
from assistant.engine import generation
from assistant.engine.base_model import BaseModel, load_base, pick_device
from assistant.engine.composer import Composer
from assistant.engine.likelihood import reply_losses
from assistant.engine.prompting import PromptEncoder
from assistant.engine.sampling import Sampling
from assistant.style import Profile

Messages = Sequence[Mapping[str, str]]


class Engine:
    """Answers conversations with a bank composed into the base model's weights."""

    def __init__(self, base: BaseModel, bank_folder: Path) -> None:
        """Load the bank and take the snapshot of W0.

        Raises:
            BankError: the bank is damaged or made for another model.
        """
        self.name = base.name
        self._model, self._tokenizer = base.model, base.tokenizer
        self._encoder = PromptEncoder(base.tokenizer)
        self._stops = self._encoder.stop_ids(base.model)
        self.composer = Composer(base.model, load_bank(bank_folder))
        self._memory = generation.KeyValues()

    @classmethod
    def load(
        cls,
        bank_folder: Path,
        reference: str | None = None,
        device: str | None = None,
        dtype: torch.dtype | None = None,
        say: Callable[[str], None] = lambda _: None,
    ) -> Engine:
        """Load a base model (see `load_base`) and the bank in `bank_folder`."""
        return cls(load_base(reference, pick_device(device), dtype, say), bank_folder)

    @property
    def context(self) -> int:
        """Number of tokens that fit into the model's context."""
        return int(getattr(self._model.config, "max_position_embeddings", 2048))

    def compose(self, profile: Profile) -> bool:
        """Compose the profile into the weights; return whether they changed."""
        changed = self.composer.compose(profile)
        if changed:
            self._memory.drop()
        return changed

    def stream(self, messages: Messages, settings: Sampling) -> Iterator[str]:
        """Yield the reply to a conversation in pieces of text, one per token where possible.

        Older turns are left out when the conversation and the longest reply do not fit into the context together.
        """
        ids = self._fit(messages, settings.max_tokens)
        tokens: list[int] = []
        shown = ""
        for token in generation.stream(self._model, ids, settings, self._stops, self._memory, self.composer.key):
            tokens.append(token)
            text = self._decode(tokens)
            whole = text.rstrip("\ufffd")  # a character may span tokens: wait for the rest of it
            yield whole[len(shown) :]
            shown = whole
        rest = self._decode(tokens)[len(shown) :]
        if rest:
            yield rest

    def batch(self, conversations: Sequence[Messages], settings: Sequence[Sampling]) -> list[tuple[str, int]]:
        """Return the text and the number of tokens of one reply per conversation, decoded together."""
        prompts = [self._fit(messages, each.max_tokens) for messages, each in zip(conversations, settings, strict=True)]
        pad = self._tokenizer.pad_token_id or 0
        replies = generation.batch(self._model, prompts, settings, self._stops, pad)
        return [(self._decode(reply), len(reply)) for reply in replies]

    def losses(self, conversations: Sequence[Messages], replies: Sequence[str]) -> list[tuple[float, int]]:
        """Return (negative log-likelihood in nats, tokens) of each given reply under the weights now composed."""
        prompts = [self._fit(messages, 256) for messages in conversations]
        return reply_losses(
            self._model, prompts, [self._encoder.text(reply) for reply in replies], self._tokenizer.pad_token_id or 0
        )

    def _decode(self, tokens: Sequence[int]) -> str:
        return str(self._tokenizer.decode(tokens, skip_special_tokens=True))

    def _fit(self, messages: Messages, reserve: int) -> list[int]:
        """Encode the conversation, leaving out its oldest turns until it fits with `reserve` tokens to spare."""
        room = max(self.context - reserve, self.context // 2)
        kept = list(messages)
        ids = self._encoder.encode(kept)
        while len(ids) > room and len(kept) > 1:
            del kept[0]
            while len(kept) > 1 and kept[0]["role"] != "user":
                del kept[0]
            ids = self._encoder.encode(kept)
        return ids if len(ids) <= room else ids[-room:]
