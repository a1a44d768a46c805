"""A person's conversations: which one is open, and where in its branches they are."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.chat.workspace import Workspace
from assistant.engine.room import Room
from assistant.errors import BadInput
from assistant.store import Conversation, ConversationSummary, Hit, Message, User
from assistant.style import nearest


@dataclass(frozen=True, slots=True)
class Siblings:
    """A message among those that follow the same one: retried replies, or wordings of a person's message."""

    messages: tuple[Message, ...]
    """In the order of their writing."""
    position: int
    """Index of the message among them."""

    def step(self, by: int) -> Message:
        """Return the sibling so many places further on.

        Raises:
            BadInput: there is none there.
        """
        place = self.position + by
        if not 0 <= place < len(self.messages):
            raise BadInput(f"there is no {'next' if by > 0 else 'previous'} one: this is {self.words}")
        return self.messages[place]

    @property
    def compared(self) -> tuple[Message, Message] | None:
        """The newest comparison that the message takes part in, in the order of writing; None if there is none."""
        here = self.messages[self.position]
        for rival in reversed(self.messages):
            if rival.rival_of is None:
                continue
            first = next((each for each in self.messages if each.id == rival.rival_of), None)
            if (
                first is not None
                and here.id in (first.id, rival.id)
                and first.content.strip()
                and rival.content.strip()
            ):
                return first, rival
        return None

    @property
    def words(self) -> str:
        """The position in words, such as "2/3"."""
        return f"{self.position + 1}/{len(self.messages)}"


