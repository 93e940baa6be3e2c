"""Keep when an instance ran, what waits for more to be heard of instances, and into which tickets others were merged.

What stands is read out of its documents; the reasons of links that were made before are those of their statuses.
"""

from alembic import op

revision = "0011"
down_revision = "0010"

_STEPS = (
    "ALTER TABLE process_instance ADD COLUMN began_at timestamptz",
    "ALTER TABLE process_instance ADD COLUMN over_at timestamptz",
    """
    UPDATE process_instance SET began_at = coalesce((doc ->> 'started_at')::timestamptz, '-infinity'),
      over_at = CASE WHEN (doc ->> 'begun_at')::timestamptz > (doc ->> 'ended_at')::timestamptz THEN 'infinity'
        ELSE coalesce((doc ->> 'ended_at')::timestamptz, 'infinity') END
    """,
    "ALTER TABLE process_instance ALTER COLUMN began_at SET NOT NULL",
    "ALTER TABLE process_instance ALTER COLUMN over_at SET NOT NULL",
    "DROP INDEX process_instance_customer",
    """
    CREATE INDEX process_instance_customer ON process_instance (customer, began_at DESC, instance_id DESC)
      WHERE customer IS NOT NULL
    """,
    """
    CREATE TABLE link_wait (
      key text COLLATE "C" NOT NULL,
      source text COLLATE "C" NOT NULL,
      subject text COLLATE "C" NOT NULL,
      part text COLLATE "C" NOT NULL,
      until timestamptz NOT NULL,
      CONSTRAINT link_wait_pkey PRIMARY KEY (key, source, subject, part)
    )
    """,
    "CREATE INDEX link_wait_until ON link_wait (until)",
    """
    CREATE TABLE merged_ticket (
      ticket text COLLATE "C" NOT NULL,
      into_ticket text COLLATE "C" NOT NULL,
      at timestamptz NOT NULL,
      event_id text COLLATE "C" NOT NULL,
      CONSTRAINT merged_ticket_pkey PRIMARY KEY (ticket)
    )
    """,
    "CREATE INDEX merged_ticket_into ON merged_ticket (into_ticket)",
    """
    UPDATE contribution SET doc = jsonb_set(doc::jsonb, '{link,reason}', CASE doc #>> '{link,status}'
      WHEN 'linked' THEN '"sole_carrier"'::jsonb WHEN 'ambiguous' THEN '"shared_key"'
      WHEN 'unlinked' THEN '"key_unknown"' ELSE '"no_key"' END)::json
    """,
)


def upgrade() -> None:
    """Add the columns, the tables and their indexes."""
    for step in _STEPS:
        op.execute(step)
