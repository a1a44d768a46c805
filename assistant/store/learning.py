"""The log of evidence about what people want, and what was learned from it so far."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from assistant.store import owing
from assistant.store.database import Database
from assistant.store.errors import LearnedAlready, StoreInputError
from assistant.store.profiles import append, newest, stacks
from assistant.store.tables import LEARNING, Evidence, LearnerState, OwedLesson, ProfileRevision, User
from assistant.style import Profile


@dataclass(frozen=True, slots=True)
class Set:
    """A revision that the learner did not make."""

    revision: ProfileRevision
    undoes: tuple[int, ...] = ()
    """Numbers of the evidence whose change this revision undid."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a learner needs to come up to date."""

    state: dict[str, Any] | None
    """Where it was last, or None: then the entries are all there are."""
    entries: tuple[Set | Evidence, ...]
    """What happened since, in order."""
    newest: ProfileRevision
    """The person's profile now."""
    number: int
    """Number of the next piece of evidence."""


@dataclass(frozen=True, slots=True)
class Step:
    """What a learner made of one thing that a person did."""

    events: tuple[tuple[dict[str, Any], str], ...]
    """Events as `assistant.preference` writes them, numbered from `Known.number` on, each with what it did in words."""
    cause: str
    """What the person did."""
    profile: Profile
    state: dict[str, Any]
    revision_kind: str = "learn"
    """ "learn" for the learner's own step; "fit" for a profile that the evidence asked for outright."""


class LearningLog:
    """The evidence of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def known(self, user_id: int, bank: str, *, anew: bool = False) -> Known:
        """Return what a learner needs to come up to date; with `anew`, the whole log."""
        with self._database.reading() as session:
            return _known(session, user_id, bank, anew)

    def learn(
        self,
        user_id: int,
        bank: str,
        advance: Callable[[Known], Step],
        message_id: int | None = None,
        owed: OwedLesson | None = None,
    ) -> ProfileRevision:
        """Add evidence, what it taught, and the profile revision that it makes, all or nothing.

        Args:
            user_id: whose.
            bank: the model and attributes that it is about.
            advance: from what is known to what is made of it; runs within the write transaction, so that two windows
                of one person never learn past each other.
            message_id: the reply that it is about, if any.
            owed: the lesson that is learned by this, and then owed no longer, nor what was owed for the same before.

        Returns:
            The person's newest revision.

        Raises:
            LearnedAlready: the lesson is not owed any more; nothing is added.
        """
        with self._database.transaction() as session:
            if owed is not None and not owing.settle(session, owed):
                raise LearnedAlready("this was learned from already")
            known = _known(session, user_id, bank, anew=False)
            step = advance(known)
            revision, made, seen = known.newest, None, known.newest.number
            if step.profile != known.newest.profile:
                revision = made = append(session, known.newest, step.revision_kind, step.cause, step.profile)
                seen += step.revision_kind == "learn"  # any other is told to the learner as set by the person
            for number, (content, why) in enumerate(step.events, known.number):
                evidence = Evidence(
                    user_id=user_id,
                    bank=bank,
                    number=number,
                    after_revision=known.newest.number,
                    kind=content["kind"],
                    content=content,
                    why=why,
                    message_id=message_id,
                    revision_id=made.id if made and step.revision_kind == "learn" else None,
                )
                session.add(evidence)
            _keep(session, user_id, bank, known.number + len(step.events) - 1, seen, step.state)
            return revision

    def remember(self, user_id: int, bank: str, known: Known, state: dict[str, Any]) -> None:
        """Keep what the entries of `known` taught, unless somebody has kept more meanwhile; a whole log's, always."""
        heard, seen = known.number - 1, known.newest.number
        with self._database.transaction() as session:
            _user(session, user_id)
            there = _state(session, user_id, bank)
            if known.state is None or there is None or (there.evidence, there.revision) < (heard, seen):
                _keep(session, user_id, bank, heard, seen, state)

    def list(self, user_id: int, limit: int | None = None) -> builtins.list[Evidence]:
        """Return a person's evidence on any bank, newest first."""
        with self._database.reading() as session:
            query = select(Evidence).where(Evidence.user_id == user_id).order_by(col(Evidence.number).desc())
            return builtins.list(session.exec(query.limit(limit)))

    def on(self, user_id: int, message_id: int) -> builtins.list[Evidence]:
        """Return a person's evidence on one reply, oldest first."""
        with self._database.reading() as session:
            query = select(Evidence).where(Evidence.user_id == user_id, Evidence.message_id == message_id)
            return builtins.list(session.exec(query.order_by(col(Evidence.number))))

    def locks(self, user_id: int, bank: str) -> frozenset[str]:
        """Return the attributes that a person has locked on a bank."""
        with self._database.reading() as session:
            query = select(Evidence.content).where(
                Evidence.user_id == user_id, Evidence.bank == bank, Evidence.kind == "lock"
            )
            last = {
                content["attribute"]: content["locked"] for content in session.exec(query.order_by(col(Evidence.id)))
            }
            return frozenset(name for name, locked in last.items() if locked)

    def mode(self, user_id: int) -> str:
        """Return what feedback may do: "on", "off" or "weak"."""
        with self._database.reading() as session:
            return _user(session, user_id).learning

    def set_mode(self, user_id: int, mode: str) -> None:
        """Say what feedback may do.

        Raises:
            StoreInputError: it is none of `LEARNING`.
        """
        if mode not in LEARNING:
            raise StoreInputError(f"learning is {', '.join(LEARNING)}, not {mode!r}")
        with self._database.transaction() as session:
            user = _user(session, user_id)
            user.learning = mode
            session.add(user)


