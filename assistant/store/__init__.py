"""What is kept: people, profile revisions, conversations and thumbs, in SQLite."""

from assistant.store.conversations import ConversationSummary, Hit
from assistant.store.errors import NothingToRedo, NothingToUndo, StoreError, StoreInputError
from assistant.store.store import Store
from assistant.store.tables import Conversation, Feedback, Message, ProfileRevision, User

__all__ = [
    "Conversation",
    "ConversationSummary",
    "Feedback",
    "Hit",
    "Message",
    "NothingToRedo",
    "NothingToUndo",
    "ProfileRevision",
    "Store",
    "StoreError",
    "StoreInputError",
    "User",
]
