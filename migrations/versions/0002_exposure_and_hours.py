"""Keep what exposure and hours take: what is critical or of a survey, what was completed when, and ticks by instant.

What stands is read out of its documents; instances that were completed before did not say so and stay without a day.
"""

from alembic import op

revision = "0002"
down_revision = "0001"

_STEPS = (
    "ALTER TABLE contribution ADD COLUMN critical boolean DEFAULT false NOT NULL",
    "ALTER TABLE contribution ADD COLUMN surveyed boolean DEFAULT false NOT NULL",
    """
    UPDATE contribution SET critical = doc -> 'assessed' ->> 'severity' = 'critical',
      surveyed = doc -> 'feedback' ->> 'kind' = 'survey'
    """,
    "CREATE INDEX contribution_process ON contribution (process, day)",
    'ALTER TABLE process_instance ADD COLUMN region text COLLATE "C"',
    "ALTER TABLE process_instance ADD COLUMN completed_on date",
    # A window of days ends when its last day is over.
    "ALTER TABLE tick RENAME COLUMN window_end TO ends_at",
    "ALTER TABLE tick ALTER COLUMN ends_at TYPE timestamptz USING (ends_at + 1)::timestamp AT TIME ZONE 'UTC'",
    "UPDATE tick SET kind = 'days' WHERE kind = 'slow'",
    "ALTER TABLE review RENAME COLUMN window_end TO ends_at",
    "ALTER TABLE review ALTER COLUMN ends_at TYPE timestamptz USING (ends_at + 1)::timestamp AT TIME ZONE 'UTC'",
    """
    CREATE TABLE volume_tempo (
      id smallint NOT NULL,
      doc json NOT NULL,
      CONSTRAINT volume_tempo_pkey PRIMARY KEY (id)
    )
    """,
    """
    CREATE INDEX process_instance_completed ON process_instance (completed_on, process, region)
    WHERE completed_on IS NOT NULL
    """,
)


# From PostgreSQL 18 on that a column is not null is a constraint with a name, which a renamed column keeps.
_RENAME = """
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_constraint WHERE conname = '{table}_window_end_not_null') THEN
    ALTER TABLE {table} RENAME CONSTRAINT {table}_window_end_not_null TO {table}_ends_at_not_null;
  END IF;
END $$
"""


def upgrade() -> None:
    """Add the columns, and the table that hours take."""
    for step in (*_STEPS, *(_RENAME.format(table=table) for table in ("tick", "review"))):
        op.execute(step)
