"""Killing what happens at a start: the first one of all, and that of a newer program on an older database."""

from __future__ import annotations

import random
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from assistant.store import schema
from tests.reliability.kill.book import NOTHING, content, verify
from tests.reliability.kill.calling import Timed, strike
from tests.reliability.kill.outcome import Outcome
from tests.reliability.kill.place import USER, Place
from tests.reliability.kill.reading import Seen, read
from tests.reliability.kill.terminal import TooLong


class FirstStart(Timed):
    """The chat in an empty home."""

    name = "first start"
    scripted = True

    def run(self, place: Place, number: int, rng: random.Random) -> Outcome:
        """Kill it before or just after it greets, and start it again."""
        outcome = Outcome(self.name)
        place.empty()
        taken = self.took("start", lambda: (place.start(), place.terminal.shows("Hello"), place.terminal.kill()))
        place.empty()
        near = rng.random() < 0.7
        sign = place.database if near else None
        outcome.moment = strike(place, rng, [], taken / 2 if near else taken * 1.1, sign)
        verify(place, outcome, NOTHING, read(place.terminal.screen))
        try:
            place.start()
            place.terminal.shows("Hello")
            outcome.again = True
        except TooLong as error:
            outcome.wrong(str(error))
        place.terminal.kill()
        causes = [row[0] for row in content(place.database).revisions.values()]
        outcome.require(causes == ["created"], f"the first profile came about by {causes}")
        return outcome


class Migrate(Timed):
    """`assistant db upgrade` and the chat, on a database of an earlier schema."""

    name = "migrate"
    scripted = True

    def run(self, place: Place, number: int, rng: random.Random) -> Outcome:
        """Kill it once: the database is whole at one schema, and the next start brings it to the newest."""
        outcome = Outcome(self.name)
        older = rng.choice(schema.known()[:-1])
        source = place.folder / f"{older}.db"
        if not source.exists():
            write_older(source, older)
        place.empty()
        self._put(source, place)
        arguments = [["db", "upgrade"], []][rng.randrange(2)]
        sign = place.home / f".{place.database.name}.lock"
        taken = self.took(older, lambda: place.complete("db", "upgrade"))
        place.empty()
        self._put(source, place)
        wanted = rows(source)
        outcome.moment = f"{older}, {strike(place, rng, arguments, taken, sign)}"
        with place.as_left() as copy:
            left = schema.revision(copy)
            outcome.require(left in (older, schema.HEAD), f"left at schema {left}")
            outcome.require(rows(copy) == wanted, f"left at schema {left} with other data")
        verify(place, outcome, replace(content(source), messages={}), Seen())
        outcome.again = place.complete("db", "upgrade")[0] == 0
        outcome.require(schema.revision(place.database) == schema.HEAD, "not upgraded by the next start")
        outcome.require(rows(place.database) == wanted, "upgraded with other data")
        backup = place.home / f"{place.database.name}.before-{schema.HEAD}.bak"
        outcome.require(rows(backup) == wanted, "the copy that was made before is not whole")
        odd = [each.name for each in place.home.glob(".*partial*")]
        outcome.require(not odd, f"left behind: {odd}")
        return outcome

    def _put(self, source: Path, place: Place) -> None:
        place.home.mkdir(mode=0o700)
        shutil.copyfile(source, place.database)


def write_older(path: Path, older: str) -> None:
    """Write a database of an earlier schema with people, revisions, conversations and thumbs."""
    schema.migrate(path, older)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        day = "2026-01-01 00:00:00"
        profile = '{"alpha": {"formality": %.4f}, "lambda": {"formality": 1.0}, "strength": 1.0, "compose": "full"}'
        connection.execute("INSERT INTO user (id, name, key, created_at) VALUES (1, ?, ?, ?)", (USER, USER, day))
        last = None
        for number in range(1, 301):
            after = profile % (number / 400)
            kind = "create" if number == 1 else "set"
            connection.execute(
                "INSERT INTO profile_revision (id, user_id, number, kind, cause, before, after, created_at) "
                "VALUES (?, 1, ?, ?, ?, ?, ?, ?)",
                (number, number, kind, f"cause {number}", last, after, day),
            )
            last = after
        for conversation in range(1, 101):
            connection.execute(
                "INSERT INTO conversation (id, user_id, title, model, created_at, updated_at) "
                "VALUES (?, 1, ?, '', ?, ?)",
                (conversation, f"title {conversation}", day, day),
            )
            for place in range(80):
                number = conversation * 1000 + place
                role = ("user", "assistant")[place % 2]
                follows = place > 0 and (role == "assistant" or older >= "0003")  # from then on, all are one tree
                parent = number - 1 if follows else None
                connection.execute(
                    "INSERT INTO message (id, conversation_id, parent_id, role, content, status, model, created_at, "
                    "updated_at) VALUES (?, ?, ?, ?, ?, 'complete', '', ?, ?)",
                    (number, conversation, parent, role, f"text {number} {'word ' * 60}", day, day),
                )
            connection.execute(
                "INSERT INTO feedback (message_id, user_id, value, created_at) VALUES (?, 1, 1, ?)",
                (conversation * 1000 + 1, day),
            )
        connection.commit()


def rows(path: Path) -> list[list[tuple[object, ...]]]:
    """Return what every schema holds."""
    queries = (
        "SELECT id, name, key FROM user",
        "SELECT id, user_id, number, cause, before, after FROM profile_revision",
        "SELECT id, title FROM conversation",
        "SELECT id, conversation_id, role, content, status FROM message",
        "SELECT id, message_id, value FROM feedback",
    )
    with closing(sqlite3.connect(path)) as connection:
        return [connection.execute(f"{query} ORDER BY id").fetchall() for query in queries]