def _known(session: Session, user_id: int, bank: str, anew: bool) -> Known:
    state = None if anew else _state(session, user_id, bank)
    heard, seen = (state.evidence, state.revision) if state else (0, 0)
    evidence = session.exec(
        select(Evidence)
        .where(Evidence.user_id == user_id, Evidence.bank == bank, Evidence.number > heard)
        .order_by(col(Evidence.number))
    )
    revisions = builtins.list(
        session.exec(select(ProfileRevision).where(ProfileRevision.user_id == user_id, ProfileRevision.number > seen))
    )
    ours = set(session.exec(_making(user_id, bank).where(Evidence.after_revision >= seen)))
    took_back = stacks(session, user_id)[2] if any(each.kind == "undo" for each in revisions) else {}
    entries: list[tuple[int, int, int, Set | Evidence]] = [
        (each.number, 0, 0, Set(each, _makers(session, user_id, bank, took_back.get(each.id))))
        for each in revisions
        if each.id not in ours
    ]
    entries += [(each.after_revision, 1, each.number, each) for each in evidence]
    last = session.exec(select(func.max(Evidence.number)).where(Evidence.user_id == user_id)).one()
    ordered = tuple(entry for *_, entry in sorted(entries, key=lambda entry: entry[:3]))
    return Known(state.state if state else None, ordered, newest(session, user_id), (last or 0) + 1)


def _making(user_id: int, bank: str) -> SelectOfScalar[int | None]:
    """Return the query for the ids of the revisions that evidence on a bank has made."""
    return select(col(Evidence.revision_id)).where(
        Evidence.user_id == user_id, Evidence.bank == bank, col(Evidence.revision_id).is_not(None)
    )


def _makers(session: Session, user_id: int, bank: str, revision_id: int | None) -> tuple[int, ...]:
    """Return the numbers of the evidence on a bank that made a revision, newest first."""
    if revision_id is None:
        return ()
    query = select(Evidence.number).where(
        Evidence.user_id == user_id, Evidence.bank == bank, Evidence.revision_id == revision_id
    )
    return tuple(session.exec(query.order_by(col(Evidence.number).desc())))


def _state(session: Session, user_id: int, bank: str) -> LearnerState | None:
    return session.exec(
        select(LearnerState).where(LearnerState.user_id == user_id, LearnerState.bank == bank)
    ).one_or_none()


def _keep(session: Session, user_id: int, bank: str, evidence: int, revision: int, state: dict[str, Any]) -> None:
    """Put the state of a learner in the place of the one before."""
    before = _state(session, user_id, bank)
    if before is not None:
        session.delete(before)
        session.flush()
    session.add(LearnerState(user_id=user_id, bank=bank, evidence=evidence, revision=revision, state=state))
    session.flush()


def _user(session: Session, user_id: int) -> User:
    user = session.get(User, user_id)
    if user is None:
        raise StoreInputError("this user was deleted meanwhile")
    return user
