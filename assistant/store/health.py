"""What can be wrong with a database that opens."""

from __future__ import annotations

import json
from collections.abc import Iterator

from sqlalchemy import text
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session

from assistant.style import Profile, ProfileError

_RULES = (
    """SELECT 'revision ' || number || ' of user ' || user_id || ' is out of order' FROM (
           SELECT number, user_id, row_number() OVER (PARTITION BY user_id ORDER BY id) AS place FROM profile_revision
       ) WHERE number != place""",
    """SELECT 'revision ' || number || ' of user ' || user_id || ' does not begin where the one before ended' FROM (
           SELECT number, user_id, before, lag(after) OVER (PARTITION BY user_id ORDER BY number) AS last
           FROM profile_revision
       ) WHERE before IS NOT last""",
    """SELECT 'revision ' || number || ' of user ' || user_id || ' changes nothing: it is there twice'
       FROM profile_revision WHERE before = after""",
    "SELECT 'user ' || id || ' has no profile' FROM user WHERE id NOT IN (SELECT user_id FROM profile_revision)",
    """SELECT 'message ' || child.id || ' answers one of another conversation' FROM message AS child
       JOIN message AS parent ON parent.id = child.parent_id WHERE parent.conversation_id != child.conversation_id""",
    """SELECT 'message ' || id || ' does not come after the one that it follows' FROM message WHERE parent_id >= id""",
    """SELECT 'message ' || id || ' is compared with no sibling of it' FROM message AS rival
       WHERE rival_of IS NOT NULL AND rival_of NOT IN (
           SELECT id FROM message WHERE parent_id IS rival.parent_id AND role = 'assistant' AND id < rival.id
       )""",
    """SELECT count(*) || ' siblings of message ' || min(id) || ' are active' FROM message WHERE NOT superseded
       GROUP BY conversation_id, coalesce(parent_id, -1), role HAVING count(*) > 1""",
    """SELECT 'message ' || id || ' has ended, and is said to be written still' FROM message
       WHERE status != 'streaming' AND writer_pid IS NOT NULL""",
    """SELECT 'message ' || message.id || ' has the voice of another person' FROM message
       JOIN conversation ON conversation.id = message.conversation_id
       JOIN profile_revision ON profile_revision.id = message.revision_id
       WHERE profile_revision.user_id != conversation.user_id""",
    """SELECT 'message ' || message_id || ' has ' || count(*) || ' thumbs of user ' || user_id FROM feedback
       WHERE withdrawn_at IS NULL GROUP BY message_id, user_id HAVING count(*) > 1""",
    """SELECT 'evidence ' || number || ' of user ' || user_id || ' is out of order' FROM (
           SELECT number, user_id, row_number() OVER (PARTITION BY user_id ORDER BY id) AS place FROM evidence
       ) WHERE number != place""",
    """SELECT 'what was learned of user ' || user_id || ' is ahead of the evidence' FROM learner_state AS state
       WHERE evidence > (SELECT coalesce(max(number), 0) FROM evidence WHERE evidence.user_id = state.user_id)
       OR revision > (SELECT coalesce(max(number), 0) FROM profile_revision WHERE user_id = state.user_id)""",
    """SELECT 'message ' || id || ' is missing in the search index' FROM message_text
       WHERE id NOT IN (SELECT id FROM message_search_docsize)""",
    """SELECT 'the search index holds message ' || id || ', which is not there' FROM message_search_docsize
       WHERE id NOT IN (SELECT id FROM message_text)""",
)
"""Queries that give one line of text for each fault that SQLite itself cannot see."""


def faults(session: Session) -> list[str]:
    """Return what is wrong, in one line each; nothing when all is sound."""
    found = [str(row[0]) for row in session.execute(text("PRAGMA integrity_check")) if row[0] != "ok"]
    for table, row, target, _ in session.execute(text("PRAGMA foreign_key_check")):
        found.append(f"{table} row {row} refers to a missing {target}")
    found += [str(row[0]) for rule in _RULES for row in session.execute(text(rule))]
    return found + list(_profiles(session))


def _profiles(session: Session) -> Iterator[str]:
    """Yield what is wrong with the log of profiles: what cannot be read, and what takes back more than there is."""
    query = "SELECT user_id, number, kind, after FROM profile_revision ORDER BY user_id, number"
    person, done, undone = None, 0, 0
    for user, number, kind, after in session.execute(text(query)):
        if user != person:
            person, done, undone = user, 0, 0
        try:
            Profile.from_dict(json.loads(after))
        except (ValueError, TypeError, ProfileError):
            yield f"the profile of revision {number} of user {user} cannot be read"
        if kind == "undo":
            done, undone = done - 1, undone + 1
        elif kind == "redo":
            done, undone = done + 1, undone - 1
        else:
            done, undone = done + 1, 0
        if done < 1 or undone < 0:
            yield f"revision {number} of user {user} takes back or makes again what is not there"
            done, undone = max(done, 1), max(undone, 0)


def index_faults(session: Session) -> list[str]:
    """Say whether the search index differs from the messages; SQLite asks for a write transaction to tell."""
    try:
        session.execute(text("INSERT INTO message_search (message_search, rank) VALUES ('integrity-check', 1)"))
    except DatabaseError as error:
        if "malformed" not in str(error.orig) and "corrupt" not in str(error.orig):
            raise
        return ["the search index does not match the messages"]
    return []
