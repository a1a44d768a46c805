"""The books that are kept beside a database: what was in it once, and what a person has seen, must be there."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tests.reliability.kill.outcome import Outcome
from tests.reliability.kill.place import Place
from tests.reliability.kill.reading import Seen, letters


@dataclass(frozen=True)
class Content:
    """What a database holds of people's words and voices."""

    messages: dict[str, list[str]]
    """By id: parent's id, role, text."""
    revisions: dict[str, list[str]]
    """By person and number: cause, profile."""
    unheard: frozenset[int] = frozenset()
    """Replies on which a thumb stands that is neither learned from nor still to be."""

    def added(self, before: Content) -> Content:
        """Return what was not there before."""
        return Content(
            {key: row for key, row in self.messages.items() if key not in before.messages},
            {key: row for key, row in self.revisions.items() if key not in before.revisions},
        )

    @property
    def causes(self) -> list[str]:
        """Causes of the revisions that change a profile, in order."""
        return [row[0] for row in self.revisions.values() if row[0] != "created"]


NOTHING = Content({}, {})
_STANDING = "SELECT message_id FROM feedback WHERE withdrawn_at IS NULL"
_UNHEARD = f"""{_STANDING}
    AND message_id NOT IN (SELECT message_id FROM owed_lesson)
    AND NOT EXISTS (
        SELECT 1 FROM evidence
        WHERE evidence.message_id = feedback.message_id AND kind IN ('thumb', 'reason', 'complaint') AND number NOT IN (
            SELECT json_extract(content, '$.of') FROM evidence AS later
            WHERE later.user_id = evidence.user_id AND kind = 'retraction'
        )
    )"""


def content(path: Path) -> Content:
    """Read a database with nothing but SQLite."""
    if not path.exists() or path.stat().st_size == 0:
        return NOTHING
    with closing(sqlite3.connect(path, timeout=20)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        if "message" not in tables:
            return NOTHING
        messages = connection.execute("SELECT id, parent_id, role, content FROM message ORDER BY id").fetchall()
        revisions = connection.execute(
            "SELECT user.key, number, cause, after FROM profile_revision JOIN user ON user.id = user_id "
            "ORDER BY profile_revision.id"
        ).fetchall()
        query = _UNHEARD if "owed_lesson" in tables else _STANDING  # before schema 0006 a thumb may be either
        unheard = {row[0] for row in connection.execute(query)}
    return Content(
        {str(key): [str(parent or ""), role, text] for key, parent, role, text in messages},
        {f"{name} {number}": [cause, after] for name, number, cause, after in revisions},
        frozenset(unheard),
    )


def verify(place: Place, outcome: Outcome, before: Content, seen: Seen) -> Content:
    """Check a database after a kill: sound, with all that was in it before and all that was seen since."""
    with place.as_left() as copy:
        if copy.exists():
            with closing(sqlite3.connect(copy)) as connection:
                integrity = [row[0] for row in connection.execute("PRAGMA integrity_check")]
                foreign = connection.execute("PRAGMA foreign_key_check").fetchall()
        else:
            integrity, foreign = ["ok"], []
    checked = place.inside("db", "check")
    outcome.sound = integrity == ["ok"] and not foreign and checked.code == 0
    outcome.require(integrity == ["ok"], f"integrity_check: {integrity[:3]}")
    outcome.require(not foreign, f"foreign_key_check: {foreign[:3]}")
    outcome.require(checked.code == 0, f"db check: {(checked.out + checked.err)[-400:]}")
    now = content(place.database)
    for key, row in before.messages.items():
        outcome.require(now.messages.get(key) == row, f"message {key} of an earlier run is lost or another")
    for key, row in before.revisions.items():
        outcome.require(now.revisions.get(key) == row, f"revision {key} of an earlier run is lost or another")
    unheard = sorted(now.unheard - before.unheard)
    outcome.require(not unheard, f"the thumbs on {unheard} stand, are not learned from and are not going to be")
    outcome.kept += len(before.messages) + len(before.revisions)
    _messages(now.added(before), now, outcome, seen)
    _revisions(now.added(before), now, outcome, seen)
    return now


def _messages(new: Content, now: Content, outcome: Outcome, seen: Seen) -> None:
    """What was seen as sent is there once; what was seen of a reply is in one to that message."""
    fresh = {letters(text) for _, role, text in new.messages.values() if role == "user"}
    for question in seen.questions:
        said = letters(question)
        new_one = said in fresh
        outcome.messages += new_one
        keys = [key for key, (_, role, text) in now.messages.items() if role == "user" and letters(text) == said]
        outcome.require(len(keys) == 1, f"the message {question!r} is there {len(keys)} times")
        replies = [letters(text) for parent, role, text in now.messages.values() if role != "user" and parent in keys]
        for line in seen.replies.get(question, []):
            found = any(letters(line) in reply for reply in replies)
            outcome.require(found, f"{line!r} was seen in the reply to {question!r} and is not there")
            outcome.words += len(line.split()) if new_one else 0


def _revisions(new: Content, now: Content, outcome: Outcome, seen: Seen) -> None:
    """Revisions are those that were asked for, in order, each once, up to the newest that was seen at least."""
    numbers = [int(key.split()[-1]) for key in now.revisions if key.startswith(f"{seen.person} ")]
    outcome.require(numbers == list(range(1, len(numbers) + 1)), f"revisions are numbered {numbers}")
    outcome.require(seen.revision <= len(numbers), f"revision {seen.revision} was seen, the newest is {len(numbers)}")
    outcome.revisions += max(0, seen.revision - (len(now.revisions) - len(new.revisions)))
    if seen.asked is not None:
        first = list(seen.asked[: len(new.causes)])
        outcome.require(new.causes == first, f"asked for {list(seen.asked)}, stored were {new.causes}")
    values = [f"{json.loads(after)['alpha'].get('formality', -1):.2f}" for _, after in new.revisions.values()]
    for value in seen.moved:
        count = values.count(value)
        once = count == 1 or (seen.asked is None and count > 1)  # an undo may lead to the same place again
        outcome.require(once, f"a change to {value} was seen, and is there {count} times")
