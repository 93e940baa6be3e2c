"""Nothing -> the tables of the volume rule: what its cells remember, its reviews, and its ticks."""

import sqlalchemy as sa

from service.adapters.postgres.schema.columns import AT, KEY, at, key, keys, metadata

volume_cell = sa.Table(
    "volume_cell",
    metadata,
    *keys("process", "category", primary=True),
    sa.Column("region", KEY, primary_key=True, server_default=""),
    sa.Column("doc", sa.JSON, nullable=False),
    sa.Column("measure", KEY, primary_key=True, server_default="volume"),
)

# What the ticks of hours have to know between two ticks of days: one row.
volume_tempo = sa.Table(
    "volume_tempo",
    metadata,
    sa.Column("id", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("doc", sa.JSON, nullable=False),
)

review = sa.Table(
    "review",
    metadata,
    sa.Column("ends_at", AT, primary_key=True),
    *keys("process", "category", primary=True),
    sa.Column("region", KEY, primary_key=True, server_default=""),
    key("alert_id", null=True),
    key("digest"),
    sa.Column("document", sa.JSON, nullable=False),
    sa.Column("measure", KEY, primary_key=True, server_default="volume"),
    sa.Index("review_alert", "alert_id", postgresql_where=sa.text("alert_id IS NOT NULL")),
)

tick = sa.Table(
    "tick",
    metadata,
    key("kind", primary=True),
    sa.Column("ends_at", AT, primary_key=True),
    at("due_at"),
    at("ran_at", null=True),
    sa.Index("tick_waiting", "due_at", postgresql_where=sa.text("ran_at IS NULL")),
)
