"""Write less for each event: columns that were read out of documents are given, and waiting feedback is only added.

What is kept of the past stays as it is, but for the index by subject, which is built anew over all of the log. Who
rewrites documents has to give these columns from now on.
"""

from alembic import op

revision = "0025"
down_revision = "0024"

_STEPS = (
    "ALTER TABLE contribution ALTER COLUMN instance_id DROP EXPRESSION",
    *[f"ALTER TABLE alert ALTER COLUMN {name} DROP EXPRESSION" for name in ("disposition", "handled", "untold")],
    *[f"ALTER TABLE {table} SET (toast_tuple_target = 8160)" for table in ("contribution", "alert")],
    "ALTER TABLE link_wait DROP CONSTRAINT link_wait_pkey",
    "CREATE INDEX link_wait_key ON link_wait (key)",
    'ALTER TABLE feedback ADD COLUMN subject text COLLATE "C"',
    "DROP INDEX feedback_subject",
    "CREATE INDEX feedback_subject ON feedback (source, coalesce(subject, document ->> 'subject'))",
    """
    DO $$
    DECLARE part regclass;
    BEGIN
      FOR part IN SELECT inhrelid FROM pg_inherits WHERE inhparent = 'feedback'::regclass LOOP
        EXECUTE format('ALTER TABLE %s SET (toast_tuple_target = 8160)', part);
      END LOOP;
    END $$
    """,
)


def upgrade() -> None:
    """Change tables in place."""
    for step in _STEPS:
        op.execute(step)
