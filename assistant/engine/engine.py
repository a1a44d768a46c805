"""The engine: one model, one bank, and replies in the voice of a profile. Not safe to use from two threads at once."""

from __future__ import annotations

import bisect
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from pathlib import Path

import torch

from assistant.anchors.bank import load_bank
from assistant.engine import arithmetic as arithmetics
from assistant.engine import generation, llama
from assistant.engine.arithmetic import Arithmetic
from assistant.engine.base_model import BaseModel, load_base, pick_device
from assistant.engine.composer import Composer, never
from assistant.engine.forward import Forward, TransformersForward
from assistant.engine.int8_composer import Int8Composer
from assistant.engine.likelihood import forward_losses, reply_log_probs, reply_losses
from assistant.engine.prompting import PromptEncoder
from assistant.engine.room import Room
from assistant.engine.sampling import Sampling
from assistant.progress import UNWATCHED, Watch
from assistant.style import Profile

Messages = Sequence[Mapping[str, str]]


class Engine:
    """Answers conversations with a bank composed into the base model's weights."""

    def __init__(self, base: BaseModel, bank_folder: Path, arithmetic: str | Arithmetic = Arithmetic.FP32) -> None:
        """Load the bank and prepare to compose it.

        Raises:
            BankError: the bank is damaged or made for another model.
            BadInput: the arithmetic cannot be had here.
        """
        self.name = base.name
        self._model, self._tokenizer = base.model, base.tokenizer
        self._encoder = PromptEncoder(base.tokenizer)
        self._stops = self._encoder.stop_ids(base.model)
        bank = load_bank(bank_folder)
        self.arithmetic = arithmetics.settle(Arithmetic(arithmetic), base.model, bank)
        """How the weights are multiplied; never `AUTO`."""
        self.forward: Forward
        self.composer: Composer | Int8Composer
        if self.arithmetic is Arithmetic.INT8:
            self.forward = own = llama.LlamaForward(base.model)
            self.composer = Int8Composer(base.model, bank, own)
        else:
            self.composer = Composer(base.model, bank)
            understood = llama.understood(base.model)
            self.forward = llama.LlamaForward(base.model) if understood else TransformersForward(base.model)
        self._memory = generation.KeyValues(self.forward)

    @classmethod
    def load(
        cls,
        bank_folder: Path,
        reference: str | None = None,
        device: str | None = None,
        dtype: torch.dtype | None = None,
        watch: Watch = UNWATCHED,
        arithmetic: str | Arithmetic = Arithmetic.AUTO,
    ) -> Engine:
        """Load a base model (see `load_base`) and the bank in `bank_folder`.

        A `dtype` settles the arithmetic; without one, the weights are loaded as the arithmetic wants them.
        """
        place, wanted = pick_device(device), Arithmetic(arithmetic)
        if dtype is not None:
            wanted = Arithmetic.BF16 if dtype == torch.bfloat16 else Arithmetic.FP32
        base = load_base(reference, place, dtype or arithmetics.dtype_of(wanted, place), watch)
        return cls(base, bank_folder, wanted)

    @property
    def context(self) -> int:
        """Number of tokens that fit into the model's context."""
        return int(getattr(self._model.config, "max_position_embeddings", 2048))

    def compose(self, profile: Profile, cancelled: Callable[[], bool] = never) -> bool:
        """Compose the profile; return whether the weights changed.

        Once `cancelled` is true, composing ends early and the weights are good for nothing but another composition.
        """
        return self.composer.compose(profile, cancelled)

    def fold(self, cancelled: Callable[[], bool] = never) -> bool:
        """Do what `compose` left for an idle moment; return whether nothing is left. Replies are right before it, too.

        With int8 weights a change is first carried by a path of low rank beside them; this packs it into them.
        """
        return self.composer.fold(cancelled)

    def encode(self, messages: Messages, reserve: int = 256) -> list[int]:
        """Return the token ids of a conversation, ready for a reply of at most `reserve` tokens.

        Older turns are left out when the conversation and the longest reply do not fit into the context together.
        """
        return self._fit(messages, reserve)

    def tokens(self, ids: Sequence[int], settings: Sampling) -> Generator[int]:
        """Yield the tokens of the reply to `ids`, without the one that ends it."""
        return generation.stream(self._memory, self.composer.key, ids, settings, self._stops)

    def stream(self, messages: Messages, settings: Sampling) -> Iterator[str]:
        """Yield the reply to a conversation in pieces of text, one per token where possible; see `encode`."""
        tokens: list[int] = []
        shown = ""
        for token in self.tokens(self._fit(messages, settings.max_tokens), settings):
            tokens.append(token)
            text = self._decode(tokens)
            whole = text.rstrip("\ufffd")  # a character may span tokens: wait for the rest of it
            yield whole[len(shown) :]
            shown = whole
        rest = self._decode(tokens)[len(shown) :]
        if rest:
            yield rest

    def prefill(self, messages: Messages, cancelled: Callable[[], bool] = never, reserve: int = 256) -> bool:
        """Read a conversation ahead of the next message; return whether nothing is left to read.

        Args:
            messages: the conversation so far; with none, what stands before a first message is read.
            cancelled: asked every few tokens; what was read by then is of use.
            reserve: tokens of the reply to come, at the most.
        """
        ids = self._fit(messages or [{"role": "user", "content": ""}], reserve)
        return generation.prefill(self._memory, self.composer.key, ids, cancelled)

    def logits(self, ids: Sequence[int]) -> torch.Tensor:
        """Return the logits after `ids`, shape (vocabulary,), by the path that replies take."""
        known = self._memory.claim(self.composer.key, ids)
        return self._memory.extend(list(ids[known:])).float()

    def batch(self, conversations: Sequence[Messages], settings: Sequence[Sampling]) -> list[tuple[str, int]]:
        """Return the text and the number of tokens of one reply per conversation, decoded together."""
        prompts = [self._fit(messages, each.max_tokens) for messages, each in zip(conversations, settings, strict=True)]
        pad = self._tokenizer.pad_token_id or 0
        replies = generation.batch(self.forward, prompts, settings, self._stops, pad)
        return [(self._decode(reply), len(reply)) for reply in replies]

    def losses(self, conversations: Sequence[Messages], replies: Sequence[str]) -> list[tuple[float, int]]:
        """Return (negative log-likelihood in nats, tokens) of each given reply under the weights now composed."""
        prompts = [self._fit(messages, 256) for messages in conversations]
        texts = [self._encoder.text(reply) for reply in replies]
        if isinstance(self.forward, llama.LlamaForward):
            return forward_losses(self.forward, prompts, texts)
        return reply_losses(self._model, prompts, texts, self._tokenizer.pad_token_id or 0)

    def log_probs(self, conversations: Sequence[Messages], replies: Sequence[str]) -> list[torch.Tensor]:
        """Return the log-probabilities of every next token along given replies under the weights now composed.

        Each has shape (tokens of the reply, vocabulary), in fp32 on the CPU.
        """

        def logits(ids: torch.Tensor) -> torch.Tensor:
            if isinstance(self.composer, Int8Composer):
                assert isinstance(self.forward, llama.LlamaForward)
                return self.forward.block(self.forward.cache(), ids)
            found: torch.Tensor = self._model(ids.to(self._model.device), use_cache=False).logits
            return found

        prompts = [self._fit(messages, 256) for messages in conversations]
        return reply_log_probs(logits, prompts, [self._encoder.text(reply) for reply in replies])

    def text_losses(self, texts: Sequence[str]) -> list[tuple[float, int]]:
        """Return (negative log-likelihood in nats, tokens) of plain texts under the weights now composed.

        Each text stands alone, after the token that begins or, where there is none, ends a text.
        """
        begin = self._tokenizer.bos_token_id
        first = [self._tokenizer.eos_token_id if begin is None else begin]
        ids = [self._encoder.text(text)[: self.context - 1] for text in texts]
        if isinstance(self.forward, llama.LlamaForward):
            return forward_losses(self.forward, [first] * len(ids), ids)
        return reply_losses(self._model, [first] * len(ids), ids, self._tokenizer.pad_token_id or 0)

    def _decode(self, tokens: Sequence[int]) -> str:
        return str(self._tokenizer.decode(tokens, skip_special_tokens=True))

    def room(self, messages: Messages, reserve: int = 256) -> Room:
        """Return how a conversation fits into the context with a reply of at most `reserve` tokens; see `encode`."""
        return self._fitted(messages, reserve)[1]

    def _fit(self, messages: Messages, reserve: int) -> list[int]:
        return self._fitted(messages, reserve)[0]

    def _fitted(self, messages: Messages, reserve: int) -> tuple[list[int], Room]:
        """Encode the conversation without as many of its oldest turns as it takes to fit, `reserve` tokens to spare."""
        room = max(self.context - reserve, self.context // 2)
        ids, dropped = self._encoder.encode(messages), 0
        if len(ids) > room:
            asked = [index for index, message in enumerate(messages) if message["role"] == "user" and index > 0]
            starts = sorted({*asked, len(messages) - 1})
            first = bisect.bisect_left(
                starts, True, key=lambda start: len(self._encoder.encode(messages[start:])) <= room
            )
            start = starts[min(first, len(starts) - 1)]
            ids = self._encoder.encode(messages[start:])
            dropped = sum(message["role"] == "user" for message in messages[:start])
        cut = max(len(ids) - room, 0)
        return ids[cut:], Room(self.context, len(ids) - cut, dropped, cut)
