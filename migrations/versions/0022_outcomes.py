"""Find the alerts of which those behind them are to be told what became of them; of what was resolved before none are.

The column is read out of the alert's document, and the table is written anew.
"""

from alembic import op

revision = "0022"
down_revision = "0021"

_STEPS = (
    """
    UPDATE alert SET doc = (doc::jsonb || jsonb_build_object(
      'told_outcome', jsonb_build_object('times', 0, 'of', doc #>> '{disposed,at}')))::json
    WHERE disposition IS NOT NULL
    """,
    """
    ALTER TABLE alert ADD COLUMN untold boolean GENERATED ALWAYS AS (CASE
      WHEN doc ->> 'copy' = 'true' OR doc ->> 'merged_into' IS NOT NULL THEN false
      WHEN doc ->> 'state' = 'open'
        THEN doc #>> '{told_outcome,of}' IS NOT NULL AND doc #>> '{told_outcome,times}' <> '0'
      ELSE doc #>> '{disposed,at}' = doc ->> 'resolved_at'
        AND doc #>> '{disposed,at}' IS DISTINCT FROM doc #>> '{told_outcome,of}' END) STORED
    """,
    "CREATE INDEX alert_untold ON alert (alert_key, alert_id) WHERE untold",
)


def upgrade() -> None:
    """Add the column and what finds by it."""
    for step in _STEPS:
        op.execute(step)
