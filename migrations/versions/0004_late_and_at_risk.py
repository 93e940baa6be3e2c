"""Keep when an instance has to be looked at since it may be late, and what of a customer is not resolved.

What stands is read out of its documents; of instances that run already the next event says when they are late.
"""

from alembic import op

revision = "0004"
down_revision = "0003"

_STEPS = (
    "ALTER TABLE process_instance ADD COLUMN late_at timestamptz",
    "CREATE INDEX process_instance_late ON process_instance (late_at, instance_id) WHERE late_at IS NOT NULL",
    "ALTER TABLE contribution ADD COLUMN unresolved boolean DEFAULT false NOT NULL",
    "UPDATE contribution SET unresolved = true WHERE negative AND doc -> 'feedback' ->> 'done' = 'false'",
    "CREATE INDEX contribution_unresolved ON contribution (customer, began_at) WHERE unresolved",
)


def upgrade() -> None:
    """Add the columns and their indexes."""
    for step in _STEPS:
        op.execute(step)
