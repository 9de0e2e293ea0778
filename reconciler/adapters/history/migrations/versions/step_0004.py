"""Which API a run asked, and by which login it ran; of what was recorded before, nobody knows."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    for name in ("api_url", "login"):
        op.add_column("runs", sa.Column(name, sa.Text, nullable=False, server_default=""))
