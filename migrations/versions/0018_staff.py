"""Tell what employees said from what customers did, and find what is tagged as having no place in the taxonomy."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Add the columns, and fill the first from the documents; what is tagged is known from now on."""
    op.add_column("contribution", sa.Column("by_staff", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("contribution", sa.Column("tagged", sa.Boolean, nullable=False, server_default=sa.false()))
    op.execute("UPDATE contribution SET by_staff = true WHERE doc #>> '{feedback,kind}' = 'employee'")
    op.create_index("contribution_tagged", "contribution", ["day"], postgresql_where=sa.text("tagged"))
