"""People: adding, finding, renaming and deleting them."""

from __future__ import annotations

import builtins
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import exists, func
from sqlmodel import Session, col, select

from assistant.store import deleting
from assistant.store.database import Database
from assistant.store.errors import StoreInputError
from assistant.store.tables import Conversation, Message, ProfileRevision, User
from assistant.store.text import folded, user_key, user_name
from assistant.style import Profile, nearest


@dataclass(frozen=True, slots=True)
class UserSummary:
    """A person in a list."""

    user: User
    conversations: int
    """That hold messages and are not deleted."""
    revision: int
    """Number of the newest revision of their profile."""


class Users:
    """The people of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self) -> builtins.list[User]:
        """Return all, by name."""
        with self._database.reading() as session:
            return builtins.list(session.exec(select(User).order_by(User.key)))

    def summaries(self) -> builtins.list[UserSummary]:
        """Return all, by name, each with what there is of theirs."""
        conversations = (
            select(func.count(col(Conversation.id)))
            .where(
                Conversation.user_id == User.id,
                col(Conversation.deleted_at).is_(None),
                exists().where(col(Message.conversation_id) == Conversation.id),
            )
            .scalar_subquery()
        )
        revision = select(func.max(ProfileRevision.number)).where(ProfileRevision.user_id == User.id).scalar_subquery()
        with self._database.reading() as session:
            rows = session.exec(select(User, conversations, revision).order_by(User.key))
            return [UserSummary(*row) for row in rows]

    def find(self, name: str) -> User | None:
        """Return the user of that name, whatever its case, or None.

        Raises:
            StoreInputError: nobody can have that name.
        """
        with self._database.reading() as session:
            found = named(session, name)
        if found is None:
            user_name(name)
        return found

    def require(self, name: str) -> User:
        """Return the user of that name.

        Raises:
            StoreInputError: there is none; the message names the nearest.
        """
        found = self.find(name)
        if found is None:
            known = {user.key: user.name for user in self.list()}
            guess = nearest(folded(user_name(name)), known)
            raise StoreInputError(f"there is no user {name!r}" + (f"; did you mean {known[guess]!r}?" if guess else ""))
        return found

    def ensure(self, name: str, neutral: Profile) -> User:
        """Return the user of that name, created with the neutral profile as revision 1 if they are new.

        Raises:
            StoreInputError: the name is not usable.
        """
        known = self.find(name)
        if known is not None:
            return known
        name = user_name(name)
        with self._database.transaction() as session:
            return named(session, name) or _create(session, name, neutral)

    def add(self, name: str, neutral: Profile) -> User:
        """Create a user.

        Raises:
            StoreInputError: the name is taken or not usable.
        """
        name = user_name(name)
        with self._database.transaction() as session:
            if named(session, name):
                raise StoreInputError(f"there is a user {name!r} already")
            return _create(session, name, neutral)

    def rename(self, old: str, new: str) -> User:
        """Give a user another name.

        Raises:
            StoreInputError: there is no such user, or the new name is taken or not usable.
        """
        name, key = user_name(new), self.require(old).key
        with self._database.transaction() as session:
            user, holder = named(session, key), named(session, name)
            if user is None:
                raise StoreInputError(f"the user {old!r} was deleted meanwhile")
            if holder is not None and holder.id != user.id:
                raise StoreInputError(f"there is a user {name!r} already")
            user.name, user.key = name, folded(name)
            session.add(user)
            session.flush()
            return user

    def delete(self, name: str) -> builtins.list[Path]:
        """Delete a user with everything of theirs; no file of the database holds any of it afterwards.

        Returns:
            Copies of the database that a person made and that hold the user still.

        Raises:
            StoreInputError: there is no such user.
        """
        key = self.require(name).key

        def found(session: Session) -> builtins.list[User]:
            user = named(session, key)
            return [] if user is None else [user]

        return deleting.for_good(self._database, found)[1]


def named(session: Session, name: str) -> User | None:
    """Return the user of that name, whatever its case, or None."""
    return session.exec(select(User).where(User.key == user_key(name))).first()


def _create(session: Session, name: str, neutral: Profile) -> User:
    user = User(name=name, key=folded(name))
    session.add(user)
    session.flush()
    session.add(ProfileRevision(user_id=user.id, number=1, kind="create", cause="created", after=neutral.as_dict()))
    return user
