"""An index of the messages that are being written: each search looks for them first."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None
loses = ""  # nothing; told before a downgrade


def upgrade() -> None:
    op.create_index("ix_message_unfinished", "message", ["id"], sqlite_where=sa.text("status = 'streaming'"))


def downgrade() -> None:
    """Go back; nothing is lost."""
    op.drop_index("ix_message_unfinished", "message")
