"""Profiles: an append-only log of revisions per person, with undo and redo as revisions of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from sqlmodel import Session, col, select

from assistant.store.database import Database
from assistant.store.errors import NothingToRedo, NothingToUndo, StoreInputError
from assistant.store.tables import ProfileRevision
from assistant.store.text import storable
from assistant.store.trouble import Unreadable
from assistant.style import Profile

Transform = Callable[[Profile], Profile]


class Profiles:
    """The profile revisions of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def current(self, user_id: int) -> ProfileRevision:
        """Return a person's newest revision.

        Raises:
            StoreInputError: there is no such person.
        """
        with self._database.reading() as session:
            return newest(session, user_id)

    def revision(self, revision_id: int) -> ProfileRevision:
        """Return a revision by its id.

        Raises:
            StoreInputError: there is none.
        """
        with self._database.reading() as session:
            found = session.get(ProfileRevision, revision_id)
            if found is None:
                raise StoreInputError(f"there is no revision {revision_id}")
            return found

    def history(self, user_id: int, limit: int | None = None) -> list[ProfileRevision]:
        """Return a person's revisions, newest first."""
        with self._database.reading() as session:
            query = select(ProfileRevision).where(ProfileRevision.user_id == user_id)
            return list(session.exec(query.order_by(col(ProfileRevision.number).desc()).limit(limit)))

    def at(self, user_id: int, when: datetime) -> ProfileRevision:
        """Return the revision that was a person's newest at a time.

        Raises:
            StoreInputError: there was none yet.
        """
        query = select(ProfileRevision).where(ProfileRevision.user_id == user_id, ProfileRevision.created_at <= when)
        with self._database.reading() as session:
            found = session.exec(query.order_by(col(ProfileRevision.number).desc()).limit(1)).first()
            if found is None:
                raise StoreInputError(f"there was no profile of yours yet at {when.astimezone():%Y-%m-%d %H:%M}")
            return found

    def change(self, user_id: int, transform: Transform, kind: str, cause: str) -> ProfileRevision:
        """Append a revision.

        Args:
            user_id: whose profile.
            transform: from the newest profile to the next; runs within the write transaction, so no change is lost
                to another process. If it changes nothing, no revision is written.
            kind: "set", "reset", "import" or "fit".
            cause: the words that asked for it.

        Raises:
            ProfileError: from `transform`; nothing is written.
        """
        with self._database.transaction() as session:
            last = newest(session, user_id)
            after = transform(last.profile)
            return last if after == last.profile else append(session, last, kind, cause, after)

    def undo(self, user_id: int) -> ProfileRevision:
        """Append a revision that brings back the profile before the last change that still counts.

        Raises:
            NothingToUndo: none is left.
        """
        with self._database.transaction() as session:
            done, _, _ = stacks(session, user_id)
            if len(done) < 2:
                raise NothingToUndo("there is nothing to undo")
            undone, target = _get(session, done[-1]), _get(session, done[-2])
            return append(session, newest(session, user_id), "undo", f"undo of {undone.cause}", target.profile)

    def redo(self, user_id: int) -> ProfileRevision:
        """Append a revision that makes the change taken back last again.

        Raises:
            NothingToRedo: none was, or the profile has been changed since.
        """
        with self._database.transaction() as session:
            _, undone, _ = stacks(session, user_id)
            if not undone:
                raise NothingToRedo("there is nothing to redo")
            target = _get(session, undone[-1])
            return append(session, newest(session, user_id), "redo", f"redo of {target.cause}", target.profile)


def newest(session: Session, user_id: int) -> ProfileRevision:
    """Return a person's newest revision.

    Raises:
        StoreInputError: there is no such person.
    """
    query = (
        select(ProfileRevision).where(ProfileRevision.user_id == user_id).order_by(col(ProfileRevision.number).desc())
    )
    found = session.exec(query.limit(1)).first()
    if found is None:
        raise StoreInputError("this user was deleted meanwhile")
    return found


def _get(session: Session, revision_id: int) -> ProfileRevision:
    return session.exec(select(ProfileRevision).where(ProfileRevision.id == revision_id)).one()


def append(session: Session, last: ProfileRevision, kind: str, cause: str, after: Profile) -> ProfileRevision:
    """Append a revision after the last one, within a write transaction."""
    revision = ProfileRevision(
        user_id=last.user_id,
        number=last.number + 1,
        kind=kind,
        cause=storable(cause),
        before=last.after,
        after=after.as_dict(),
    )
    session.add(revision)
    session.flush()
    return revision


def stacks(session: Session, user_id: int) -> tuple[list[int], list[int], dict[int, int]]:
    """Return, by replaying the log, what undo and redo work on.

    Returns:
        Ids of the revisions that count, oldest first; of those taken back; and, by the id of each undoing revision,
        the id of the one that it took back.

    Raises:
        Unreadable: the log takes back or makes again what is not there.
    """
    query = select(ProfileRevision.id, ProfileRevision.kind).where(ProfileRevision.user_id == user_id)
    try:
        return replayed(session.exec(query.order_by(col(ProfileRevision.number))))
    except IndexError as error:
        raise Unreadable("the log of revisions takes back or makes again what is not there") from error


def replayed(log: Iterable[tuple[int, str]]) -> tuple[list[int], list[int], dict[int, int]]:
    """Return what `stacks` does, from the ids and kinds of the revisions, oldest first.

    Raises:
        IndexError: one takes back or makes again what is not there; a log that this program wrote has none such.
    """
    done: list[int] = []
    undone: list[int] = []
    took_back: dict[int, int] = {}
    for key, kind in log:
        if kind == "undo":
            took_back[key] = done[-1]
            undone.append(done.pop())
        elif kind == "redo":
            done.append(undone.pop())
        else:
            done.append(key)
            undone.clear()
    return done, undone, took_back
