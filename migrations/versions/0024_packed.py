"""Let values of the outbox be packed into one column; rows that wait as they were are sent as they are."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Add the column and its size, and ask for no values beside it."""
    op.add_column("outbox", sa.Column("packed", pg.BYTEA))
    op.add_column("outbox", sa.Column("size", sa.Integer))
    op.alter_column("outbox", "values", nullable=True)
