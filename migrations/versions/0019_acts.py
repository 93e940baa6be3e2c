"""Keep what people did to alerts, and find alerts of a queue by what people look for."""

from alembic import op

revision = "0019"
down_revision = "0018"

_STEPS = (
    """
    CREATE TABLE alert_act (
      number bigint GENERATED ALWAYS AS IDENTITY,
      alert_id text COLLATE "C" NOT NULL,
      at timestamptz NOT NULL,
      deed text COLLATE "C" NOT NULL,
      author text NOT NULL,
      text text,
      said json NOT NULL,
      CONSTRAINT alert_act_pkey PRIMARY KEY (number)
    )
    """,
    "CREATE INDEX alert_act_alert ON alert_act (alert_id, number)",
    "CREATE INDEX alert_act_at ON alert_act (at)",
    "CREATE INDEX alert_act_text ON alert_act (at) WHERE text IS NOT NULL",
    """
    CREATE INDEX alert_queue_category ON alert (team, category, rank DESC, last_seen DESC, alert_id)
    WHERE state = 'open'
    """,
    """
    CREATE INDEX alert_queue_process ON alert (team, process, rank DESC, last_seen DESC, alert_id)
    WHERE state = 'open'
    """,
    "CREATE INDEX alert_ended_category ON alert (team, category, last_seen DESC, alert_id) WHERE state = 'resolved'",
    "CREATE INDEX alert_ended_process ON alert (team, process, last_seen DESC, alert_id) WHERE state = 'resolved'",
    "CREATE INDEX alert_rare ON alert (team, kind, state, last_seen DESC, alert_id) WHERE kind <> 'event'",
)


def upgrade() -> None:
    """Make the table; of what was done before, the alerts themselves say what still holds."""
    for step in _STEPS:
        op.execute(step)
