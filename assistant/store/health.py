"""What can be wrong with a database that opens."""

from __future__ import annotations

from sqlalchemy import text
from sqlmodel import Session

_RULES = (
    """SELECT 'revision ' || number || ' of user ' || user_id || ' is out of order' FROM (
           SELECT number, user_id, row_number() OVER (PARTITION BY user_id ORDER BY id) AS place FROM profile_revision
       ) WHERE number != place""",
    """SELECT 'revision ' || number || ' of user ' || user_id || ' does not begin where the one before ended' FROM (
           SELECT number, user_id, before, lag(after) OVER (PARTITION BY user_id ORDER BY number) AS last
           FROM profile_revision
       ) WHERE before IS NOT last""",
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
)
"""Queries that give one line of text for each fault that SQLite itself cannot see."""


def faults(session: Session) -> list[str]:
    """Return what is wrong, in one line each; nothing when all is sound."""
    found = [str(row[0]) for row in session.execute(text("PRAGMA integrity_check")) if row[0] != "ok"]
    for table, row, target, _ in session.execute(text("PRAGMA foreign_key_check")):
        found.append(f"{table} row {row} refers to a missing {target}")
    return found + [str(row[0]) for rule in _RULES for row in session.execute(text(rule))]
