"""Comparisons: a reply knows the sibling beside which it was made."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None
loses = "which replies stood beside each other; they stay as siblings"  # told before a downgrade


def upgrade() -> None:
    op.add_column("message", sa.Column("rival_of", sa.Integer()))


def downgrade() -> None:
    """Go back; replies that were compared stay as siblings."""
    op.drop_column("message", "rival_of")
