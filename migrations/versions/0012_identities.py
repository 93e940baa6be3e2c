"""Keep which references of a customer were named together, and which of them a person has split."""

from alembic import op

revision = "0012"
down_revision = "0011"

_STEPS = (
    """
    CREATE TABLE identity_evidence (
      type text COLLATE "C" NOT NULL,
      ref text COLLATE "C" NOT NULL,
      other_type text COLLATE "C" NOT NULL,
      other text COLLATE "C" NOT NULL,
      source text COLLATE "C" NOT NULL,
      event_id text COLLATE "C" NOT NULL,
      at timestamptz NOT NULL,
      CONSTRAINT identity_evidence_pkey PRIMARY KEY (type, ref, other_type, other)
    )
    """,
    """
    CREATE TABLE identity_split (
      ref text COLLATE "C" NOT NULL,
      other text COLLATE "C" NOT NULL,
      author text NOT NULL,
      reason text NOT NULL,
      at timestamptz NOT NULL,
      lifted_by text,
      lifted_at timestamptz,
      CONSTRAINT identity_split_pkey PRIMARY KEY (ref, other)
    )
    """,
    "CREATE INDEX identity_split_other ON identity_split (other)",
)


def upgrade() -> None:
    """Add the tables."""
    for step in _STEPS:
        op.execute(step)
