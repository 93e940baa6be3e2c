"""Keep requests to erase and marks of what was, find a person's traces, and remember how far retention has come."""

from alembic import op

revision = "0017"
down_revision = "0016"

_STEPS = (
    """
    CREATE TABLE erasure (
      erasure_id text COLLATE "C" NOT NULL,
      request_id text COLLATE "C",
      customer_hash text COLLATE "C" NOT NULL,
      refs text[] COLLATE "C" NOT NULL,
      include_joined boolean NOT NULL,
      asked_at timestamptz NOT NULL,
      recorded_at timestamptz NOT NULL,
      token text COLLATE "C",
      joined integer DEFAULT 0 NOT NULL,
      counts json NOT NULL,
      done_at timestamptz,
      CONSTRAINT erasure_pkey PRIMARY KEY (erasure_id)
    )
    """,
    "CREATE INDEX erasure_open ON erasure (recorded_at, erasure_id) WHERE done_at IS NULL",
    """
    CREATE TABLE erased (
      mark text COLLATE "C" NOT NULL,
      at timestamptz NOT NULL,
      revision bigint,
      erased_at timestamptz DEFAULT now() NOT NULL,
      CONSTRAINT erased_pkey PRIMARY KEY (mark)
    )
    """,
    "CREATE INDEX erased_age ON erased (erased_at)",
    """
    CREATE TABLE former_customer (
      customer text COLLATE "C" NOT NULL,
      source text COLLATE "C" NOT NULL,
      subject text COLLATE "C" NOT NULL,
      left_at timestamptz DEFAULT now() NOT NULL,
      gone boolean DEFAULT false NOT NULL,
      CONSTRAINT former_customer_pkey PRIMARY KEY (customer, source, subject)
    )
    """,
    "CREATE INDEX former_customer_subject ON former_customer (source, subject)",
    "CREATE INDEX former_customer_held ON former_customer (left_at) WHERE NOT gone",
    "CREATE INDEX former_customer_age ON former_customer (left_at)",
    "CREATE INDEX event_identity_age ON event_identity (admitted_at)",
    """
    CREATE TABLE unlogged (
      source text COLLATE "C" NOT NULL,
      subject text COLLATE "C" NOT NULL,
      event_id text COLLATE "C" NOT NULL,
      heard_at timestamptz DEFAULT now() NOT NULL,
      CONSTRAINT unlogged_pkey PRIMARY KEY (source, subject, event_id)
    )
    """,
    "CREATE INDEX unlogged_age ON unlogged (heard_at)",
    """
    CREATE TABLE retention (
      what text COLLATE "C" NOT NULL,
      until timestamptz NOT NULL,
      CONSTRAINT retention_pkey PRIMARY KEY (what)
    )
    """,
    "ALTER TABLE dead_letter ADD COLUMN named bigint[] DEFAULT '{}'::bigint[] NOT NULL",
    "CREATE INDEX dead_letter_named ON dead_letter USING gin (named)",
    "CREATE INDEX feedback_subject ON feedback (source, (document ->> 'subject'))",
    "CREATE INDEX notice_excerpts ON notice USING gin (((doc #> '{alert,excerpts}')::jsonb) jsonb_path_ops)",
)


def upgrade() -> None:
    """Add tables, the column and the indexes."""
    for step in _STEPS:
        op.execute(step)
