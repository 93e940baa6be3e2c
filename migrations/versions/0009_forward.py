"""Keep to which key an alert was moved from another: by a person who reassigned it, or by a date of the playbook."""

from alembic import op

revision = "0009"
down_revision = "0008"

_STEPS = (
    'ALTER TABLE alert_key ADD COLUMN forward text COLLATE "C"',
    "CREATE INDEX alert_key_forward ON alert_key (alert_key) WHERE forward IS NOT NULL",
)


def upgrade() -> None:
    """Add the column and its index."""
    for step in _STEPS:
        op.execute(step)
