"""Bringing back a person from the file that `assistant users export` wrote."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from assistant.chat.learning import attributes_of
from assistant.errors import BadInput
from assistant.preference import Learner, PreferenceError, event_from_dict
from assistant.store import Store
from assistant.store import importing as stored
from assistant.style import Attribute
from assistant.style.attributes import AttributeSpecError


def import_person(store: Store, values: object, name: str | None = None) -> stored.Imported:
    """Store an exported person, under their own name or another one, whole or not at all.

    Raises:
        BadInput: the file is damaged, and the message says where and why; or there is a person of that name.
    """
    return stored.import_person(store.database, values, name, _check)


def _check(content: Mapping[str, Any], bank: str) -> None:
    try:
        _stranger(bank).check(event_from_dict(content))
    except (PreferenceError, AttributeSpecError) as error:
        raise BadInput(f"evidence {content['id']} of the person cannot be learned from: {error}") from None


@lru_cache(maxsize=8)
def _stranger(bank: str) -> Learner:
    """Return the learner of a stranger on a bank; how its poles are called does not matter."""
    return Learner.start([Attribute(name, "low", "high") for name in attributes_of(bank)])
