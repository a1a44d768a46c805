"""Taking over what can still be read of a damaged database into a new one."""

from __future__ import annotations

import json
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from assistant.store import schema
from assistant.store.database import Database
from assistant.store.errors import StoreError, StoreInputError
from assistant.store.restoring import Content, content
from assistant.store.trouble import faults
from assistant.style import Profile, ProfileError

_REBUILT = ("learner_state", "alembic_version")
"""Tables that are not taken over: what is in them follows from the rest."""
_MOST = 100_000
"""Rows of a table that are looked for one by one."""
_NOW = "strftime('%Y-%m-%d %H:%M:%f000', 'now')"
_TIDY = (
    f"""INSERT INTO user (id, name, key, created_at)
        SELECT DISTINCT user_id, 'rescued ' || user_id, 'rescued ' || user_id, {_NOW} FROM (
            SELECT user_id FROM conversation UNION SELECT user_id FROM profile_revision
        ) WHERE user_id NOT IN (SELECT id FROM user)""",
    f"""INSERT INTO conversation (id, user_id, title, model, created_at, updated_at)
        SELECT DISTINCT conversation_id, (SELECT min(id) FROM user), 'rescued', '', {_NOW}, {_NOW} FROM message
        WHERE conversation_id NOT IN (SELECT id FROM conversation) AND (SELECT count(*) FROM user) = 1""",
    """UPDATE message SET status = 'interrupted', writer_pid = NULL WHERE status = 'streaming'""",
    """UPDATE message SET parent_id = (
            SELECT max(id) FROM message AS earlier WHERE earlier.conversation_id = message.conversation_id
            AND earlier.id < message.id AND earlier.role != message.role
        ) WHERE parent_id IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM message AS parent WHERE parent.id = message.parent_id AND parent.id < message.id
            AND parent.conversation_id = message.conversation_id)""",
)
_ONE_ACTIVE = """UPDATE message SET superseded = 1 WHERE NOT superseded AND EXISTS (
        SELECT 1 FROM message AS later WHERE later.conversation_id = message.conversation_id AND NOT later.superseded
        AND later.parent_id IS message.parent_id AND later.role = message.role AND later.id > message.id)"""
_LOG_WITH_GAPS = """DELETE FROM evidence WHERE user_id IN (
        SELECT user_id FROM evidence GROUP BY user_id HAVING max(number) != count(*))"""


@contextmanager
def staged(path: Path) -> Iterator[tuple[Path, Content]]:
    """Give a new, sound database with what can be read of a damaged one, which is not touched, and its content.

    Raises:
        StoreInputError: it is not damaged.
        StoreError: nothing can be read of it, or the new one cannot be written.
    """
    if not path.is_file():
        raise StoreInputError(f"there is no database {path}")
    folder = Path(tempfile.mkdtemp(prefix=f".{path.name}.rescuing-", dir=path.parent))
    try:
        damaged, fresh = folder / "damaged", folder / path.name
        shutil.copyfile(path, damaged)
        with suppress(FileNotFoundError):
            shutil.copyfile(f"{path}-wal", f"{damaged}-wal")
        revision = _revision(damaged)
        if not _is_damaged(damaged, folder / "probe"):
            raise StoreInputError(f"{path} is sound: there is nothing to rescue")
        schema.migrate(fresh, revision)
        with closing(sqlite3.connect(fresh)) as target:
            with closing(sqlite3.connect(damaged)) as source:
                source.text_factory = lambda raw: raw.decode("utf-8", "replace").replace("\0", "")
                source.execute("PRAGMA writable_schema = ON")  # a table that cannot be read hides no other one
                for table in _tables(target):
                    _take_over(source, target, table)
            _tidy(target)
            target.commit()
        wrong = _checked(fresh)
        found = content(fresh)
        if wrong or not found.users:
            raise StoreError(f"nothing can be read of {path} any more ({wrong[0] if wrong else 'nobody is in it'})")
        yield fresh, found
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"{path} cannot be rescued ({error}): nothing is changed") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _revision(path: Path) -> str:
    try:
        found = schema.revision(path)
    except StoreError:
        return schema.HEAD
    return found if found in schema.known() else schema.HEAD


def _is_damaged(path: Path, probe: Path) -> bool:
    if faults(path):
        return True
    shutil.copyfile(path, probe)
    try:
        return bool(_checked(probe))
    except StoreError:
        return True


def _checked(path: Path) -> list[str]:
    database = Database.open(path)
    try:
        return database.check()
    finally:
        database.close()


def _tables(target: sqlite3.Connection) -> list[str]:
    """Return the tables to take over, in the order in which they were made: none refers to a later one."""
    names = target.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid").fetchall()
    return [name for (name,) in names if name not in _REBUILT and not name.startswith("message_search")]


