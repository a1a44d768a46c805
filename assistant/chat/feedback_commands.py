"""Slash commands about what the program learns: thumbs, reasons, samples, locks, and why the profile is what it is."""

from __future__ import annotations

from dataclasses import replace

from assistant.chat import owing, reasons, retelling, wording
from assistant.chat.outcome import Outcome
from assistant.chat.session import Chat
from assistant.errors import BadInput
from assistant.store import LearnedAlready, Message
from assistant.style import Profile

OFF = "Learning is off, so nothing moves; /learning on changes that."
SHOWN = 12
"""Changes that /why tells."""


def good(chat: Chat, argument: str) -> Outcome:
    """Run `/good`: a thumb up for the newest reply, or taken back if it has one."""
    if argument:
        raise BadInput(f"/good takes nothing after it, not {argument!r}")
    return _rated(chat, 1, None)


def bad(chat: Chat, argument: str) -> Outcome:
    """Run `/bad [REASON]`: a thumb down for the newest reply, with what was wrong if the person says so."""
    return _rated(chat, -1, reasons.read(argument, chat.workspace.attributes) if argument else None)


def preview(chat: Chat, argument: str) -> Outcome:
    """Run `/preview good | bad [REASON]`: say what a thumb would change, without giving it."""
    verdict, _, rest = argument.partition(" ")
    if verdict.lower() not in ("good", "bad") or (verdict.lower() == "good" and rest.strip()):
        raise BadInput("/preview needs good, bad, or bad with a reason, such as /preview bad too formal")
    message, user = chat.newest_reply(), chat.user.id
    why = reasons.read(rest, chat.workspace.attributes) if rest.strip() else None

    def look() -> Outcome:
        lesson = chat.learning.thumb(user, chat.whole(message), verdict.lower() == "good", why, dry=True)
        return Outcome(f"It would be: {lesson.why}.")

    return Outcome("", later=chat.later(look))


def like(chat: Chat, argument: str) -> Outcome:
    """Run `/like TEXT`: fit the profile to how a text sounds."""
    if not argument:
        raise BadInput("/like needs a text that sounds the way you want, such as a reply or a letter of yours")
    user = chat.user.id
    return Outcome("", later=chat.later(lambda: chat.told(user, chat.learning.like(user, argument))))


def compare(chat: Chat, argument: str) -> Outcome:
    """Run `/compare [MESSAGE]`: two replies in two voices, to pick from."""
    question, turns = chat.compare(argument)
    return Outcome("", turns=turns, question=question, comparing=True)


def pick(chat: Chat, argument: str) -> Outcome:
    """Run `/pick 1 | 2`: go on from one of the two replies that were compared."""
    if argument not in ("1", "2"):
        raise BadInput("/pick needs 1 or 2: the first or the second of the replies that /compare gave")
    return _picked(chat, chat.compared(), int(argument))


def prefer(chat: Chat, message_id: int) -> Outcome:
    """Go on from a reply of a comparison anywhere in the conversation.

    Raises:
        BadInput: it was not compared with another.
    """
    pair = chat.siblings(message_id).compared
    if pair is None:
        raise BadInput("this reply was not compared with another")
    return _picked(chat, pair, 1 if pair[0].id == message_id else 2)


def lock(chat: Chat, argument: str, locked: bool) -> Outcome:
    """Run `/lock ATTRIBUTE` or `/unlock ATTRIBUTE`."""
    name = argument.lower()
    if name not in chat.workspace.names:
        raise BadInput(f"/{'' if locked else 'un'}lock needs an attribute: {', '.join(chat.workspace.names)}")
    user = chat.user.id

    def turn() -> Outcome:
        chat.learning.lock(user, name, locked)
        return Outcome(
            f"{name.capitalize()} is locked: thumbs leave it alone, your commands do not."
            if locked
            else f"{name.capitalize()} is free: thumbs may move it again."
        )

    return Outcome("", later=chat.later(turn, f"{name.capitalize()} stays as it is"))