class Conversing:
    """The open conversation of a person, None before its first message, and the way to the others."""

    workspace: Workspace
    user: User
    conversation: Conversation | None
    last_seen = 0
    """Id of the message of the open conversation that was written last as far as the person knows, 0 for none."""

    def prepare(self) -> None:
        """Have the model read the open conversation."""
        raise NotImplementedError

    def messages(self) -> list[Message]:
        """Return the messages of the active path of the conversation, oldest first."""
        if self.conversation is None:
            return []
        return self.workspace.store.branches.path(self.conversation.id)

    def look(self) -> None:
        """Take note of what was said in the open conversation, in other windows too: the person sees it now."""
        self.last_seen = 0 if self.conversation is None else self.workspace.store.branches.last(self.conversation.id)

    def thumbs(self) -> dict[int, int]:
        """Return the thumbs that replies of the conversation have, by the reply's id: +1 or −1."""
        if self.conversation is None:
            return {}
        return self.workspace.store.feedback.standing(self.user.id, self.conversation.id)

    def message(self, message_id: int) -> Message:
        """Return a message of the active path.

        Raises:
            BadInput: it is not there.
        """
        for each in self.messages():
            if each.id == message_id:
                return each
        raise BadInput("there is no such message in this conversation")

    def context(self) -> Room | None:
        """Return how the conversation fits into the model's context, its last reply included; None if not yet known."""
        for each in reversed(self.messages()):
            if each.context is not None:
                room = Room.from_dict(each.context)
                return room.with_reply(each.tokens or 0) if room else None
        return None

    def siblings(self, message_id: int) -> Siblings:
        """Return a message's siblings and its place among them.

        Raises:
            BadInput: there is no such message.
        """
        found = self.workspace.store.branches.siblings(message_id)
        if self.conversation is None or found[0].conversation_id != self.conversation.id:
            raise BadInput("there is no such message in this conversation")
        return Siblings(tuple(found), [each.id for each in found].index(message_id))

    def forks(self) -> list[Siblings]:
        """Return the places of the active path where there are siblings, oldest first."""
        if self.conversation is None:
            return []
        return [
            Siblings(tuple(group), [each.id for each in group].index(message.id))
            for message, group in self.workspace.store.branches.forks(self.conversation.id)
        ]

    def choose(self, message_id: int) -> None:
        """Go on from a message instead of its sibling, with all that followed it.

        Raises:
            BadInput: there is no such message.
        """
        self.siblings(message_id)
        self.workspace.store.branches.choose(message_id)
        self.look()
        self.prepare()

    def resume(self) -> bool:
        """Continue the person's latest conversation; return whether there was one."""
        latest = self.workspace.store.conversations.latest(self.user.id)
        if latest is not None:
            self._opened(latest)
        return latest is not None

    def new(self) -> None:
        """Begin an empty conversation; it is stored with its first message."""
        self.conversation = None
        self.look()
        self.prepare()

    def sessions(self, *, deleted: bool = False) -> list[ConversationSummary]:
        """Return the person's conversations, the pinned ones first, then the latest; or those that were deleted."""
        return self.workspace.store.conversations.list(self.user.id, deleted=deleted)

    def open(self, which: int | str) -> Conversation:
        """Continue a conversation, named by its number or by its title or a part of it.

        Raises:
            BadInput: there is no such conversation.
        """
        number = which if isinstance(which, int) else self._numbered(which)
        found = self.workspace.store.conversations.get(self.user.id, number)
        self._opened(found)
        return found

    def search(self, text: str) -> list[Hit]:
        """Return the person's messages of any conversation that hold all words of a text, the latest first."""
        return self.workspace.store.search(self.user.id, text)

    def jump(self, conversation_id: int, message_id: int) -> None:
        """Open a conversation at a message, on the branch where it is.

        Raises:
            BadInput: there is no such message.
        """
        found = self.workspace.store.conversations.get(self.user.id, conversation_id)
        self.workspace.store.branches.reveal(conversation_id, message_id)
        self._opened(found)

    def rename(self, title: str, conversation_id: int | None = None) -> str:
        """Give a conversation, the open one when none is named, another title and return it.

        Raises:
            BadInput: there is none, or the title is not usable.
        """
        here = self._meant(conversation_id)
        here.title = self.workspace.store.conversations.rename(self.user.id, here.id, title)
        return here.title

    def pin(self, conversation_id: int | None = None) -> bool:
        """Keep a conversation, the open one when none is named, at the top of the list, or no longer.

        Returns:
            Whether it is there now.

        Raises:
            BadInput: there is none.
        """
        here = self._meant(conversation_id)
        here.pinned = not here.pinned
        self.workspace.store.conversations.pin(self.user.id, here.id, here.pinned)
        return here.pinned

    def delete(self, conversation_id: int | None = None) -> Conversation:
        """Delete a conversation, the open one when none is named, such that `undelete` brings it back.

        Raises:
            BadInput: there is none.
        """
        if conversation_id is None:
            conversation_id = self.require().id
        found = self.workspace.store.conversations.get(self.user.id, conversation_id)
        self.workspace.store.conversations.delete(self.user.id, conversation_id)
        if self.conversation is not None and self.conversation.id == conversation_id:
            self.new()
        return found

    def undelete(self, conversation_id: int | None = None) -> Conversation:
        """Bring a deleted conversation back and open it; the one that was deleted last when none is named.

        Raises:
            BadInput: there is none.
        """
        found = self.workspace.store.conversations.undelete(self.user.id, conversation_id)
        self._opened(found)
        return found

    def require(self) -> Conversation:
        """Return the open conversation.

        Raises:
            BadInput: nothing was said in it yet.
        """
        if self.conversation is None:
            raise BadInput("nothing was said in this conversation yet")
        return self.conversation

    def _meant(self, conversation_id: int | None) -> Conversation:
        """Return the conversation of that number, the open one when there is none."""
        if conversation_id is None or (self.conversation is not None and self.conversation.id == conversation_id):
            return self.require()
        return self.workspace.store.conversations.get(self.user.id, conversation_id)

    def _opened(self, conversation: Conversation) -> None:
        self.workspace.store.conversations.recover(conversation.id)
        self.conversation = conversation
        self.look()
        self.prepare()

    def _numbered(self, words: str) -> int:
        """Return the number of the conversation that a person's words mean."""
        words = words.strip()
        if words.isascii() and words.isdigit():
            return int(words[:20])
        listed = self.sessions()
        titles = {each.title.casefold(): each.id for each in reversed(listed)}
        sought = words.casefold()
        if sought in titles:
            return titles[sought]
        holding = [each.id for each in listed if sought in each.title.casefold()] if sought else []
        if holding:
            return holding[0]
        guess = nearest(sought, titles)
        hint = f"did you mean {guess!r}?" if guess else "/sessions lists them"
        raise BadInput(f"there is no conversation {words!r}; {hint}")
