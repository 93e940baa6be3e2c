"""Keep what people say that feedback is about."""

from alembic import op

revision = "0016"
down_revision = "0015"

_STEPS = (
    """
    CREATE TABLE correction (
      source text COLLATE "C" NOT NULL,
      subject text COLLATE "C" NOT NULL,
      part text COLLATE "C" NOT NULL,
      number integer NOT NULL,
      event_id text COLLATE "C" NOT NULL,
      customer text COLLATE "C" NOT NULL,
      kind text COLLATE "C" NOT NULL,
      language text COLLATE "C" NOT NULL,
      question text NOT NULL,
      text text NOT NULL,
      category text COLLATE "C" NOT NULL,
      method text COLLATE "C" NOT NULL,
      confidence double precision NOT NULL,
      model text COLLATE "C",
      given text[] NOT NULL,
      matched text[] NOT NULL,
      meant text[] NOT NULL,
      author text NOT NULL,
      reason text,
      at timestamptz NOT NULL,
      ended_by text,
      ended_at timestamptz,
      CONSTRAINT correction_pkey PRIMARY KEY (source, subject, part, number)
    )
    """,
    "CREATE INDEX correction_at ON correction (at)",
    "CREATE INDEX correction_customer ON correction (customer)",
    "CREATE UNIQUE INDEX correction_stands ON correction (source, subject, part) WHERE ended_at IS NULL",
)


def upgrade() -> None:
    """Make the table; nothing was said before."""
    for step in _STEPS:
        op.execute(step)
