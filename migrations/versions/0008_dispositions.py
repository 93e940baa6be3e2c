"""Keep beside an alert what a person said that it was, and whether one ever did anything to it; find reviews by alert.

Both are read out of the alert's document, and the table is written anew. What was done to alerts before is not known:
they count as untouched.
"""

from alembic import op

revision = "0008"
down_revision = "0007"

_STEPS = (
    """
    ALTER TABLE alert ADD COLUMN disposition text COLLATE "C"
      GENERATED ALWAYS AS (doc #>> '{disposed,disposition}') STORED
    """,
    "ALTER TABLE alert ADD COLUMN handled boolean GENERATED ALWAYS AS (doc ->> 'handled_at' IS NOT NULL) STORED",
    "CREATE INDEX alert_resolved ON alert (resolved_at) WHERE state = 'resolved'",
    "CREATE INDEX alert_disposed ON alert (resolved_at, team, disposition) WHERE disposition IS NOT NULL",
    "CREATE INDEX review_alert ON review (alert_id) WHERE alert_id IS NOT NULL",
)


def upgrade() -> None:
    """Add the columns and what finds them."""
    for step in _STEPS:
        op.execute(step)
