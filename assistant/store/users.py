"""People: adding, finding, renaming and deleting them."""

from __future__ import annotations

import builtins

from sqlmodel import Session, select

from assistant.store.database import Database
from assistant.store.errors import StoreInputError
from assistant.store.tables import ProfileRevision, User
from assistant.store.text import user_name
from assistant.style import Profile, nearest


class Users:
    """The people of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self) -> builtins.list[User]:
        """Return all, by name."""
        with self._database.reading() as session:
            return builtins.list(session.exec(select(User).order_by(User.key)))

    def find(self, name: str) -> User | None:
        """Return the user of that name, whatever its case, or None."""
        with self._database.reading() as session:
            return _by_key(session, user_name(name))

    def require(self, name: str) -> User:
        """Return the user of that name.

        Raises:
            StoreInputError: there is none; the message names the nearest.
        """
        found = self.find(name)
        if found is None:
            guess = nearest(user_name(name).casefold(), [user.key for user in self.list()])
            raise StoreInputError(f"there is no user {name!r}" + (f"; did you mean {guess}?" if guess else ""))
        return found

    def ensure(self, name: str, neutral: Profile) -> User:
        """Return the user of that name, created with the neutral profile as revision 1 if they are new."""
        name = user_name(name)
        with self._database.transaction() as session:
            return _by_key(session, name) or _create(session, name, neutral)

    def add(self, name: str, neutral: Profile) -> User:
        """Create a user.

        Raises:
            StoreInputError: the name is taken or not usable.
        """
        name = user_name(name)
        with self._database.transaction() as session:
            if _by_key(session, name):
                raise StoreInputError(f"there is a user {name!r} already")
            return _create(session, name, neutral)

    def rename(self, old: str, new: str) -> User:
        """Give a user another name.

        Raises:
            StoreInputError: there is no such user, or the new name is taken or not usable.
        """
        user, name = self.require(old), user_name(new)
        with self._database.transaction() as session:
            holder = _by_key(session, name)
            if holder is not None and holder.id != user.id:
                raise StoreInputError(f"there is a user {name!r} already")
            renamed = session.merge(user)
            renamed.name, renamed.key = name, name.casefold()
            session.flush()
            return renamed

    def delete(self, name: str) -> None:
        """Delete a user with everything of theirs.

        Raises:
            StoreInputError: there is no such user.
        """
        user = self.require(name)
        with self._database.transaction() as session:
            session.delete(session.merge(user))


def _by_key(session: Session, name: str) -> User | None:
    return session.exec(select(User).where(User.key == name.casefold())).first()


def _create(session: Session, name: str, neutral: Profile) -> User:
    user = User(name=name, key=name.casefold())
    session.add(user)
    session.flush()
    session.add(ProfileRevision(user_id=user.id, number=1, kind="create", cause="created", after=neutral.as_dict()))
    return user
