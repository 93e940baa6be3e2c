"""Keep what recontacts take: when a ticket was closed, whether it was reopened, what is a contact; cells by measure.

What is a contact or was reopened is read out of the documents that stand. When a ticket was closed before is not known:
`done_at` stays empty, and it is in no figure.
"""

from alembic import op

revision = "0006"
down_revision = "0005"

_STEPS = (
    "ALTER TABLE contribution ADD COLUMN done_at timestamptz",
    "ALTER TABLE contribution ADD COLUMN reopened boolean DEFAULT false NOT NULL",
    "ALTER TABLE contribution ADD COLUMN contact boolean DEFAULT false NOT NULL",
    """
    UPDATE contribution SET
      reopened = part = '' AND coalesce((doc -> 'feedback' ->> 'reopen_count')::integer, 0) > 0,
      contact = doc -> 'feedback' ->> 'kind' <> 'employee'
        AND NOT coalesce((doc -> 'feedback' -> 'flags')::jsonb ? 'anonymous', false)
        AND (negative OR (doc -> 'feedback' ->> 'kind' = 'ticket' AND part = ''))
    """,
    "CREATE INDEX contribution_closed ON contribution (done_at) WHERE done_at IS NOT NULL",
    "ALTER TABLE volume_cell ADD COLUMN measure text COLLATE \"C\" DEFAULT 'volume' NOT NULL",
    "ALTER TABLE volume_cell DROP CONSTRAINT volume_cell_pkey",
    "ALTER TABLE volume_cell ADD CONSTRAINT volume_cell_pkey PRIMARY KEY (process, category, region, measure)",
    "ALTER TABLE review ADD COLUMN measure text COLLATE \"C\" DEFAULT 'volume' NOT NULL",
    "ALTER TABLE review DROP CONSTRAINT review_pkey",
    "ALTER TABLE review ADD CONSTRAINT review_pkey PRIMARY KEY (ends_at, process, category, region, measure)",
)


def upgrade() -> None:
    """Add the columns, and let a cell be counted in more than one way."""
    for step in _STEPS:
        op.execute(step)
