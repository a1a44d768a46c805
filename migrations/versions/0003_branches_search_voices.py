"""Branches of a conversation, pinned and deleted ones, full-text search, saved voices, what fitted the context."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None
loses = "saved voices and deleted conversations; branches other than the present one are set aside"  # told before a downgrade

# A reply is indexed once its writing has ended: its text changes with each token before.
_SEARCH = (
    "CREATE VIEW message_text AS SELECT id, content FROM message WHERE status <> 'streaming'",
    """CREATE VIRTUAL TABLE message_search USING fts5(
        content, content='message_text', content_rowid='id', tokenize="unicode61 remove_diacritics 2")""",
    """CREATE TRIGGER message_search_insert AFTER INSERT ON message WHEN new.status <> 'streaming' BEGIN
        INSERT INTO message_search (rowid, content) VALUES (new.id, new.content);
    END""",
    """CREATE TRIGGER message_search_delete AFTER DELETE ON message WHEN old.status <> 'streaming' BEGIN
        INSERT INTO message_search (message_search, rowid, content) VALUES ('delete', old.id, old.content);
    END""",
    """CREATE TRIGGER message_search_update AFTER UPDATE OF content, status ON message
        WHEN old.status <> 'streaming' AND new.status <> 'streaming' BEGIN
        INSERT INTO message_search (message_search, rowid, content) VALUES ('delete', old.id, old.content);
        INSERT INTO message_search (rowid, content) VALUES (new.id, new.content);
    END""",
    """CREATE TRIGGER message_search_end AFTER UPDATE OF content, status ON message
        WHEN old.status = 'streaming' AND new.status <> 'streaming' BEGIN
        INSERT INTO message_search (rowid, content) VALUES (new.id, new.content);
    END""",
    """CREATE TRIGGER message_search_resume AFTER UPDATE OF content, status ON message
        WHEN old.status <> 'streaming' AND new.status = 'streaming' BEGIN
        INSERT INTO message_search (message_search, rowid, content) VALUES ('delete', old.id, old.content);
    END""",
    "INSERT INTO message_search (message_search) VALUES ('rebuild')",
)
# Foreign keys are off while tables are rebuilt, so what hangs on a conversation is named here.
_GONE = "(SELECT id FROM conversation WHERE deleted_at IS NOT NULL)"
_SAID = f"(SELECT id FROM message WHERE conversation_id IN {_GONE})"
_FORGET = (
    f"DELETE FROM feedback WHERE message_id IN {_SAID}",
    f"UPDATE evidence SET message_id = NULL WHERE message_id IN {_SAID}",
    f"DELETE FROM message WHERE conversation_id IN {_GONE}",
    f"DELETE FROM conversation WHERE id IN {_GONE}",
)
_LINK = """UPDATE message SET parent_id = (
    SELECT max(earlier.id) FROM message AS earlier
    WHERE earlier.conversation_id = message.conversation_id AND earlier.id < message.id AND NOT earlier.superseded
) WHERE parent_id IS NULL"""
_FLATTEN = """WITH RECURSIVE path (id) AS (
    SELECT id FROM message WHERE parent_id IS NULL AND NOT superseded
    UNION ALL SELECT message.id FROM message JOIN path ON message.parent_id = path.id WHERE NOT message.superseded
) UPDATE message SET superseded = 1 WHERE id NOT IN (SELECT id FROM path)"""


def upgrade() -> None:
    op.execute(_LINK)
    op.add_column("message", sa.Column("context", sa.JSON(none_as_null=True)))
    op.add_column("conversation", sa.Column("pinned", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("conversation", sa.Column("deleted_at", sa.DateTime()))
    op.create_table(
        "voice",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("user.id", ondelete="CASCADE"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("profile", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.UniqueConstraint("user_id", "key", name="uq_voice_name"),
    )
    op.create_index("ix_voice_user_id", "voice", ["user_id"])
    for statement in _SEARCH:
        op.execute(statement)


def downgrade() -> None:
    """Go back; deleted conversations go for good, and branches that were left are set aside."""
    for statement in _FORGET:
        op.execute(statement)
    for name in ("insert", "delete", "update", "end", "resume"):
        op.execute(f"DROP TRIGGER message_search_{name}")
    op.execute("DROP TABLE message_search")
    op.execute("DROP VIEW message_text")
    op.drop_table("voice")
    op.execute(_FLATTEN)
    op.execute("UPDATE message SET parent_id = NULL WHERE role <> 'assistant'")
    op.drop_column("message", "context")
    op.drop_column("conversation", "deleted_at")
    op.drop_column("conversation", "pinned")
