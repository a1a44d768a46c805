"""Answering prompts outside a running chat: one at a time as a stream, or many in a batch, saved for a user or not."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Protocol

from assistant.chat.guard import Guard
from assistant.chat.host import Messages, ModelHost, VoiceEngine
from assistant.chat.session import Chat
from assistant.chat.turn import Stopwatch
from assistant.errors import BadInput
from assistant.style import Profile, SafeRange

if TYPE_CHECKING:
    from assistant.engine.sampling import Sampling

BATCH = 16
"""Prompts decoded together at the most; more waste work on padding and on waiting for the longest reply."""


class BatchEngine(VoiceEngine, Protocol):
    """An engine that also answers several conversations at once."""

    def batch(self, conversations: Sequence[Messages], settings: Sequence[Sampling]) -> list[tuple[str, int]]:
        """Return text and number of tokens of one reply per conversation."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One reply with what made it."""

    prompt: str
    reply: str
    user: str | None
    profile: Profile
    seed: int
    model: str
    tokens: int
    seconds: float
    """Wall time; of a batch, the batch's time shared evenly."""
    fault: str = ""
    """What went wrong with a reply that was ended beyond the safe range, such as "repeats itself"."""

    def as_dict(self, scores: Mapping[str, float]) -> dict[str, Any]:
        """Return the object that `assistant ask --json` prints, with the attribute scores of the reply."""
        return {
            "prompt": self.prompt,
            "reply": self.reply,
            "user": self.user,
            **self.profile.as_dict(),
            "seed": self.seed,
            "model": self.model,
            "tokens": self.tokens,
            "seconds": round(self.seconds, 3),
            "scores": {name: round(value, 4) for name, value in scores.items()},
        }


def ask_many(
    engine: BatchEngine, prompts: Sequence[str], profile: Profile, sampling: Sampling, chat: Chat | None = None
) -> Iterator[Answer]:
    """Answer independent prompts in batches, in order; with a chat, each is saved as a conversation of its user.

    Args:
        engine: the model; `profile` is composed into it.
        prompts: what to answer.
        profile: the voice of all replies.
        sampling: settings; its seed, if there is one, is used for every prompt.
        chat: whose conversations these become, if anyone's.

    Raises:
        BadInput: a prompt is empty.
    """
    for number, prompt in enumerate(prompts, 1):
        if not prompt.strip():
            raise BadInput(f"prompt {number} is empty")
    engine.compose(profile)
    for start in range(0, len(prompts), BATCH):
        chunk = prompts[start : start + BATCH]
        settings = [sampling.seeded() for _ in chunk]
        saved = [_save_question(chat, prompt) for prompt in chunk] if chat else []
        began = time.monotonic()
        replies = engine.batch([[{"role": "user", "content": prompt}] for prompt in chunk], settings)
        each = (time.monotonic() - began) / len(chunk)
        for row, (prompt, (text, tokens)) in enumerate(zip(chunk, replies, strict=True)):
            seed = settings[row].seed
            assert seed is not None
            if chat:
                _save_reply(chat, saved[row], text, tokens, each, profile, settings[row])
            user = chat.user.name if chat else None
            yield Answer(prompt, text, user, profile, seed, engine.name, tokens, each)


def stream_one(
    host: ModelHost, prompt: str, profile: Profile, sampling: Sampling, safe: SafeRange | None = None
) -> Iterator[str | Answer]:
    """Answer one prompt without saving anything; yields pieces of text and, last, the answer.

    Beyond the `safe` range, a reply that falls apart is ended.
    """
    settings = sampling.seeded()
    assert settings.seed is not None
    text, tokens, clock = "", 0, Stopwatch()
    messages = [{"role": "user", "content": prompt}]
    guard = Guard(safe, profile)
    for piece in guard.watch(host.stream(messages, profile, settings, threading.Event(), clock.start)):
        text += piece
        tokens += 1
        yield piece
    yield Answer(prompt, text, None, profile, settings.seed, host.model, tokens, clock.seconds(), guard.fault)


def ask_one(chat: Chat, prompt: str, profile: Profile) -> Iterator[str | Answer]:
    """Answer one prompt as a new conversation of the chat's user; yields pieces of text and, last, the answer."""
    chat.new()
    turn = chat.ask(prompt, None if profile == chat.profile else profile)
    yield from turn.stream()
    reply, seed = turn.reply, turn.settings.seed
    assert seed is not None
    tokens, seconds, fault = reply.tokens or 0, reply.seconds or 0.0, turn.guard.fault
    yield Answer(prompt, reply.content, chat.user.name, profile, seed, chat.host.model, tokens, seconds, fault)


def _save_question(chat: Chat, prompt: str) -> int:
    conversations = chat.workspace.store.conversations
    conversation = conversations.create(chat.user.id, model=chat.workspace.card.model)
    conversations.add(conversation.id, "user", prompt)
    return int(conversation.id)


def _save_reply(
    chat: Chat, conversation: int, text: str, tokens: int, seconds: float, profile: Profile, settings: Sampling
) -> None:
    conversations = chat.workspace.store.conversations
    message = conversations.add(
        conversation,
        "assistant",
        text,
        profile=profile,
        revision_id=chat.revision.id if profile == chat.profile else None,
        model=chat.workspace.card.model,
        seed=settings.seed,
        settings=_plain(settings),
    )
    conversations.finish(message.id, text, "complete", tokens, seconds)


def _plain(settings: Sampling) -> Mapping[str, Any]:
    return asdict(settings)
