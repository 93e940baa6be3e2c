"""Nothing -> the tables of what joins the references of one customer, and of what a person has taken apart."""

import sqlalchemy as sa

from service.adapters.postgres.schema.columns import at, keys, metadata

# Each pair stands here twice, once from either side; of several events that say the same the earliest is kept.
identity_evidence = sa.Table(
    "identity_evidence",
    metadata,
    *keys("type", "ref", "other_type", "other", primary=True),
    *keys("source", "event_id"),
    at("at"),
)

identity_split = sa.Table(
    "identity_split",
    metadata,
    *keys("ref", "other", primary=True),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    at("at"),
    sa.Column("lifted_by", sa.Text),
    at("lifted_at", null=True),
    sa.Index("identity_split_other", "other"),
)
