"""Tell what employees said from what customers did, so that no cell of volume counts it."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0016"


def upgrade() -> None:
    """Add the column, and fill it from the documents."""
    op.add_column("contribution", sa.Column("by_staff", sa.Boolean, nullable=False, server_default=sa.false()))
    op.execute("UPDATE contribution SET by_staff = true WHERE doc #>> '{feedback,kind}' = 'employee'")
