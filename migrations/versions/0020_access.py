"""Keep API keys and sessions: who may come in, and what they may do."""

from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Add the tables; neither holds what its bearer shows, only a digest of it."""
    op.execute(
        """
        CREATE TABLE api_key (
          key_id text COLLATE "C" NOT NULL,
          digest text COLLATE "C" NOT NULL,
          name text NOT NULL,
          role text COLLATE "C" NOT NULL,
          permissions text[] COLLATE "C",
          teams text[] COLLATE "C",
          created_at timestamptz NOT NULL,
          expires_at timestamptz,
          revoked_at timestamptz,
          last_used_on date,
          CONSTRAINT api_key_pkey PRIMARY KEY (key_id)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE session (
          digest text COLLATE "C" NOT NULL,
          name text NOT NULL,
          subject text COLLATE "C" NOT NULL,
          key_id text COLLATE "C",
          groups text[] NOT NULL,
          csrf text COLLATE "C" NOT NULL,
          created_at timestamptz NOT NULL,
          seen_at timestamptz NOT NULL,
          ended_at timestamptz,
          CONSTRAINT session_pkey PRIMARY KEY (digest)
        )
        """
    )
    op.execute("CREATE INDEX session_created ON session (created_at)")
