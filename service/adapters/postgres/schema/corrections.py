"""Nothing -> the table of what people said that feedback is about."""

import sqlalchemy as sa

from service.adapters.postgres.schema.columns import at, key, keys, metadata

# One row for each time that somebody said it of a part of a subject; the last of a part that is not ended stands.
correction = sa.Table(
    "correction",
    metadata,
    *keys("source", "subject", "part", primary=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    *keys("event_id", "customer", "kind", "language"),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    *keys("category", "method"),
    sa.Column("confidence", sa.Float(53), nullable=False),
    key("model", null=True),
    *[sa.Column(name, sa.ARRAY(sa.Text), nullable=False) for name in ("given", "matched", "meant")],
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("reason", sa.Text),
    at("at"),
    sa.Column("ended_by", sa.Text),
    at("ended_at", null=True),
    sa.Index("correction_at", "at"),
    sa.Index("correction_customer", "customer"),
    sa.Index(
        "correction_stands",
        "source",
        "subject",
        "part",
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    ),
)
