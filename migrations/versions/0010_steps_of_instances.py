"""Keep the steps of process instances, find what is linked to one, and since when each may be forgotten.

Steps that came before are not known any more. An instance of which the earlier release hears first, while both run, has
no `aged_at` until the next event of it. The instance of a contribution is read out of its document, and the table is
written anew.
"""

from alembic import op

revision = "0010"
down_revision = "0009"

_STEPS = (
    """
    CREATE TABLE process_step (
      instance_id text COLLATE "C" NOT NULL,
      source text COLLATE "C" NOT NULL,
      name text COLLATE "C" NOT NULL,
      process text COLLATE "C" NOT NULL,
      event_id text COLLATE "C" NOT NULL,
      at timestamptz NOT NULL,
      told_at timestamptz NOT NULL,
      activity text COLLATE "C",
      lifecycle text COLLATE "C" NOT NULL,
      team text COLLATE "C",
      withdrawn boolean NOT NULL,
      attributes json NOT NULL,
      CONSTRAINT process_step_pkey PRIMARY KEY (instance_id, source, name)
    )
    """,
    """
    ALTER TABLE contribution ADD COLUMN instance_id text COLLATE "C"
      GENERATED ALWAYS AS (doc #>> '{link,instance_id}') STORED
    """,
    """
    CREATE INDEX contribution_instance ON contribution (instance_id, began_at) WHERE instance_id IS NOT NULL
    """,
    "ALTER TABLE process_instance ADD COLUMN aged_at timestamptz",
    """
    UPDATE process_instance SET aged_at = CASE
      WHEN (doc ->> 'begun_at')::timestamptz > (doc ->> 'ended_at')::timestamptz THEN updated_at
      ELSE coalesce((doc ->> 'ended_at')::timestamptz, updated_at) END
    """,
    "CREATE INDEX process_instance_aged ON process_instance (aged_at) WHERE aged_at IS NOT NULL",
    "CREATE INDEX instance_key_instance ON instance_key (instance_id)",
)


def upgrade() -> None:
    """Add the table, the columns and what finds them."""
    for step in _STEPS:
        op.execute(step)
