"""Everything that is kept of one person, as plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assistant.store.store import Store
    from assistant.store.tables import User

VERSION = 1
"""Of the form."""


def everything(store: Store, user: User) -> dict[str, Any]:
    """Return a person's profile history, voices, conversations, thumbs and evidence.

    Deleted conversations are not in it; the others have the form that `Exchange.load` reads.
    """
    return {
        "version": VERSION,
        "name": user.name,
        "created_at": user.created_at.isoformat(),
        "learning": user.learning,
        "revisions": _plain(reversed(store.profiles.history(user.id))),
        "voices": _plain(store.voices.list(user.id)),
        "conversations": [store.exchange.dump(user.id, each.id) for each in store.conversations.list(user.id)],
        "thumbs": _plain(store.feedback.list(user.id)),
        "evidence": _plain(reversed(store.learning.list(user.id))),
    }


def _plain(rows: Any) -> list[dict[str, Any]]:
    return [row.model_dump(mode="json", exclude={"user_id"}) for row in rows]
