"""One person's chat: the conversation, the profile, and turns that are saved as they happen."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field

from assistant.chat.host import ModelHost
from assistant.chat.workspace import Workspace
from assistant.engine.sampling import Sampling
from assistant.errors import BadInput
from assistant.store import Conversation, Message, ProfileRevision, User
from assistant.style import Profile

Transform = Callable[[Profile], Profile]


class Chat:
    """A person's chat, without any interface.

    Everything is saved before it is acted on: the question before the model is asked, each piece of the reply as it
    comes, each change of the profile as a revision.
    """

    def __init__(self, workspace: Workspace, host: ModelHost, user: str, sampling: Sampling | None = None) -> None:
        """Open the chat of the person named `user`, creating them if they are new, with an empty conversation."""
        self.workspace = workspace
        self.host = host
        self.sampling = sampling or Sampling()
        self.user: User
        self.revision: ProfileRevision
        self.conversation: Conversation | None = None
        self.switch_user(user)

    @property
    def profile(self) -> Profile:
        """The person's profile, over the attributes of the bank."""
        return self._aligned(self.revision.profile)

    def messages(self) -> list[Message]:
        """Return the messages of the conversation, oldest first."""
        if self.conversation is None:
            return []
        return self.workspace.store.conversations.messages(self.conversation.id)

    def switch_user(self, name: str) -> None:
        """Go over to another person, with their profile and an empty conversation."""
        store = self.workspace.store
        self.user = store.users.ensure(name, self.workspace.neutral)
        self.revision = store.profiles.current(self.user.id)
        self.conversation = None
        self.prepare()

    def prepare(self) -> None:
        """Have the model compose the person's voice and read the conversation, so that the next reply is quick."""
        self.host.want(self.profile, tuple(_history(self.messages())), self.sampling.max_tokens)

    def resume(self) -> bool:
        """Continue the person's latest conversation; return whether there was one."""
        conversations = self.workspace.store.conversations
        latest = conversations.latest(self.user.id)
        if latest is None:
            return False
        conversations.recover(latest.id)
        self.conversation = latest
        self.prepare()
        return True

    def new(self) -> None:
        """Begin an empty conversation; it is stored with its first message."""
        self.conversation = None
        self.prepare()

    def change(self, transform: Transform, cause: str, kind: str = "set") -> ProfileRevision:
        """Change the profile and begin to compose it.

        Args:
            transform: from the newest profile to the one wanted.
            cause: the words that asked for it, kept in the history.
            kind: kind of revision.

        Raises:
            ProfileError: the change is not usable; nothing is changed.
        """
        return self._moved(
            self.workspace.store.profiles.change(
                self.user.id, lambda profile: transform(self._aligned(profile)), kind, cause
            )
        )

    def undo(self) -> ProfileRevision:
        """Take back the newest change of the profile that still counts."""
        return self._moved(self.workspace.store.profiles.undo(self.user.id))

    def redo(self) -> ProfileRevision:
        """Make the change that was taken back last again."""
        return self._moved(self.workspace.store.profiles.redo(self.user.id))

    def ask(self, text: str, profile: Profile | None = None) -> Turn:
        """Save what the person said and return the turn that answers it.

        Args:
            text: the person's message.
            profile: the voice of this reply alone; the person's own when None.

        Raises:
            BadInput: there is nothing in the message.
        """
        if not text.strip():
            raise BadInput("the message is empty")
        conversations = self.workspace.store.conversations
        if self.conversation is None:
            self.conversation = conversations.create(self.user.id, model=self.workspace.card.model)
        question = conversations.add(self.conversation.id, "user", text)
        return Turn(self, question, profile)

    def rate(self, value: int, message: Message | None = None) -> Message:
        """Store a thumb, +1 or −1, on a reply (the newest when None) with the profile that made it.

        Raises:
            BadInput: there is no reply yet.
        """
        if message is None:
            replies = [each for each in self.messages() if each.role == "assistant" and each.content]
            if not replies:
                raise BadInput("there is no reply to judge yet")
            message = replies[-1]
        self.workspace.store.feedback.add(message.id, self.user.id, value)
        return message

    def _moved(self, revision: ProfileRevision) -> ProfileRevision:
        self.revision = revision
        self.prepare()
        return revision

    def _aligned(self, profile: Profile) -> Profile:
        return profile.aligned(self.workspace.names)


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
    reply: Message = field(init=False)
    settings: Sampling = field(init=False)

    def __post_init__(self) -> None:
        chat = self.chat
        own = self.voice is None
        profile = chat.profile if self.voice is None else self.voice
        self.voice = profile
        self.settings = chat.sampling.seeded()
        self._history = _history(chat.messages())
        self._stop = threading.Event()
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
        )

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
        try:
            for piece in self.chat.host.stream(self._history, self.voice, self.settings, self._stop, clock.start):
                text += piece
                tokens += 1
                conversations.extend(self.reply.id, text, tokens)
                yield piece
            status = "stopped" if self._stop.is_set() else "complete"
        except GeneratorExit:
            status = "stopped"
            raise
        finally:
            seconds = clock.seconds()
            conversations.finish(self.reply.id, text, status, tokens, seconds)
            self.reply = self.reply.model_copy(
                update={"content": text, "status": status, "tokens": tokens, "seconds": seconds}
            )
            self.chat.prepare()


def _history(messages: list[Message]) -> list[dict[str, str]]:
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
