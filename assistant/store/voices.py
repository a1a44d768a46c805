"""Voices that people saved under a name."""

from __future__ import annotations

import builtins

from sqlmodel import Session, select

from assistant.store.database import Database
from assistant.store.errors import StoreInputError
from assistant.store.tables import Voice
from assistant.store.text import folded, label
from assistant.style import Profile

MOST = 200
"""Saved voices of one person at the most."""


class Voices:
    """The saved voices of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self, user_id: int) -> builtins.list[Voice]:
        """Return a person's saved voices, by name."""
        with self._database.reading() as session:
            return builtins.list(session.exec(select(Voice).where(Voice.user_id == user_id).order_by(Voice.key)))

    def find(self, user_id: int, name: str) -> Voice | None:
        """Return a person's voice of that name, whatever its case, or None."""
        with self._database.reading() as session:
            return _find(session, user_id, name)

    def save(self, user_id: int, name: str, profile: Profile) -> bool:
        """Save a profile under a name; return whether that replaced one of the same name.

        Raises:
            StoreInputError: the name is not usable, or there are too many voices.
        """
        name = label(name, "a voice")
        with self._database.transaction() as session:
            known = _find(session, user_id, name)
            if known is not None:
                known.name, known.profile = name, profile.as_dict()
                session.add(known)
                return True
            if len(session.exec(select(Voice.id).where(Voice.user_id == user_id)).all()) >= MOST:
                raise StoreInputError(f"there are {MOST} saved voices already: /voice delete NAME makes room")
            session.add(Voice(user_id=user_id, name=name, key=folded(name), profile=profile.as_dict()))
            return False

    def delete(self, user_id: int, name: str) -> None:
        """Delete a saved voice.

        Raises:
            StoreInputError: there is none of that name.
        """
        with self._database.transaction() as session:
            found = _find(session, user_id, name)
            if found is None:
                raise StoreInputError(f"there is no saved voice {name!r}")
            session.delete(found)


def _find(session: Session, user_id: int, name: str) -> Voice | None:
    return session.exec(select(Voice).where(Voice.user_id == user_id, Voice.key == folded(name.strip()))).first()
