"""What is kept: people, profile revisions, conversations and thumbs, in SQLite."""

from assistant.store.conversations import ConversationSummary
from assistant.store.errors import LearnedAlready, NothingToRedo, NothingToUndo, StoreError, StoreInputError, WentOn
from assistant.store.learning import Known, Set, Step
from assistant.store.search import Hit
from assistant.store.store import Store
from assistant.store.tables import Conversation, Evidence, Feedback, Message, OwedLesson, ProfileRevision, User, Voice

__all__ = [
    "Conversation",
    "ConversationSummary",
    "Evidence",
    "Feedback",
    "Hit",
    "Known",
    "LearnedAlready",
    "Message",
    "NothingToRedo",
    "NothingToUndo",
    "OwedLesson",
    "ProfileRevision",
    "Set",
    "Step",
    "Store",
    "StoreError",
    "StoreInputError",
    "User",
    "Voice",
    "WentOn",
]
