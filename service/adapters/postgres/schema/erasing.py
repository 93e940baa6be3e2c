"""Nothing -> the tables of what is forgotten: requests to erase, marks of what was, and how far retention has come."""

import sqlalchemy as sa

from service.adapters.postgres.schema.columns import AT, KEY, NOW, at, key, keys, metadata

# The names and the token are there only until it is done.
erasure = sa.Table(
    "erasure",
    metadata,
    key("erasure_id", primary=True),
    key("request_id", null=True),
    key("customer_hash"),
    sa.Column("refs", sa.ARRAY(KEY), nullable=False),
    sa.Column("include_joined", sa.Boolean, nullable=False),
    at("asked_at"),
    at("recorded_at"),
    key("token", null=True),
    sa.Column("joined", sa.Integer, nullable=False, server_default=sa.text("0")),
    sa.Column("counts", sa.JSON, nullable=False),
    at("done_at", null=True),
    sa.Index("erasure_open", "recorded_at", "erasure_id", postgresql_where=sa.text("done_at IS NULL")),
)

# An event or a subject of which nothing comes back; `revision` is that of a subject.
erased = sa.Table(
    "erased",
    metadata,
    key("mark", primary=True),
    at("at"),
    sa.Column("revision", sa.BigInteger),
    sa.Column("erased_at", AT, nullable=False, server_default=NOW),
    sa.Index("erased_age", "erased_at"),
)

# Whose a subject was before it was withdrawn, became another customer's, or grew too old (then it is `gone`).
former_customer = sa.Table(
    "former_customer",
    metadata,
    *keys("customer", "source", "subject", primary=True),
    sa.Column("left_at", AT, nullable=False, server_default=NOW),
    sa.Column("gone", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Index("former_customer_held", "left_at", postgresql_where=sa.text("NOT gone")),
    sa.Index("former_customer_subject", "source", "subject"),
    sa.Index("former_customer_age", "left_at"),
)

# An event that was superseded, and so leaves no row in the log.
unlogged = sa.Table(
    "unlogged",
    metadata,
    *keys("source", "subject", "event_id", primary=True),
    sa.Column("heard_at", AT, nullable=False, server_default=NOW),
    sa.Index("unlogged_age", "heard_at"),
)

# Up to when the texts of a class are gone.
retention = sa.Table("retention", metadata, key("what", primary=True), at("until"))
