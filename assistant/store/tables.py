"""The tables. Times are UTC; profiles are stored as the JSON of `Profile.as_dict`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    String,
    TypeDecorator,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.engine import Dialect
from sqlmodel import Field, SQLModel

from assistant.store.trouble import Unreadable
from assistant.style import Profile

LARGEST_ID = 2**63 - 1
"""Largest integer that SQLite knows."""
KINDS = ("create", "set", "undo", "redo", "reset", "import", "learn", "fit")
"""Kinds of profile revisions."""
LEARNING = ("on", "off", "weak")
"""What feedback may do to a person's profile: move it, nothing, or move it by weak signs too."""
STATUSES = ("complete", "streaming", "stopped", "interrupted", "failed")
"""States of a message: being written, or how its writing ended."""
UNFINISHED = "status = 'streaming'"
"""The messages being written, as the index that finds them without reading all others says it, to the letter."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time; SQLite stores it without its zone."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the naive UTC time to store."""
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the aware time that was stored."""
        return None if value is None else value.replace(tzinfo=UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None] | None:
        """Return what reads a stored time, or raises `Unreadable` where a bit of it was flipped."""
        read = super().result_processor(dialect, coltype)
        assert read is not None

        def reading(value: Any) -> datetime | None:
            try:
                return read(value)
            except (ValueError, TypeError) as error:
                raise Unreadable("a stored time is none") from error

        return reading


def now() -> datetime:
    """Return the present time."""
    return datetime.now(UTC)


def _time(nullable: bool = False) -> Any:
    return Column(UtcDateTime(), nullable=nullable)


def _owned_by(target: str, nullable: bool = False) -> Any:
    return Column(
        Integer, ForeignKey(target, ondelete="SET NULL" if nullable else "CASCADE"), nullable=nullable, index=True
    )


def _one_of(column: str, values: tuple[object, ...], name: str) -> CheckConstraint:
    return CheckConstraint(f"{column} IN ({', '.join(map(repr, values))})", name=name)


class User(SQLModel, table=True):
    """A person on this machine."""

    __table_args__ = (_one_of("learning", LEARNING, "ck_user_learning"),)

    id: int = Field(default=None, primary_key=True)
    name: str
    """As typed."""
    key: str = Field(unique=True)
    """The name with case folded: two people cannot differ by case alone."""
    created_at: datetime = Field(default_factory=now, sa_column=_time())
    learning: str = Field(default="on", sa_column=Column(String, nullable=False, server_default="on"))


class ProfileRevision(SQLModel, table=True):
    """One change of a person's profile. Rows are added, never changed."""

    __tablename__ = "profile_revision"
    __table_args__ = (
        UniqueConstraint("user_id", "number", name="uq_revision_number"),
        _one_of("kind", KINDS, "ck_revision_kind"),
    )

    id: int = Field(default=None, primary_key=True)
    user_id: int = Field(sa_column=_owned_by("user.id"))
    number: int
    """1, 2, 3, … per person."""
    kind: str
    cause: str
    """The words that asked for the change."""
    before: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    after: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    created_at: datetime = Field(default_factory=now, sa_column=_time())

    @property
    def profile(self) -> Profile:
        """The profile from this revision on."""
        return Profile.from_dict(self.after)


class Conversation(SQLModel, table=True):
    """A sequence of messages of one person."""

    id: int = Field(default=None, primary_key=True)
    user_id: int = Field(sa_column=_owned_by("user.id"))
    title: str = ""
    model: str = ""
    created_at: datetime = Field(default_factory=now, sa_column=_time())
    updated_at: datetime = Field(default_factory=now, sa_column=_time())
    pinned: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=false()))
    """Whether it stands at the top of the list."""
    deleted_at: datetime | None = Field(default=None, sa_column=_time(nullable=True))
    """When it was deleted; it can be brought back until it is purged."""


class Message(SQLModel, table=True):
    """What a person said, or a reply with all that made it."""

    __table_args__ = (
        _one_of("role", ("system", "user", "assistant"), "ck_message_role"),
        _one_of("status", STATUSES, "ck_message_status"),
        Index("ix_message_unfinished", "id", sqlite_where=text(UNFINISHED)),
    )

    id: int = Field(default=None, primary_key=True)
    conversation_id: int = Field(sa_column=_owned_by("conversation.id"))
    parent_id: int | None = Field(default=None, sa_column=_owned_by("message.id", nullable=True))
    """The message that this one follows; those that follow the same one are siblings."""
    role: str
    content: str
    status: str = "complete"
    writer_pid: int | None = None
    """Number of the process that is writing the message, while its status is "streaming"; see `Writers`."""
    revision_id: int | None = Field(default=None, sa_column=_owned_by("profile_revision.id", nullable=True))
    profile: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    """The voice of the reply."""
    model: str = ""
    seed: int | None = None
    settings: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    tokens: int | None = None
    seconds: float | None = None
    scores: dict[str, float] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    """Measured attribute scores of a reply, in [0, 1]; None until they are measured."""
    superseded: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=false()))
    """Whether the conversation goes on from a sibling: the model sees neither this one nor what follows it."""
    rival_of: int | None = None
    """The reply beside which this one was made, in another voice, to be compared. Siblings come and go together, so
    no foreign key watches it."""
    context: dict[str, int] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    """How the conversation fitted into the model's context when this reply was asked for, in tokens and turns."""
    created_at: datetime = Field(default_factory=now, sa_column=_time())
    updated_at: datetime = Field(default_factory=now, sa_column=_time())

    @property
    def speed(self) -> float:
        """Tokens a second of a reply, reading what came before included; 0 when it cannot be said."""
        return (self.tokens or 0) / self.seconds if self.seconds else 0.0


