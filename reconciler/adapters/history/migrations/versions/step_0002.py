"""Who deleted a resource in Keycloak, or took our mark from it; of fields it stands beside the values."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; what was recorded before names nobody."""
    op.add_column("changes", sa.Column("attribution", sa.JSON, nullable=True))
