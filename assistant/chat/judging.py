"""What a person says about replies, kept as it is said, and learned from in the background."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future

from assistant.chat import owing
from assistant.chat.background import Background
from assistant.chat.learning import Learning, Lesson
from assistant.chat.outcome import Outcome
from assistant.chat.reasons import Why
from assistant.chat.turn import Turn
from assistant.chat.workspace import Workspace
from assistant.errors import AssistantError
from assistant.store import LearnedAlready, Message, OwedLesson, ProfileRevision, User


class Judging:
    """Thumbs, picks and weak signs of a person, and what is learned from them.

    What is to be learned from a thumb or a pick is stored as owed together with it, and no longer owed with the
    lesson: a program that is killed between the two learns from it at its next start.
    """

    workspace: Workspace
    user: User
    learning: Learning
    _background: Background
    _turn: Turn | None

    def take_up(self, revision: ProfileRevision) -> None:
        """Go on with a revision of the person's profile."""
        raise NotImplementedError

    def look(self) -> None:
        """Take note of what was said in the conversation."""
        raise NotImplementedError

    def prepare(self) -> None:
        """Have the model take up the voice and the conversation."""
        raise NotImplementedError

    def newest_reply(self) -> Message:
        """Return the reply that a verdict is about."""
        raise NotImplementedError

    def rate(
        self, value: int, message: Message | None = None, why: Why | None = None
    ) -> tuple[Message, int, OwedLesson | None]:
        """Store a thumb, +1 or −1, on a reply (the newest when None) with the profile that made it.

        The thumb that a reply has already is taken back instead, unless it comes with what was wrong.

        Returns:
            The reply; the thumb that it has now, +1, −1, or 0 for none; and what is to be learned from that, None
            where learning is off.

        Raises:
            BadInput: there is no reply yet.
        """
        message = message or self.newest_reply()
        store, user = self.workspace.store, self.user.id
        standing = store.feedback.active(message.id)
        same = standing is not None and standing.value == value
        stands = 0 if same and why is None else value
        owed = None if self._unheard() else owing.verdict(self.learning.bank, user, message, stands, why)
        if stands == 0:
            store.feedback.withdraw(message.id, user, owed)
        elif not same:
            store.feedback.add(message.id, user, value, owed)
        elif owed is not None:
            store.owed.add(owed)
        return message, stands, owed

    def pick(self, chosen: Message, other: Message) -> OwedLesson | None:
        """Go on from one of two replies that were compared.

        Returns:
            What is to be learned from that; None where learning is off.
        """
        owed = None if self._unheard() else owing.choice(self.learning.bank, self.user.id, chosen, other)
        self.workspace.store.branches.pick(self.user.id, chosen.id, other.id, owed)
        self.look()
        self.prepare()
        return owed

    def overdue(self) -> Future[Outcome] | None:
        """Learn from what the person did before and is owed still; return None when nothing is."""
        user, store = self.user.id, self.workspace.store
        if self._unheard() or not store.owed.list(user, self.learning.bank):
            return None
        store.conversations.recover()  # a reply that nobody writes any more is whole
        failed = "Not learned from what you did last time"

        def learn() -> Outcome:
            told, faults = [], []
            for lesson, message, other in store.owed.list(user, self.learning.bank):
                if message.status == "streaming":  # learned from once it is whole: by its chat, or at the next start
                    continue
                try:
                    learned = owing.learn(self.learning, lesson, message, other)
                except LearnedAlready:
                    continue
                except AssistantError as error:
                    faults.append(str(error))
                else:
                    told += [self.told(user, learned).text] if learned else []
            text = [f"From last time: {' '.join(told)}"] if told else []
            text += [f"{failed}: {'; '.join(dict.fromkeys(faults))}."] if faults else []
            return Outcome(" ".join(text), "error" if faults else "info", learned=bool(told))

        return self.later(learn, failed)

    def later(self, act: Callable[[], Outcome], failed: str = "Not learned from") -> Future[Outcome]:
        """Do something that may take a while in the background, after all that was begun before it.

        What it cannot do comes as an outcome of level "error" that begins with `failed`, never as an exception.
        """
        return self._background.submit(act, failed)

    def told(self, user_id: int, lesson: Lesson) -> Outcome:
        """Take up what was learned, unless another person has sat down meanwhile, and say it."""
        if self.user.id == user_id and lesson.revision is not None:
            self.take_up(lesson.revision)
        return Outcome(f"{lesson.why}.", learned=True)

    def caught_up(self, user_id: int) -> Outcome:
        """Take up what another window has learned, unless another person has sat down meanwhile."""
        if self.user.id == user_id:
            self.take_up(self.workspace.store.profiles.current(user_id))
        return Outcome("")

    def whole(self, message: Message) -> Message:
        """Return a reply as it is stored once its writing has ended; waits for that."""
        turn = self._turn
        if turn is None or turn.reply.id != message.id:
            return message
        turn.ended.wait()
        return turn.reply

    def tried_again(self, reply: Message) -> Future[Outcome] | None:
        """Take a retry as the weak sign that it is, if the person lets that count; else return None."""
        user = self.user.id
        judged = self.workspace.store.feedback.active(reply.id) is not None
        if judged or not reply.content.strip() or self.workspace.store.learning.mode(user) != "weak":
            return None
        return self.later(lambda: self._weakly(user, reply, "retry"))

    def _weakly(self, user_id: int, reply: Message, sign: str) -> Outcome:
        lesson = self.learning.weak(user_id, reply, sign)
        return self.told(user_id, lesson) if lesson else Outcome("")

    def _unheard(self) -> bool:
        return self.workspace.store.learning.mode(self.user.id) == "off"