class Feedback(SQLModel, table=True):
    """A thumb on a reply, with the profile that it judges. Taken back, it stays in the log."""

    __table_args__ = (
        _one_of("value", (1, -1), "ck_feedback_value"),
        Index("ix_feedback_active", "message_id", "withdrawn_at"),
    )

    id: int = Field(default=None, primary_key=True)
    message_id: int = Field(sa_column=_owned_by("message.id"))
    user_id: int = Field(sa_column=_owned_by("user.id"))
    revision_id: int | None = Field(default=None, sa_column=_owned_by("profile_revision.id", nullable=True))
    value: int
    profile: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    created_at: datetime = Field(default_factory=now, sa_column=_time())
    withdrawn_at: datetime | None = Field(default=None, sa_column=_time(nullable=True))


class Evidence(SQLModel, table=True):
    """A piece of evidence about what a person wants. Rows are added, never changed; they hold numbers, no text."""

    __table_args__ = (UniqueConstraint("user_id", "number", name="uq_evidence_number"),)

    id: int = Field(default=None, primary_key=True)
    user_id: int = Field(sa_column=_owned_by("user.id"))
    bank: str
    """The model and the attributes that it is about: evidence on one bank moves no other."""
    number: int
    """1, 2, 3, … per person."""
    after_revision: int
    """Number of the person's newest profile revision when it was given."""
    kind: str
    content: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    """The event, as `assistant.preference` writes it."""
    why: str
    """What it did, in words."""
    message_id: int | None = Field(default=None, sa_column=_owned_by("message.id", nullable=True))
    revision_id: int | None = Field(default=None, sa_column=_owned_by("profile_revision.id", nullable=True))
    """The revision that it made, if it moved the profile."""
    created_at: datetime = Field(default_factory=now, sa_column=_time())


class OwedLesson(SQLModel, table=True):
    """What a person did about a reply and is not learned from yet: written with the act, gone with the lesson."""

    __tablename__ = "owed_lesson"
    __table_args__ = (_one_of("value", (1, 0, -1), "ck_owed_lesson_value"),)

    id: int = Field(default=None, primary_key=True)
    user_id: int = Field(sa_column=_owned_by("user.id"))
    message_id: int = Field(sa_column=_owned_by("message.id"))
    other_id: int | None = Field(
        default=None,
        sa_column=Column(Integer, ForeignKey("message.id", ondelete="CASCADE"), nullable=True, index=True),
    )
    """The reply that was passed over for this one, where two were compared."""
    bank: str
    """The model and the attributes that it is about, as in `Evidence`."""
    value: int
    """A thumb, +1 or −1; 0 where what was said about the reply is taken back; 1 where it was picked."""
    attribute: str | None = None
    """What was wrong, with a thumb down, and"""
    direction: int | None = None
    """where it should go: +1 for more of it, −1 for less."""
    created_at: datetime = Field(default_factory=now, sa_column=_time())


class LearnerState(SQLModel, table=True):
    """What was learned of a person on one bank so far: a shortcut, which the log of evidence can rebuild."""

    __tablename__ = "learner_state"
    __table_args__ = (UniqueConstraint("user_id", "bank", name="uq_learner_state"),)

    id: int = Field(default=None, primary_key=True)
    user_id: int = Field(sa_column=_owned_by("user.id"))
    bank: str
    evidence: int
    """Number of the last piece of evidence that it knows."""
    revision: int
    """Number of the last profile revision that it knows."""
    state: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))


class Voice(SQLModel, table=True):
    """A profile that a person has saved under a name."""

    __table_args__ = (UniqueConstraint("user_id", "key", name="uq_voice_name"),)

    id: int = Field(default=None, primary_key=True)
    user_id: int = Field(sa_column=_owned_by("user.id"))
    name: str
    """As typed."""
    key: str
    """The name with case folded."""
    profile: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    created_at: datetime = Field(default_factory=now, sa_column=_time())
