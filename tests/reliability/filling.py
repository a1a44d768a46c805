"""A large database of true shapes: people, conversations with branches, revisions, thumbs, evidence.

Rows go in by bulk SQL, past the triggers that keep the search index; `assistant db check` finds nothing wrong.
"""

from __future__ import annotations

import itertools
import json
import random
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from assistant.chat.learning import Learning
from assistant.chat.workspace import Workspace
from assistant.preference import Learner, Options, Response, Thumb, state
from assistant.preference.evidence import event_from_dict
from assistant.store.tables import LearnerState
from assistant.style import Profile
from tests.reliability.speaking import WORDS, measure, pieces

HEAVY = 0.1
"""Share of everything that belongs to one person, the one whose acts are timed."""
LENGTH = 40
"""Messages of a conversation."""
RARE = "zanzibar"
"""A word that one reply in a thousand holds."""
HITS = 5
"""Replies to the person whose acts are timed that hold it, about: on a small database as on a large one."""
SCREENFUL = 30
"""Conversations that fill the screen with their titles."""
TABLES = ("user", "profile_revision", "conversation", "message", "feedback", "evidence")
TAUGHT = 100
"""Thumbs that are learned from, the latest."""
_START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is."""

    users: int
    messages: int
    revisions: int


def fill(size: Size, heavy: str, seed: int = 0) -> dict[str, int]:
    """Fill the database in $ASSISTANT_HOME, which is new; the person named `heavy` owns a tenth of all.

    What is learned of that person is what their latest thumbs taught; everybody else's evidence waits.

    Returns:
        Rows per table.
    """
    with Workspace.open() as place:
        place.store.users.ensure(heavy, place.neutral)
        path, filling = place.store.database.path, _Filling(place, seed)
    with closing(sqlite3.connect(path)) as connection, connection:
        for person in range(1, size.users + 1):
            filling.person(
                person, _share(size.revisions, size.users, person), _share(size.messages, size.users, person)
            )
            filling.write(connection)
    _learn(heavy)
    with closing(sqlite3.connect(path)) as connection:
        return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in TABLES}


class _Filling:
    """Makes the rows of one person after the other."""

    def __init__(self, place: Workspace, seed: int) -> None:
        self._names = place.names
        self._model = place.card.model
        self._bank = Learning(place).bank
        self._seed = seed
        self._ids = {name: itertools.count(1) for name in ("conversation", "message", "profile_revision")}
        self._rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._chance = random.Random(seed)
        self._rare: Iterator[bool] = iter(())

    def write(self, connection: sqlite3.Connection) -> None:
        """Insert the rows, each table's after those that they refer to."""
        for table in TABLES:
            if rows := self._rows.pop(table, []):
                names = list(rows[0])
                marks = ", ".join(f":{name}" for name in names)
                connection.executemany(f'INSERT INTO "{table}" ({", ".join(names)}) VALUES ({marks})', rows)

    def person(self, number: int, revisions: int, messages: int) -> None:
        """Make a person with so many revisions and messages; the first one is in the database already."""
        self._chance = random.Random(f"{self._seed} {number}")
        every, chance = max(1, messages // (2 * HITS)), self._chance
        self._rare = (reply % every == 0 if number == 1 else chance.random() < 0.001 for reply in itertools.count(1))
        if number > 1:
            self._rows["user"].append(
                {"id": number, "name": f"Person {number}", "key": f"person {number}", "created_at": _at(number)}
            )
        chain = list(self._chain(number, revisions))
        self._rows["profile_revision"] += chain[number == 1 :]
        for place, begin in enumerate(range(0, messages, LENGTH)):
            self._conversation(
                number, chain, min(LENGTH, messages - begin), _at(number + place), last=begin + LENGTH >= messages
            )

    def _chain(self, person: int, count: int) -> Iterator[dict[str, Any]]:
        """Yield revisions, each beginning where the one before ended."""
        profile, before = Profile.neutral(self._names), None
        for number in range(1, count + 1):
            if number > 1:
                profile = profile.with_alpha({self._chance.choice(self._names): self._chance.random()})
            after = json.dumps(profile.as_dict())
            yield {
                "id": next(self._ids["profile_revision"]),
                "user_id": person,
                "number": number,
                "kind": "set" if before else "create",
                "cause": "/more formal" if before else "created",
                "before": before,
                "after": after,
                "created_at": _at(number),
            }
            before = after

    def _conversation(self, person: int, chain: list[dict[str, Any]], messages: int, when: str, last: bool) -> None:
        """Make a conversation: every eighth reply has a sibling, every fifth a thumb; the last one is not deleted."""
        chance, here = self._chance, next(self._ids["conversation"])
        self._rows["conversation"].append(
            {
                "id": here,
                "user_id": person,
                "title": " ".join(chance.choices(WORDS, k=3)).capitalize(),
                "model": self._model,
                "created_at": when,
                "updated_at": when,
                "pinned": chance.random() < 0.02,
                "deleted_at": when if not last and chance.random() < 0.02 else None,
            }
        )
        before: int | None = None
        while messages > 0:
            question = self._message(here, before, "user", " ".join(chance.choices(WORDS, k=12)), when)
            before, messages = question, messages - 1
            for sibling in range(min(messages, 2 if chance.random() < 0.125 else 1)):
                before = self._reply(person, here, question, chance.choice(chain), when, len(chain))
                messages -= 1
                if sibling:
                    self._rows["message"][-2]["superseded"] = True

    def _reply(
        self, person: int, conversation: int, question: int, revision: dict[str, Any], when: str, newest: int
    ) -> int:
        chance = self._chance
        text = "".join(pieces(chance)) + f" {RARE}" * next(self._rare)
        scores = measure(text, self._names)
        key = self._message(conversation, question, "assistant", text, when)
        self._rows["message"][-1] |= {
            "revision_id": revision["id"],
            "profile": revision["after"],
            "model": self._model,
            "seed": key,
            "settings": json.dumps({"temperature": 0.5, "top_p": 0.9, "max_tokens": 256, "seed": key}),
            "tokens": len(text.split()),
            "seconds": 1.5,
            "scores": json.dumps(scores),
            "context": json.dumps({"size": 2000, "used": 300, "dropped": 0, "cut": 0}),
        }
        if chance.random() < 0.2:
            self._thumb(person, key, revision, scores, when, newest)
        return key

    def _message(self, conversation: int, parent: int | None, role: str, text: str, when: str) -> int:
        key = next(self._ids["message"])
        blank = dict.fromkeys(("revision_id", "profile", "seed", "settings", "tokens", "seconds", "scores", "context"))
        self._rows["message"].append(
            {
                "id": key,
                "conversation_id": conversation,
                "parent_id": parent,
                "role": role,
                "content": text,
                "status": "complete",
                "model": "",
                "superseded": False,
                "created_at": when,
                "updated_at": when,
                **blank,
            }
        )
        return key

    def _thumb(
        self, person: int, reply: int, revision: dict[str, Any], scores: dict[str, float], when: str, newest: int
    ) -> None:
        up, number = self._chance.random() < 0.6, len(self._rows["evidence"]) + 1
        thumb = Thumb(id=number, up=up, scores=scores, profile=Profile.from_dict(json.loads(revision["after"])))
        shared = {"user_id": person, "message_id": reply, "created_at": when}
        self._rows["feedback"].append(
            {**shared, "revision_id": revision["id"], "value": 1 if up else -1, "profile": revision["after"]}
        )
        self._rows["evidence"].append(
            {
                **shared,
                "bank": self._bank,
                "number": number,
                "after_revision": newest,
                "kind": Thumb.kind,
                "content": json.dumps(thumb.as_dict()),
                "why": "Thumb: nothing changed",
            }
        )


def _share(total: int, people: int, person: int) -> int:
    """Return how much of a total a person owns."""
    if people == 1:
        return total
    heavy = round(total * HEAVY)
    each, over = divmod(total - heavy, people - 1)
    return heavy if person == 1 else each + (person - 1 <= over)


def _learn(name: str) -> None:
    """Store what a person's latest evidence teaches, as the state to go on from."""
    with Workspace.open() as place:
        store, user = place.store, place.store.users.require(name)
        card, bank = place.card, Learning(place).bank
        evidence, newest = store.learning.list(user.id), store.profiles.current(user.id)
        events = [event_from_dict(each.content) for each in reversed(evidence[:TAUGHT])]
        learner = Learner.start(
            card.attributes, Response.from_card(card.names, card.response), options=Options(weak=True)
        ).replay(events)
        with store.database.transaction() as session:
            session.add(
                LearnerState(
                    user_id=user.id,
                    bank=bank,
                    evidence=evidence[0].number if evidence else 0,
                    revision=newest.number,
                    state=state(learner),
                )
            )


def _at(hours: int) -> str:
    return (_START + timedelta(hours=hours)).strftime("%Y-%m-%d %H:%M:%S.%f")
