"""Nothing -> the tables of the engine: leases, identities, refusals, books, answers, outbox, playbooks, models."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from service.adapters.postgres.schema.columns import AT, NOW, ROOMY, at, key, keys, metadata

partition_lease = sa.Table(
    "partition_lease",
    metadata,
    *keys("cluster", "grp", "topic", primary=True),
    sa.Column("partition", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("epoch", sa.BigInteger, nullable=False),
    sa.Column("next_offset", sa.BigInteger),
    at("stream_at", null=True),
    sa.Column("at_end", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("owner", sa.Text, nullable=False, server_default=""),
    sa.Column("claimed_at", AT, nullable=False, server_default=NOW),
    postgresql_with=ROOMY,
)

event_identity = sa.Table(
    "event_identity",
    metadata,
    *keys("source", "id", primary=True),
    sa.Column("admitted_at", AT, nullable=False, server_default=NOW),
    sa.Index("event_identity_age", "admitted_at"),
    postgresql_partition_by="HASH (source, id)",
)

dead_letter = sa.Table(
    "dead_letter",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    key("topic"),
    sa.Column("partition", sa.Integer, nullable=False),
    sa.Column("offset", sa.BigInteger, nullable=False),
    sa.Column("item", sa.Integer, nullable=False),
    *keys("stage", "reason"),
    sa.Column("detail", sa.Text, nullable=False),
    key("sha256"),
    sa.Column("length", sa.BigInteger, nullable=False),
    sa.Column("key", pg.BYTEA),
    sa.Column("payload", sa.Text),
    at("at"),
    # Short hashes of whatever it may name a customer by, so that it is found when one is erased.
    sa.Column("named", sa.ARRAY(sa.BigInteger), nullable=False, server_default=sa.text("'{}'::bigint[]")),
    sa.Index("dead_letter_place", "topic", "partition", "offset", "item"),
    sa.Index("dead_letter_named", "named", postgresql_using="gin"),
)

batch = sa.Table(
    "batch",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    *keys("cluster", "grp", "topic"),
    sa.Column("partition", sa.Integer, nullable=False),
    sa.Column("first_offset", sa.BigInteger),
    sa.Column("next_offset", sa.BigInteger),
    at("now"),
    key("digest"),
    sa.Column("books", sa.JSON, nullable=False),
    sa.Column("committed_at", AT, nullable=False, server_default=NOW),
)

# What an API write was answered, by its idempotency key; a row without an answer is there to be locked.
answer = sa.Table(
    "answer",
    metadata,
    key("key", primary=True),
    sa.Column("answered_at", AT, nullable=False, server_default=NOW),
    sa.Column("request", sa.Text),
    sa.Column("status", sa.Integer),
    sa.Column("body", sa.Text),
    sa.Index("answer_age", "answered_at"),
)

# The id is drawn while the gate or the subject is locked, one at a time, so that an alert's notices leave in order.
outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True, cache=1), primary_key=True),
    sa.Column("shard", sa.Integer, nullable=False),
    *keys("owner", "topic"),
    sa.Column("keys", sa.ARRAY(pg.BYTEA), nullable=False),
    # Of an earlier release, which packed nothing.
    sa.Column("values", sa.ARRAY(pg.BYTEA)),
    sa.Column("received_at", AT),
    sa.Column("publish_seq", sa.BigInteger),
    sa.Column("created_at", AT, nullable=False, server_default=NOW),
    # The values, and how many bytes they are when they are unpacked.
    sa.Column("packed", pg.BYTEA),
    sa.Column("size", sa.Integer),
    sa.Index("outbox_unnumbered", "shard", "id", postgresql_where=sa.text("publish_seq IS NULL")),
    sa.Index(
        "outbox_numbered", "shard", "publish_seq", unique=True, postgresql_where=sa.text("publish_seq IS NOT NULL")
    ),
)

relay_shard = sa.Table(
    "relay_shard",
    metadata,
    sa.Column("shard", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("epoch", sa.BigInteger, nullable=False),
    sa.Column("next_seq", sa.BigInteger, nullable=False),
    sa.Column("owner", sa.Text, nullable=False),
    postgresql_with=ROOMY,
)

playbook = sa.Table(
    "playbook",
    metadata,
    key("digest", primary=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("documents", sa.JSON, nullable=False),
    at("activated_at"),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Index("playbook_one_active", "active", unique=True, postgresql_where=sa.text("active")),
)

# What is under a digest never changes; the playbook that names it says which one is in force.
model = sa.Table(
    "model",
    metadata,
    key("digest", primary=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("body", pg.BYTEA, nullable=False),
    sa.Column("report", sa.JSON, nullable=False),
    at("stored_at"),
)
