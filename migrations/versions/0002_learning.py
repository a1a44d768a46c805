"""Learning: the log of evidence, what was learned from it, scores of replies, replies that another one replaced."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None
loses = "what was learned, with its evidence; the profiles stay as they are, as if they had been set"  # told before a downgrade

_OLD = "'create', 'set', 'undo', 'redo', 'reset', 'import'"
_NEW = f"{_OLD}, 'learn', 'fit'"

# Of several replies to one message, which the first schema can have after a way back, the last one counts.
_LAST = """UPDATE message SET superseded = 1 WHERE role = 'assistant' AND EXISTS (
    SELECT 1 FROM message AS later
    WHERE later.parent_id = message.parent_id AND later.role = 'assistant' AND later.id > message.id
)"""


def _kinds(values: str) -> None:
    with op.batch_alter_table("profile_revision") as table:
        table.drop_constraint("ck_revision_kind", type_="check")
        table.create_check_constraint("ck_revision_kind", f"kind IN ({values})")


def upgrade() -> None:
    _kinds(_NEW)
    with op.batch_alter_table("user") as table:
        table.add_column(sa.Column("learning", sa.String(), nullable=False, server_default="on"))
        table.create_check_constraint("ck_user_learning", "learning IN ('on', 'off', 'weak')")
    with op.batch_alter_table("message") as table:
        table.add_column(sa.Column("scores", sa.JSON(none_as_null=True)))
        table.add_column(sa.Column("superseded", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(_LAST)
    op.create_table(
        "evidence",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("user.id", ondelete="CASCADE"), nullable=False),
        sa.Column("bank", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("after_revision", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("message_id", sa.Integer(), sa.ForeignKey("message.id", ondelete="SET NULL")),
        sa.Column("revision_id", sa.Integer(), sa.ForeignKey("profile_revision.id", ondelete="SET NULL")),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.UniqueConstraint("user_id", "number", name="uq_evidence_number"),
    )
    for column in ("user_id", "message_id", "revision_id"):
        op.create_index(f"ix_evidence_{column}", "evidence", [column])
    op.create_table(
        "learner_state",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("user.id", ondelete="CASCADE"), nullable=False),
        sa.Column("bank", sa.String(), nullable=False),
        sa.Column("evidence", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.UniqueConstraint("user_id", "bank", name="uq_learner_state"),
    )
    op.create_index("ix_learner_state_user_id", "learner_state", ["user_id"])


def downgrade() -> None:
    """Go back; what was learned stays in the profiles, as revisions that were set."""
    op.drop_table("learner_state")
    op.drop_table("evidence")
    with op.batch_alter_table("message") as table:
        table.drop_column("superseded")
        table.drop_column("scores")
    with op.batch_alter_table("user") as table:
        table.drop_constraint("ck_user_learning", type_="check")
        table.drop_column("learning")
    op.execute("UPDATE profile_revision SET kind = 'set' WHERE kind IN ('learn', 'fit')")
    _kinds(_OLD)
