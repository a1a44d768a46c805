"""Lessons that are owed: what a person did about a reply, from then until it is learned from."""

from __future__ import annotations

from assistant.chat.learning import Learning, Lesson, NothingToLearn
from assistant.chat.reasons import Why
from assistant.store import Message, OwedLesson
from assistant.style import ProfileError


def verdict(bank: str, user_id: int, message: Message, value: int, why: Why | None = None) -> OwedLesson:
    """Return what is to be learned from a thumb, +1 or −1, or from taking one back, 0; it is not stored yet.

    Args:
        bank: what it is about, as `bank_of` says it.
        user_id: whose.
        message: the reply.
        value: the thumb.
        why: what was wrong, with a thumb down.
    """
    owed = OwedLesson(user_id=user_id, bank=bank, message_id=message.id, value=value)
    if why is not None:
        owed.attribute, owed.direction = why.attribute, why.direction
    return owed


def choice(bank: str, user_id: int, chosen: Message, other: Message) -> OwedLesson:
    """Return what is to be learned from a choice between two replies; it is not stored yet."""
    return OwedLesson(user_id=user_id, bank=bank, message_id=chosen.id, other_id=other.id, value=1)


def learn(learning: Learning, owed: OwedLesson, message: Message, other: Message | None = None) -> Lesson | None:
    """Learn what is owed, which is owed no longer then.

    Args:
        learning: learns.
        owed: the lesson.
        message: the reply that it is about, whole.
        other: the reply that was passed over for it, where two were compared.

    Returns:
        What it taught; None when there is nothing to take back.

    Raises:
        LearnedAlready: it was learned meanwhile in another window, or the person has said something else since.
        NothingToLearn: the reply teaches nothing, and will not later; the lesson is not owed any more.
        AssistantError: it cannot be learned now, and stays owed.
    """
    try:
        if other is not None:
            return learning.pick(owed.user_id, message, other, owed)
        if owed.value == 0:
            return learning.retract(owed.user_id, message, owed)
        why = None
        if owed.attribute is not None and owed.direction is not None:
            why = Why(owed.attribute, owed.direction, "")
        return learning.thumb(owed.user_id, message, owed.value > 0, why, owed=owed)
    except NothingToLearn:
        learning.forget(owed)
        raise
    except ProfileError as error:
        learning.forget(owed)
        raise NothingToLearn(f"the voice that this reply was made in cannot be used any more ({error})") from error
