"""One person's chat: the conversation, the profile, and turns that are saved as they happen."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING

from assistant.chat.background import Background
from assistant.chat.conversing import Conversing
from assistant.chat.host import ModelHost
from assistant.chat.judging import Judging
from assistant.chat.learning import Learning
from assistant.chat.outcome import Outcome
from assistant.chat.trainer import Trainer
from assistant.chat.turn import Turn, history
from assistant.chat.voicing import Voicing
from assistant.chat.workspace import Workspace
from assistant.engine.sampling import Sampling
from assistant.errors import BadInput
from assistant.store import Conversation, Message, ProfileRevision, StoreError, User
from assistant.style import Profile

if TYPE_CHECKING:
    from assistant.chat.registry import Command

_log = logging.getLogger(__name__)


class Chat(Voicing, Conversing, Judging):
    """A person's chat, without any interface.

    Everything is saved before it is acted on: the question before the model is asked, each piece of the reply as it
    comes, each change of the profile as a revision.
    """

    def __init__(
        self,
        workspace: Workspace,
        host: ModelHost,
        user: str,
        sampling: Sampling | None = None,
        learning: Learning | None = None,
        trainer: Trainer | None = None,
    ) -> None:
        """Open the chat of the person named `user`, creating them if they are new, with an empty conversation."""
        self.workspace = workspace
        self.host = host
        self.added: tuple[Command, ...] = ()
        """Commands that the interface adds to the chat's own."""
        self.sampling = sampling or Sampling()
        self.learning = learning or Learning(workspace)
        self.trainer = trainer or Trainer()
        """Trains voices beside the chat."""
        self._turn: Turn | None = None
        self._unanswered: Message | None = None
        """A question that is saved, and whose reply could not be begun."""
        self._owed: list[Turn] = []
        """Turns whose reply could not be saved in its final form yet."""
        self._background = Background()
        self.rival: Future[Profile] | None = None
        """The second voice of the comparison that is being made; it takes a while to find."""
        self.user: User
        self.revision: ProfileRevision
        self.conversation: Conversation | None = None
        self.switch_user(user)

    def switch_user(self, name: str) -> None:
        """Go over to another person, with their profile and an empty conversation."""
        store = self.workspace.store
        self.user = store.users.ensure(name, self.workspace.neutral)
        self.revision = store.profiles.current(self.user.id)
        self.conversation = None
        self.look()
        self.prepare()

    def prepare(self) -> None:
        """Have the model compose the person's voice and read the conversation, so that the next reply is quick."""
        self.host.want(self.profile, tuple(history(self.messages())), self.sampling.max_tokens)

    def ask(self, text: str, profile: Profile | None = None) -> Turn:
        """Save what the person said and return the turn that answers it.

        Args:
            text: the person's message.
            profile: the voice of this reply alone; the person's own when None.

        Raises:
            BadInput: there is nothing in the message.
            WentOn: the conversation went on in another window; nothing is saved.
        """
        if not text.strip():
            raise BadInput("the message is empty")
        self.refresh()
        self.settle()
        question = self._standing(text)
        if question is None:
            conversations = self.workspace.store.conversations
            if self.conversation is None:
                self.conversation = conversations.create(self.user.id, model=self.workspace.card.model)
            else:
                self._pass_over()
            question = conversations.add(self.conversation.id, "user", text, after=self.last_seen)
            self._unanswered, self.last_seen = question, question.id
        turn = Turn(self, question, profile)
        self._unanswered = None
        return turn

    def _standing(self, text: str) -> Message | None:
        """Return the question if it was saved when it was sent before, and its reply could not be begun."""
        asked = self._unanswered
        if asked is None or asked.content != text or self.last_seen != asked.id:
            return None
        return asked if asked.id == self.workspace.store.branches.last(asked.conversation_id) else None

    def refresh(self) -> None:
        """Go on with the person's newest profile, whichever window has changed it.

        Raises:
            BadInput: the person was deleted meanwhile.
        """
        self.take_up(self.workspace.store.profiles.current(self.user.id))

    def retry(self, message_id: int | None = None) -> Turn:
        """Return a turn that answers the same message anew, in the person's present voice.

        The reply that there was is kept as a sibling, with all that followed it.

        Args:
            message_id: a reply of the active path; the newest when None.

        Raises:
            BadInput: there is no such reply.
        """
        reply = self.last_reply() if message_id is None else self.message(message_id)
        if reply.role != "assistant" or reply.parent_id is None:
            raise BadInput("only a reply can be tried again")
        return Turn(self, self.message(reply.parent_id))

    def edit(self, message_id: int, text: str) -> Turn:
        """Word a message of the person's own anew and return the turn that answers it.

        The old wording is kept as a sibling, with all that followed it.

        Raises:
            BadInput: there is nothing in the text, or no such message of the person's.
        """
        if not text.strip():
            raise BadInput("the message is empty")
        if self.message(message_id).role != "user":
            raise BadInput("only a message of your own can be edited")
        question = self.workspace.store.conversations.beside(message_id, text)
        self.last_seen = question.id
        return Turn(self, question)

    def last_reply(self) -> Message:
        """Return the last reply of the active path, whatever is in it.

        Raises:
            BadInput: there is none yet.
        """
        for message in reversed(self.messages()):
            if message.role == "assistant":
                return message
        raise BadInput("there is no reply yet")

    def newest_reply(self) -> Message:
        """Return the reply that a verdict is about.

        Raises:
            BadInput: there is no reply yet.
        """
        for message in reversed(self.messages()):
            if message.role == "assistant" and message.content:
                return message
        raise BadInput("there is no reply to judge yet")

    def compare(self, text: str = "") -> tuple[Message | None, tuple[Callable[[], Turn], ...]]:
        """Return the question, if it is new, and what begins the turns that answer it in two voices.

        Without a text the newest reply is one of the two, and there is one turn. The second voice is the one that the
        comparison would tell most about; it is found in the background, and what begins the second turn waits for
        `rival`. Until the person picks, the conversation goes on from the first reply.

        Raises:
            BadInput: there is neither a text nor a reply yet.
        """
        user = self.user.id

        def challenger() -> Profile:
            return self.learning.learner(user).challenger()

        if text.strip():
            rival = self.rival = self._background.compute(challenger)
            turn = self.ask(text)
            return turn.question, (lambda: turn, lambda: Turn(self, turn.question, rival.result(), beside=turn.reply))
        reply = self.newest_reply()
        question = next((each for each in self.messages() if each.id == reply.parent_id), None)
        if question is None:
            raise BadInput("what this reply answers is not there any more: /compare MESSAGE asks something new")
        rival = self.rival = self._background.compute(challenger)
        return None, (lambda: Turn(self, question, rival.result(), beside=reply),)

    def compared(self) -> tuple[Message, Message]:
        """Return the two replies to the newest message that were compared last, in the order of their writing.

        Raises:
            BadInput: there are none.
        """
        found = self.siblings(self.last_reply().id).compared
        if found is None:
            raise BadInput("there are no two replies to pick from: /compare makes them")
        return found

    def begun(self, turn: Turn) -> None:
        """Take note of the turn whose reply is being written."""
        self._turn = turn

    def owe(self, turn: Turn) -> None:
        """Take note of a turn whose reply could not be saved in its final form; `settle` makes good for it."""
        self._owed.append(turn)

    def settle(self) -> None:
        """Save what could not be saved when it was written, if it can be now."""
        for turn in tuple(self._owed):
            try:
                turn.save()
            except StoreError as error:
                _log.warning("a reply is not saved in its final form yet: %s", error)
                return
            self._owed.remove(turn)

    def _settled(self) -> Outcome:
        self.settle()
        return Outcome("")

    def finished(self, reply: Message) -> Future[Outcome] | None:
        """Measure a reply that has ended, so that a verdict on it is learned from at once.

        Returns:
            What a weak sign moved, when the person stopped the reply and lets that count; how to go back, when the
            reply was ended by the guard, which is nobody's verdict; else None.
        """
        user = self.user.id
        if self._owed:
            self.later(self._settled)
        if self._turn is not None and self._turn.reply.id == reply.id and self._turn.guard.fault:
            words = self._turn.guard.words
            return self.later(lambda: Outcome(words))
        if not reply.content.strip() or self.workspace.store.learning.mode(user) == "off":
            return None
        if reply.status == "stopped" and self.workspace.store.learning.mode(user) == "weak":
            return self.later(lambda: self._weakly(user, reply, "stopped"))

        def measure() -> Outcome:
            self.learning.scores(reply)
            return Outcome("")

        self.later(measure)
        return None

    def _pass_over(self) -> None:
        """Note that the newest reply was read and not judged."""
        replies = [each for each in self.messages() if each.role == "assistant"]
        if not replies:
            return
        user, reply = self.user.id, replies[-1]
        if reply.profile is None or not reply.content.strip() or self.workspace.store.feedback.active(reply.id):
            return

        def note() -> Outcome:
            self.learning.passed_over(user, reply)
            return Outcome("")

        self.later(note)
