"""The store: one object that holds the database and what can be asked of it."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

from assistant import locations
from assistant.store.branches import Branches
from assistant.store.conversations import Conversations
from assistant.store.database import Database
from assistant.store.exchange import Exchange
from assistant.store.feedback import FeedbackLog
from assistant.store.learning import LearningLog
from assistant.store.owing import OwedLessons
from assistant.store.profiles import Profiles
from assistant.store.search import Hit, Search
from assistant.store.users import Users
from assistant.store.voices import Voices


class Store:
    """Everything that is kept."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.users = Users(database)
        self.profiles = Profiles(database)
        self.conversations = Conversations(database)
        self.branches = Branches(database)
        self.exchange = Exchange(database)
        self.voices = Voices(database)
        self.feedback = FeedbackLog(database)
        self.learning = LearningLog(database)
        self.owed = OwedLessons(database)

    @classmethod
    def open(cls, path: Path | None = None) -> Store:
        """Open the store in `path`, by default in the user's data folder.

        Raises:
            StoreError: the database cannot be used.
        """
        return cls(Database.open(path or locations.database()))

    def search(self, user_id: int, text: str, limit: int = 50) -> list[Hit]:
        """Return a person's messages that hold all words of a text, the latest first; see `Search.find`."""
        self.conversations.recover()  # what a killed program left unfinished is not in the index yet
        return Search(self.database).find(user_id, text, limit)

    def close(self) -> None:
        """Close the database."""
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
