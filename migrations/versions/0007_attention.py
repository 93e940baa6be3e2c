"""Keep what holds notices back: silences, budgets, and which alerts are hidden by what."""

from alembic import op

revision = "0007"
down_revision = "0006"

_STEPS = (
    'ALTER TABLE alert ADD COLUMN held_by text COLLATE "C"',
    "CREATE INDEX alert_held ON alert (held_by, alert_key, alert_id) WHERE held_by IS NOT NULL",
    """
    CREATE TABLE silence (
      silence_id text COLLATE "C" NOT NULL,
      created_at timestamptz NOT NULL,
      starts_at timestamptz NOT NULL,
      ends_at timestamptz NOT NULL,
      ended_at timestamptz,
      check_at timestamptz,
      doc json NOT NULL,
      CONSTRAINT silence_pkey PRIMARY KEY (silence_id)
    )
    """,
    "CREATE INDEX alert_over ON alert (last_seen) WHERE state = 'resolved'",
    "CREATE INDEX notice_at ON notice (at)",
    "CREATE INDEX silence_ends ON silence (ends_at) WHERE ended_at IS NULL",
    "CREATE INDEX silence_created ON silence (created_at DESC, silence_id)",
    """
    CREATE TABLE silences (
      id smallint NOT NULL,
      version bigint NOT NULL,
      CONSTRAINT silences_pkey PRIMARY KEY (id)
    )
    """,
    """
    CREATE TABLE team_budget (
      team text COLLATE "C" NOT NULL,
      stretch text COLLATE "C" NOT NULL,
      began timestamptz NOT NULL,
      used integer NOT NULL,
      CONSTRAINT team_budget_pkey PRIMARY KEY (team, stretch)
    ) WITH (fillfactor = 50)
    """,
    """
    CREATE TABLE digest (
      digest_id text COLLATE "C" NOT NULL,
      team text COLLATE "C" NOT NULL,
      reason text COLLATE "C" NOT NULL,
      at timestamptz NOT NULL,
      document json NOT NULL,
      CONSTRAINT digest_pkey PRIMARY KEY (digest_id)
    )
    """,
    "CREATE INDEX digest_team ON digest (team, at DESC, digest_id)",
    """
    CREATE TABLE release (
      muter text COLLATE "C" NOT NULL,
      at timestamptz NOT NULL,
      CONSTRAINT release_pkey PRIMARY KEY (muter)
    )
    """,
    "CREATE INDEX release_at ON release (at)",
)


def upgrade() -> None:
    """Add the tables and the column."""
    for step in _STEPS:
        op.execute(step)