def _take_over(source: sqlite3.Connection, target: sqlite3.Connection, table: str) -> None:
    columns = [row[1] for row in target.execute(f'PRAGMA table_info("{table}")')]
    insert = (
        f'INSERT OR IGNORE INTO "{table}" ({", ".join(f"{chr(34)}{each}{chr(34)}" for each in columns)}) '
        f"VALUES ({', '.join('?' for _ in columns)})"
    )
    for row in _rows(source, table, columns):
        with suppress(sqlite3.Error, OverflowError):  # a row that does not fit its table is as lost as one unread
            target.execute(insert, row)


def _rows(source: sqlite3.Connection, table: str, columns: list[str]) -> Iterator[tuple[Any, ...]]:
    """Yield the rows that can be read: from the first on, from the last back, and one by one between them."""
    query = f'SELECT rowid, {", ".join(f"{chr(34)}{each}{chr(34)}" for each in columns)} FROM "{table}"'
    first, last = 0, _MOST
    try:
        for row in source.execute(f"{query} ORDER BY rowid"):
            first = row[0]
            yield row[1:]
        return
    except sqlite3.Error:  # the damage begins here
        pass
    back: list[tuple[Any, ...]] = []
    try:
        for row in source.execute(f"{query} WHERE rowid > ? ORDER BY rowid DESC", (first,)):
            last = row[0]
            back.append(row[1:])
    except sqlite3.Error:  # … and ends here
        pass
    for number in range(first + 1, min(last, first + _MOST)):
        try:
            found = source.execute(f"{query} WHERE rowid = ?", (number,)).fetchone()
        except sqlite3.Error:
            continue
        if found is not None:
            yield found[1:]
    yield from reversed(back)


def _tidy(target: sqlite3.Connection) -> None:
    """Make a whole of what was taken over: nothing refers to what is lost, and logs have no gaps."""
    for table in _tables(target):
        for _, column, kind, required, *_ in target.execute(f'PRAGMA table_info("{table}")').fetchall():
            if kind == "JSON":
                wrong = f'"{column}" IS NOT NULL AND NOT json_valid("{column}")'
                target.execute(
                    f'DELETE FROM "{table}" WHERE {wrong}'
                    if required
                    else f'UPDATE "{table}" SET "{column}" = NULL WHERE {wrong}'
                )
            elif kind == "DATETIME":
                wrong = f'"{column}" IS NOT NULL AND datetime("{column}") IS NULL'
                target.execute(f'UPDATE "{table}" SET "{column}" = {_NOW} WHERE {wrong}')
    for statement in _TIDY:
        target.execute(statement)
    _number_revisions(target)
    _cut_references(target)
    if "evidence" in _tables(target):  # the first schema had neither siblings nor evidence
        target.execute(_ONE_ACTIVE)
        target.execute(_LOG_WITH_GAPS)


def _number_revisions(target: sqlite3.Connection) -> None:
    """Have every person's revisions follow each other; a person of whom none is left gets a neutral one."""
    readable = [(row, profile) for row in _revisions(target) if (profile := _profile(row[4])) is not None]
    names = tuple(readable[0][1].attributes) if readable else ()
    target.execute("DELETE FROM profile_revision")
    for (user,) in target.execute("SELECT id FROM user").fetchall():
        own = [(row, profile) for row, profile in readable if row[1] == user]
        whole = [row[2] for row, _ in own] == list(range(1, len(own) + 1))
        before: str | None = None
        for number, (row, _) in enumerate(own, 1):
            kind = row[3] if whole else "create" if number == 1 else "set"
            target.execute(
                "INSERT INTO profile_revision (id, user_id, number, kind, cause, before, after, created_at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (row[0], user, number, kind, row[5], before, row[4], row[6]),
            )
            before = row[4]
        if not own and names:
            target.execute(
                f"INSERT INTO profile_revision (user_id, number, kind, cause, after, created_at) "
                f"VALUES (?, 1, 'create', 'rescued', ?, {_NOW})",
                (user, json.dumps(Profile.neutral(names).as_dict())),
            )


def _revisions(target: sqlite3.Connection) -> list[tuple[Any, ...]]:
    query = "SELECT id, user_id, number, kind, after, cause, created_at FROM profile_revision ORDER BY user_id, number"
    return target.execute(query).fetchall()


def _profile(text: str) -> Profile | None:
    try:
        return Profile.from_dict(json.loads(text))
    except (ValueError, TypeError, ProfileError):
        return None


def _cut_references(target: sqlite3.Connection) -> None:
    """Delete rows that belong to what is lost, and forget other references to it, until there are none."""
    while broken := target.execute("PRAGMA foreign_key_check").fetchall():
        for table, row, _, number in broken:
            keys = {each[0]: (each[3], each[6]) for each in target.execute(f'PRAGMA foreign_key_list("{table}")')}
            column, deleted = keys[number]
            target.execute(
                f'DELETE FROM "{table}" WHERE rowid = ?'
                if deleted == "CASCADE"
                else f'UPDATE "{table}" SET "{column}" = NULL WHERE rowid = ?',
                (row,),
            )
