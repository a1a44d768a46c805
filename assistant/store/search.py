"""Full-text search over a person's messages, by the FTS5 index that the database's triggers keep in step."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import text as sql
from sqlmodel import col, select

from assistant.store.database import Database
from assistant.store.tables import Conversation, Message
from assistant.store.text import folded, storable

MOST_HITS = 200
"""Messages that a search gives at the most, the latest."""
_TERM = re.compile(r'"([^"]+)"|([^\s"]+)')
_SPACELESS = re.compile("[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")
"""Scripts without spaces between words, whose text the index cannot cut into words."""
_OPEN, _CLOSE = "\ue002", "\ue003"
_AROUND = 40
_SHORT = 4000
"""Characters of a message in which FTS5 finds the best part; its time grows with the square of the matches."""
_MATCHES = sql(
    f"""SELECT message.id, conversation.id, conversation.title,
            CASE WHEN length(message.content) <= {_SHORT}
            THEN snippet(message_search, 0, '{_OPEN}', '{_CLOSE}', '…', 16) END
        FROM message_search CROSS JOIN message ON message.id = message_search.rowid
        CROSS JOIN conversation ON conversation.id = message.conversation_id
        WHERE message_search MATCH :query AND conversation.user_id = :user AND conversation.deleted_at IS NULL
        ORDER BY message_search.rowid DESC LIMIT :most"""
)
"""In the order in which the index is read backwards: it is left at the last hit, and only hits get their snippet."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A message that a search found."""

    conversation_id: int
    title: str
    """Of the conversation."""
    message: Message
    snippet: str
    """The part of the message around what was found, in one line."""
    marks: tuple[tuple[int, int], ...]
    """Where in the snippet the words that were found begin and end."""


class Search:
    """Searches in the messages of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, user_id: int, text: str, limit: int = 50) -> list[Hit]:
        """Return a person's messages that hold all words of a text, the latest first.

        Words match whatever their case and accents, and where a longer word begins with them; "words in quotes" match
        as they stand. No text is an error.
        """
        text = storable(text)
        most = max(1, min(limit, MOST_HITS))
        if _SPACELESS.search(text):
            return self._holding(user_id, text.strip(), most)
        query = _query(text)
        if not query:
            return []
        with self._database.reading() as session:
            rows = session.execute(_MATCHES, {"query": query, "user": user_id, "most": most}).all()
            found = session.exec(select(Message).where(col(Message.id).in_([row[0] for row in rows])))
            messages = {message.id: message for message in found}
            return [
                Hit(place, title, messages[key], *_part(part, messages[key], text)) for key, place, title, part in rows
            ]

    def _holding(self, user_id: int, text: str, most: int) -> list[Hit]:
        """Return the messages that hold a text as it stands."""
        query = (
            select(Message, Conversation.title)
            .join(Conversation, col(Message.conversation_id) == col(Conversation.id))
            .where(
                Conversation.user_id == user_id,
                col(Conversation.deleted_at).is_(None),
                sql("instr(folded(message.content), :sought) > 0"),
            )
            .order_by(col(Message.id).desc())
            .limit(most)
        )
        with self._database.reading() as session:
            rows = session.exec(query.params(sought=folded(text))).all()
            return [Hit(each.conversation_id, title, each, *_around(each.content, text)) for each, title in rows]


def _query(text: str) -> str:
    """Return the FTS5 query for a text: every term is quoted, so that none of its characters is an operator."""
    terms = []
    for phrase, word in _TERM.findall(text):
        if not any(character.isalnum() for character in phrase or word):
            continue
        if phrase:
            terms.append(f'"{phrase}"')
            continue
        forms = {word, word.casefold(), word.casefold().replace("ss", "ß")}
        terms.append("(" + " OR ".join(f'"{form}" *' for form in sorted(forms)) + ")")
    return " AND ".join(terms)


def _part(snippet: str | None, message: Message, text: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Return the snippet of a message and its marks; of a long one that which is around the first word sought."""
    if snippet is not None:
        return _marked(snippet)
    phrase, word = next(iter(_TERM.findall(text)))
    return _around(message.content, phrase or word)


def _marked(snippet: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Return a snippet in one line, without its marks, and where they were."""
    plain, marks, start = "", [], 0
    for part in re.split(f"([{_OPEN}{_CLOSE}])", " ".join(snippet.split())):
        if part == _OPEN:
            start = len(plain)
        elif part == _CLOSE:
            marks.append((start, len(plain)))
        else:
            plain += part
    return plain, tuple(marks)


def _around(content: str, text: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    flat, sought = " ".join(content.split()), " ".join(text.split())
    at = flat.lower().find(sought.lower())
    if at < 0:
        return flat[: 2 * _AROUND], ()
    start, end = max(at - _AROUND, 0), at + len(sought)
    before = "…" if start else ""
    snippet = f"{before}{flat[start : end + _AROUND]}{'…' if end + _AROUND < len(flat) else ''}"
    begin = len(before) + at - start
    return snippet, ((begin, begin + len(sought)),)
