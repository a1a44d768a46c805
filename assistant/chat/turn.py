"""A turn: a question and the reply to it, saved piece by piece."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from assistant.chat import wording
from assistant.chat.guard import Guard
from assistant.chat.outcome import Outcome
from assistant.engine.room import Room
from assistant.engine.sampling import Sampling
from assistant.store import Message, StoreError
from assistant.style import Profile

if TYPE_CHECKING:
    from assistant.chat.session import Chat


class Stopwatch:
    """Seconds since the model began to work; 0 until then."""

    def __init__(self) -> None:
        self._began: float | None = None

    def start(self) -> None:
        """Begin to count."""
        self._began = time.monotonic()

    def seconds(self) -> float:
        """Return the time since the start."""
        return 0.0 if self._began is None else time.monotonic() - self._began


@dataclass
class Turn:
    """A question and the reply to it, saved piece by piece."""

    chat: Chat
    question: Message
    voice: Profile | None = None
    """The voice of this reply, when it is not the person's own."""
    beside: Message | None = None
    """The reply to the same question that this one is compared with: the conversation goes on from that one."""
    reply: Message = field(init=False)
    settings: Sampling = field(init=False)
    room: Room | None = field(default=None, init=False)
    """How the conversation fits into the model's context; None until the model begins."""

    def __post_init__(self) -> None:
        chat = self.chat
        own = self.voice is None
        profile = chat.profile if self.voice is None else self.voice
        self.voice = profile
        self.settings = chat.sampling.seeded()
        self._history = history([each for each in chat.messages() if each.id <= self.question.id])
        self._stop = threading.Event()
        self.guard = Guard(chat.workspace.card.safe_range, profile)
        """Ends a reply that falls apart beyond the safe range."""
        self.ended = threading.Event()
        """Set once the reply is stored in its final form."""
        chat.begun(self)
        self.reply = chat.workspace.store.conversations.add(
            self.question.conversation_id,
            "assistant",
            "",
            status="streaming",
            parent_id=self.question.id,
            revision_id=chat.revision.id if own else None,
            profile=profile,
            model=chat.workspace.card.model,
            seed=self.settings.seed,
            settings=asdict(self.settings),
            rival_of=self.beside.id if self.beside else None,
        )
        chat.last_seen = self.reply.id

    def stop(self) -> None:
        """End the reply after the token that is being generated; what there is stays."""
        self._stop.set()

    def stream(self) -> Iterator[str]:
        """Yield the reply in pieces, each saved before it is yielded. May be called once.

        However it ends, the reply's status says how: complete, stopped, or failed.

        Raises:
            AssistantError: the model cannot answer.
        """
        conversations = self.chat.workspace.store.conversations
        assert self.voice is not None
        clock, text, tokens, status = Stopwatch(), "", 0, "failed"
        unsaved = False
        try:
            pieces = self.chat.host.stream(
                self._history, self.voice, self.settings, self._stop, clock.start, self._fits
            )
            for piece in self.guard.watch(pieces):
                text += piece
                tokens += 1
                conversations.extend(self.reply.id, text, tokens)
                yield piece
            status = "stopped" if self._stop.is_set() or self.guard.fault else "complete"
        except GeneratorExit:
            status = "stopped"
            raise
        except StoreError:
            unsaved = True
            raise
        finally:
            seconds = clock.seconds()
            self.reply = self.reply.model_copy(
                update={"content": text, "status": status, "tokens": tokens, "seconds": seconds}
            )
            try:
                if unsaved:  # trying once more at once would only make the person wait as long again
                    self.chat.owe(self)
                else:
                    self.save()
            except StoreError:
                self.chat.owe(self)
                raise
            finally:
                self.ended.set()
            self.chat.prepare()

    def save(self) -> None:
        """Store the reply in its final form.

        Raises:
            StoreError: the database is locked, full or damaged.
        """
        reply = self.reply
        self.chat.workspace.store.conversations.finish(
            reply.id, reply.content, reply.status, reply.tokens or 0, reply.seconds or 0.0
        )

    def notice(self) -> Outcome | None:
        """Return what to say about what this reply could not take into account, None where that is nothing."""
        if self.room is None or not (self.room.dropped or self.room.cut):
            return None
        return Outcome(f"{wording.left_out(self.room)}.")

    def _fits(self, room: Room) -> None:
        self.room = room
        self.reply = self.reply.model_copy(update={"context": room.as_dict()})
        self.chat.workspace.store.conversations.fitted(self.reply.id, room.as_dict())


def history(messages: list[Message]) -> list[dict[str, str]]:
    """Return what the model sees: non-empty messages, roles alternating, ending with the question."""
    turns: list[dict[str, str]] = []
    for message in messages:
        if not message.content.strip():
            continue
        if turns and turns[-1]["role"] == message.role:
            turns[-1] = {"role": message.role, "content": f"{turns[-1]['content']}\n\n{message.content}"}
        else:
            turns.append({"role": message.role, "content": message.content})
    return turns
