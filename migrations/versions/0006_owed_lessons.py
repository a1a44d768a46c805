"""What was done about replies and is not learned from yet, so that a killed program learns from it at its next start."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None
loses = "thumbs and picks that were not learned from yet; they stand, and move nothing"  # told before a downgrade


def upgrade() -> None:
    op.create_table(
        "owed_lesson",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("user.id", ondelete="CASCADE"), nullable=False, index=True),
        sa.Column(
            "message_id", sa.Integer(), sa.ForeignKey("message.id", ondelete="CASCADE"), nullable=False, index=True
        ),
        sa.Column("other_id", sa.Integer(), sa.ForeignKey("message.id", ondelete="CASCADE"), index=True),
        sa.Column("bank", sa.String(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("attribute", sa.String()),
        sa.Column("direction", sa.Integer()),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint("value IN (1, 0, -1)", name="ck_owed_lesson_value"),
    )


def downgrade() -> None:
    """Go back; thumbs stay."""
    op.drop_table("owed_lesson")
