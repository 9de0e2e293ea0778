"""When a run that has not ended was seen last; whatever was recorded before has ended."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("runs", sa.Column("seen_at", sa.Float(53), nullable=True))