def learning(chat: Chat, argument: str) -> Outcome:
    """Run `/learning [on | off | weak]`."""
    log = chat.workspace.store.learning
    if argument:
        log.set_mode(chat.user.id, argument.lower())
    return Outcome(
        {
            "on": "Learning is on: thumbs, reasons, picks and samples move your voice.",
            "off": "Learning is off: thumbs are kept, and nothing moves.",
            "weak": "Learning is on, and a reply that you stop counts as a weak sign too.",
        }[log.mode(chat.user.id)]
    )


def why(chat: Chat, argument: str) -> Outcome:
    """Run `/why`: what made the profile what it is, and what is believed of the person."""
    if argument:
        raise BadInput(f"/why takes nothing after it, not {argument!r}")
    user = chat.user.id
    return Outcome("", later=chat.later(lambda: _explained(chat, user), "This cannot be explained now"))


def _explained(chat: Chat, user_id: int) -> Outcome:
    store = chat.workspace.store
    lines = [
        (
            revision.created_at,
            f"{revision.cause}: {wording.changes(Profile.from_dict(revision.before), revision.profile)}",
        )
        for revision in store.profiles.history(user_id, SHOWN)
        if revision.before is not None
    ]
    lines += [
        (each.created_at, each.why)
        for each in store.learning.list(user_id, SHOWN)
        if each.revision_id is None and each.kind not in ("silence", "sample")
    ]
    told = [f"{when.astimezone():%Y-%m-%d %H:%M}  {what}" for when, what in sorted(lines)[-SHOWN:]]
    if store.learning.list(user_id, 1):
        learner = chat.learning.learner(user_id)
        told += ["", "What I believe you want:", retelling.belief(learner, chat.workspace.attributes)]
    return Outcome("\n".join(told) if told else "Nothing has changed your profile yet: it is neutral.")


def judge(chat: Chat, value: int, message: Message, why: reasons.Why | None = None) -> Outcome:
    """Give any reply a thumb, +1 or −1, with a reason if there is one; the thumb that it has is taken back."""
    return _rated(chat, value, why, message)


def _picked(chat: Chat, pair: tuple[Message, Message], place: int) -> Outcome:
    chosen, other = pair if place == 1 else pair[::-1]
    newest = chat.last_reply().id in (chosen.id, other.id)
    owed = chat.pick(chosen, other)
    newest = newest and chat.last_reply().id == chosen.id  # else the rest of the conversation is another now
    user = chat.user.id

    def learn() -> Outcome:
        try:
            lesson = owed and owing.learn(chat.learning, owed, chosen, other)
        except LearnedAlready:
            return chat.caught_up(user)
        return chat.told(user, lesson) if lesson else Outcome("")

    return Outcome(
        f"The conversation goes on from reply {place}.{f' {OFF}' if owed is None else ''}",
        action=None if newest else "conversation",
        focus=None if newest else chosen.id,
        picked=(chosen.id, other.id),
        later=None if owed is None else chat.later(learn),
    )


def _rated(chat: Chat, value: int, why: reasons.Why | None, about: Message | None = None) -> Outcome:
    message, stands, owed = chat.rate(value, about, why)
    user = chat.user.id
    if owed is None:
        return Outcome(f"{_WORDS[stands]} {OFF}", judged=message.id, value=stands)

    def learn() -> Outcome:
        whole = message if stands == 0 else chat.whole(message)
        try:
            lesson = owing.learn(chat.learning, owed, whole)
        except LearnedAlready:
            return chat.caught_up(user)
        if lesson is None:
            return Outcome("Nothing had been learned from it.")
        outcome = chat.told(user, lesson)
        if stands >= 0 or why is not None:
            return outcome
        likely = reasons.likely(chat.learning.learner(user), chat.learning.scores(whole))
        return replace(outcome, judged=message.id, value=stands, reasons=tuple(likely))

    return Outcome(_WORDS[stands], judged=message.id, value=stands, later=chat.later(learn))


_WORDS = {1: "Thumb up.", -1: "Thumb down.", 0: "Thumb taken back."}
