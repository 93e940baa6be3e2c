"""Nothing -> the tables of the audit: its entries, where it ends, and where it was cut.

The migration adds what lets nobody change an entry: triggers that refuse it. Only what lies behind an anchor can go.
"""

import sqlalchemy as sa

from service.adapters.postgres.schema.columns import at, key, keys, metadata

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    at("at"),
    key("actor"),
    key("role", null=True),
    *keys("means", "action", "kind", "object_id"),
    key("team", null=True),
    sa.Column("before", sa.JSON),
    sa.Column("after", sa.JSON),
    *keys("outcome", "hash"),
    sa.Index("audit_object", "kind", "object_id", "seq"),
    sa.Index("audit_actor", "actor", "seq"),
    sa.Index("audit_action", "action", "seq"),
)

# One row, which is the last that a transaction locks.
audit_head = sa.Table(
    "audit_head",
    metadata,
    sa.Column("id", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("seq", sa.BigInteger, nullable=False),
    key("hash"),
)

audit_anchor = sa.Table(
    "audit_anchor",
    metadata,
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    key("hash"),
    sa.Column("entries", sa.Integer, nullable=False),
    at("cut_at"),
)
