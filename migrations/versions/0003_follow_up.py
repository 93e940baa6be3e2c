"""Keep what following up reviews takes: how severe each complaint is, and when a person closed a review."""

from alembic import op

revision = "0003"
down_revision = "0002"

_STEPS = (
    "ALTER TABLE contribution ADD COLUMN points smallint DEFAULT 0 NOT NULL",
    "UPDATE contribution SET points = coalesce(round((doc -> 'assessed' ->> 'score')::numeric), 0)",
    "ALTER TABLE alert ADD COLUMN acted_at timestamptz",
    "ALTER TABLE alert ADD COLUMN on_agenda boolean DEFAULT false NOT NULL",
    "UPDATE alert SET on_agenda = true WHERE state = 'open'",
    """
    CREATE INDEX alert_agenda ON alert (rank DESC, last_seen DESC)
    WHERE on_agenda AND kind IN ('volume', 'recontact')
    """,
    "CREATE INDEX alert_acted ON alert (acted_at) WHERE acted_at IS NOT NULL",
)


def upgrade() -> None:
    """Add the columns; a review that was closed before does not say by whom, and is not followed up."""
    for step in _STEPS:
        op.execute(step)
