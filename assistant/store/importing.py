"""The way back of `people.everything`: a person from the plain values of a file, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from assistant.store import exchange, plain
from assistant.store.database import Database
from assistant.store.errors import StoreInputError
from assistant.store.people import VERSION
from assistant.store.profiles import replayed
from assistant.store.tables import KINDS, LEARNING, Evidence, Feedback, ProfileRevision, User, Voice
from assistant.store.text import folded, label, user_name
from assistant.store.users import named
from assistant.store.voices import MOST

_NOBODY = 0
"""Owner of what is not stored yet."""
Check = Callable[[Mapping[str, Any], str], None]
"""Refuses the content of a piece of evidence on a bank that no learner could take in; see `import_person`."""


@dataclass(frozen=True, slots=True)
class Imported:
    """A person who was brought in."""

    user: User
    conversations: int
    revisions: int
    left_out: int
    """Thumbs on replies that are not in the file."""


@dataclass(frozen=True, slots=True)
class _Linked:
    """A thumb or a piece of evidence that is not stored yet, and the numbers in the file of what it belongs to."""

    row: Feedback | Evidence
    message: int | None
    revision: int | None


def import_person(database: Database, values: object, name: str | None, check: Check) -> Imported:
    """Store a person whom `people.everything` described, in this version of the form or an earlier one.

    Args:
        database: where.
        values: what stands in the file.
        name: theirs here; the one in the file when None.
        check: refuses evidence that cannot be learned from, by an error of its own.

    Raises:
        StoreInputError: the file is damaged, and the message says where and why; or there is a person of that name.
    """
    if not isinstance(values, Mapping) or "revisions" not in values:
        raise StoreInputError("this is not an exported person: give what `assistant users export` wrote")
    version = values.get("version")
    if type(version) is not int or not 1 <= version <= VERSION:
        raise StoreInputError(f"this person is of version {version!r}; this program reads up to {VERSION}")
    name = user_name(plain.text(values, "name", "the person") if name is None else name)
    user = User(
        name=name,
        key=folded(name),
        created_at=plain.time(values, "created_at", "the person"),
        learning=plain.one_of(values, "learning", "the person", LEARNING, "on"),
    )
    revisions, voices, drafts = _revisions(values), _voices(values), _conversations(values)
    replies = {each.number for draft in drafts for each in draft.messages if each.message.role == "assistant"}
    thumbs = _thumbs(values, revisions)
    kept = [each for each in thumbs if each.message in replies]
    evidence = _evidence(values, revisions, check)
    with database.transaction() as session:
        if named(session, name) is not None:
            raise StoreInputError(f"there is a user {name!r} already: --as gives another name")
        session.add(user)
        session.flush()
        places = _added(session, user.id, revisions)
        messages = exchange.add(session, user.id, drafts, places)
        for voice in voices:
            voice.user_id = user.id
        session.add_all(voices)
        for each in (*kept, *evidence):
            each.row.user_id = user.id
            each.row.message_id = messages.get(each.message) if each.message in replies else None
            each.row.revision_id = None if each.revision is None else places[each.revision]
            session.add(each.row)
            session.flush()
        return Imported(user, len(drafts), len(revisions), len(thumbs) - len(kept))


def _added(session: Session, user_id: int, revisions: Mapping[int, ProfileRevision]) -> dict[int, int]:
    """Store revisions and return their ids by their numbers in the file."""
    for revision in revisions.values():
        revision.user_id = user_id
        session.add(revision)
        session.flush()
    return {number: revision.id for number, revision in revisions.items()}


def _revisions(values: plain.Row) -> dict[int, ProfileRevision]:
    """Return the profile history by the numbers that its rows have in the file; each begins where the last ended."""
    found: dict[int, ProfileRevision] = {}
    last: dict[str, Any] | None = None
    for place, (where, row) in enumerate(plain.rows(values, "revisions", "the person"), 1):
        number, kind = plain.integer(row, "id", where), plain.one_of(row, "kind", where, KINDS)
        before = None if row.get("before") is None else plain.profile(row, "before", where)
        if number in found or plain.integer(row, "number", where) != place or before != last:
            raise StoreInputError(f"{where} does not go on from the one before")
        last = plain.profile(row, "after", where)
        found[number] = ProfileRevision(
            user_id=_NOBODY,
            number=place,
            kind=kind,
            cause=plain.text(row, "cause", where),
            before=before,
            after=last,
            created_at=plain.time(row, "created_at", where),
        )
    if not found:
        raise StoreInputError("the person has no profile: a history has at least one revision")
    try:
        replayed((number, revision.kind) for number, revision in found.items())
    except IndexError:
        raise StoreInputError("the revisions of the person undo or redo more than there is") from None
    return found


def _voices(values: plain.Row) -> list[Voice]:
    found: dict[str, Voice] = {}
    for where, row in plain.rows(values, "voices", "the person"):
        name = label(plain.text(row, "name", where), "a voice")
        if folded(name) in found or len(found) == MOST:
            raise StoreInputError(f"{where} has the name of another one, or is one more than the {MOST} there can be")
        found[folded(name)] = Voice(
            user_id=_NOBODY,
            name=name,
            key=folded(name),
            profile=plain.profile(row, "profile", where),
            created_at=plain.time(row, "created_at", where),
        )
    return list(found.values())


def _conversations(values: plain.Row) -> list[exchange.Draft]:
    rows = plain.rows(values, "conversations", "the person")
    drafts = [exchange.read(row, f" of conversation {place}") for place, (_, row) in enumerate(rows, 1)]
    numbers = [each.number for draft in drafts for each in draft.messages]
    if len(set(numbers)) < len(numbers):
        raise StoreInputError("two messages of the person's conversations have the same id")
    return drafts


def _thumbs(values: plain.Row, revisions: Mapping[int, ProfileRevision]) -> list[_Linked]:
    found, standing = [], set()
    for where, row in plain.rows(values, "thumbs", "the person"):
        message, value = plain.integer(row, "message_id", where), plain.integer(row, "value", where)
        withdrawn = None if row.get("withdrawn_at") is None else plain.time(row, "withdrawn_at", where)
        if value not in (1, -1):
            raise StoreInputError(f"the value of {where} is 1 or -1, not {value}")
        if withdrawn is None and message in standing:
            raise StoreInputError(f"{where} is the second one that its reply has")
        standing |= {message} if withdrawn is None else set()
        thumb = Feedback(
            message_id=_NOBODY,
            user_id=_NOBODY,
            value=value,
            profile=None if row.get("profile") is None else plain.profile(row, "profile", where),
            created_at=plain.time(row, "created_at", where),
            withdrawn_at=withdrawn,
        )
        found.append(_Linked(thumb, message, _revision(row, where, revisions)))
    return found


def _evidence(values: plain.Row, revisions: Mapping[int, ProfileRevision], check: Check) -> list[_Linked]:
    found: list[_Linked] = []
    last = (0, 0)
    for where, row in plain.rows(values, "evidence", "the person"):
        number, after = plain.integer(row, "number", where), plain.integer(row, "after_revision", where)
        kind, bank = plain.text(row, "kind", where), plain.text(row, "bank", where)
        content = plain.tree(row.get("content"), where)
        if not (last[0] < number and last[1] <= after <= len(revisions)):
            raise StoreInputError(f"{where} does not go on from the one before")
        if not isinstance(content, dict) or (content.get("kind"), content.get("id")) != (kind, number):
            raise StoreInputError(f"the content of {where} is not that of its kind and number")
        check(content, bank)
        evidence = Evidence(
            user_id=_NOBODY,
            bank=bank,
            number=number,
            after_revision=after,
            kind=kind,
            content=content,
            why=plain.text(row, "why", where),
            created_at=plain.time(row, "created_at", where),
        )
        made = _revision(row, where, revisions)
        found.append(_Linked(evidence, plain.optional(row, "message_id", where), made))
        last = (number, after)
    return found


def _revision(row: plain.Row, where: str, revisions: Mapping[int, ProfileRevision]) -> int | None:
    number = plain.optional(row, "revision_id", where)
    if number is not None and number not in revisions:
        raise StoreInputError(f"{where} belongs to revision {number}, which is not in the file")
    return number
