"""The first schema: users, profile revisions, conversations, messages, feedback."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None
loses = "everything"  # told before a downgrade


def _owner(column: str, target: str, ondelete: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], ondelete=ondelete)


def _indices(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(f"ix_{table}_{column}", table, [column])


def upgrade() -> None:
    op.create_table(
        "user",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.UniqueConstraint("key"),
    )
    op.create_table(
        "profile_revision",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("before", sa.JSON(none_as_null=True)),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint("kind IN ('create', 'set', 'undo', 'redo', 'reset', 'import')", name="ck_revision_kind"),
        sa.UniqueConstraint("user_id", "number", name="uq_revision_number"),
        _owner("user_id", "user", "CASCADE"),
    )
    _indices("profile_revision", "user_id")
    op.create_table(
        "conversation",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        _owner("user_id", "user", "CASCADE"),
    )
    _indices("conversation", "user_id")
    op.create_table(
        "message",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer()),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("writer_pid", sa.Integer()),
        sa.Column("revision_id", sa.Integer()),
        sa.Column("profile", sa.JSON(none_as_null=True)),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("seed", sa.Integer()),
        sa.Column("settings", sa.JSON(none_as_null=True)),
        sa.Column("tokens", sa.Integer()),
        sa.Column("seconds", sa.Float()),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint("role IN ('system', 'user', 'assistant')", name="ck_message_role"),
        sa.CheckConstraint(
            "status IN ('complete', 'streaming', 'stopped', 'interrupted', 'failed')", name="ck_message_status"
        ),
        _owner("conversation_id", "conversation", "CASCADE"),
        _owner("parent_id", "message", "SET NULL"),
        _owner("revision_id", "profile_revision", "SET NULL"),
    )
    _indices("message", "conversation_id", "parent_id", "revision_id")
    op.create_table(
        "feedback",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("revision_id", sa.Integer()),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("profile", sa.JSON(none_as_null=True)),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime()),
        sa.CheckConstraint("value IN (1, -1)", name="ck_feedback_value"),
        _owner("message_id", "message", "CASCADE"),
        _owner("user_id", "user", "CASCADE"),
        _owner("revision_id", "profile_revision", "SET NULL"),
    )
    _indices("feedback", "message_id", "user_id", "revision_id")
    op.create_index("ix_feedback_active", "feedback", ["message_id", "withdrawn_at"])


def downgrade() -> None:
    for table in ("feedback", "message", "conversation", "profile_revision", "user"):
        op.drop_table(table)
