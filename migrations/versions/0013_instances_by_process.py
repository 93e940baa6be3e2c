"""Find the instances of a process that ran lately."""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Add the index."""
    op.execute("CREATE INDEX process_instance_process ON process_instance (process, over_at)")
