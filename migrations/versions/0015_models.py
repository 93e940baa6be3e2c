"""Keep trained models, each under its digest."""

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Add the table; a model's file is packed already, so it is stored as it is."""
    op.execute(
        """
        CREATE TABLE model (
          digest text COLLATE "C" NOT NULL,
          name text NOT NULL,
          body bytea NOT NULL,
          report json NOT NULL,
          stored_at timestamptz NOT NULL,
          CONSTRAINT model_pkey PRIMARY KEY (digest)
        )
        """
    )
    op.execute("ALTER TABLE model ALTER COLUMN body SET STORAGE EXTERNAL")
