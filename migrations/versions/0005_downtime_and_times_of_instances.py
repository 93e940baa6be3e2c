"""Keep downtimes, and when instances began and were completed.

Downtimes that were only recorded so far are not known any more; the times of instances are read out of their documents.
"""

from alembic import op

revision = "0005"
down_revision = "0004"

_STEPS = (
    """
    CREATE TABLE downtime (
      source text COLLATE "C" NOT NULL,
      downtime_id text COLLATE "C" NOT NULL,
      process text COLLATE "C" NOT NULL,
      region text COLLATE "C",
      started_at timestamptz NOT NULL,
      ended_at timestamptz,
      planned boolean NOT NULL,
      occurred_at timestamptz NOT NULL,
      event_id text COLLATE "C" NOT NULL,
      CONSTRAINT downtime_pkey PRIMARY KEY (source, downtime_id)
    )
    """,
    "CREATE INDEX downtime_ended ON downtime (ended_at)",
    "ALTER TABLE process_instance ADD COLUMN started_at timestamptz",
    "ALTER TABLE process_instance ADD COLUMN completed_at timestamptz",
    """
    UPDATE process_instance SET started_at = (doc ->> 'started_at')::timestamptz,
      completed_at = (doc ->> 'completed_at')::timestamptz
    """,
)


def upgrade() -> None:
    """Add the table and the columns."""
    for step in _STEPS:
        op.execute(step)
