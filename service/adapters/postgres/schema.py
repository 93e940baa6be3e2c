"""Nothing -> the tables, as SQLAlchemy Core sees them; the migrations build the same, and a test compares the two.

Keys collate by code point, so that Python's order of locks is the database's. Records that only the core understands
are `json`, not `jsonb`: numbers and the order of fields come back as they were written. There are no foreign keys: each
transaction locks what it refers to, and a probe for every row would say nothing new.
"""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

metadata = sa.MetaData(naming_convention={"pk": "%(table_name)s_pkey"})

_KEY = sa.Text(collation="C")
_AT = sa.TIMESTAMP(timezone=True)
_NOW = sa.text("now()")
_LATEST = sa.text("last_seen DESC")
# A row that is locked or changed in every batch finds room for its new version on its own page.
_ROOMY = {"fillfactor": 50}


def _key(name: str, *, null: bool = False, primary: bool = False) -> "sa.Column[str]":
    return sa.Column(name, _KEY, nullable=null, primary_key=primary)


def _keys(*names: str, primary: bool = False) -> "list[sa.Column[str]]":
    return [_key(name, primary=primary) for name in names]


def _counts(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer, nullable=False) for name in names]


def _at(name: str, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, _AT, nullable=null)


partition_lease = sa.Table(
    "partition_lease",
    metadata,
    *_keys("cluster", "grp", "topic", primary=True),
    sa.Column("partition", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("epoch", sa.BigInteger, nullable=False),
    sa.Column("next_offset", sa.BigInteger),
    _at("stream_at", null=True),
    sa.Column("at_end", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("owner", sa.Text, nullable=False, server_default=""),
    sa.Column("claimed_at", _AT, nullable=False, server_default=_NOW),
    postgresql_with=_ROOMY,
)

event_identity = sa.Table(
    "event_identity",
    metadata,
    *_keys("source", "id", primary=True),
    sa.Column("admitted_at", _AT, nullable=False, server_default=_NOW),
    postgresql_partition_by="HASH (source, id)",
)

correlation_key = sa.Table("correlation_key", metadata, _key("key", primary=True))

instance_key = sa.Table("instance_key", metadata, *_keys("key", "instance_id", primary=True))

process_instance = sa.Table(
    "process_instance",
    metadata,
    _key("instance_id", primary=True),
    _key("process"),
    _key("customer", null=True),
    _at("updated_at"),
    sa.Column("doc", sa.JSON, nullable=False),
    sa.Index("process_instance_customer", "customer", postgresql_where=sa.text("customer IS NOT NULL")),
)

# A row without an event is there to be locked: nothing is known of the subject yet.
subject = sa.Table(
    "subject",
    metadata,
    *_keys("source", "subject", primary=True),
    sa.Column("revision", sa.BigInteger),
    _at("occurred_at", null=True),
    _key("event_id", null=True),
    _at("began_at", null=True),
    sa.Column("withdrawn", sa.Boolean),
    postgresql_with=_ROOMY,
)

customer = sa.Table("customer", metadata, _key("customer", primary=True))

contribution = sa.Table(
    "contribution",
    metadata,
    *_keys("source", "subject", "part", primary=True),
    _key("customer"),
    _at("began_at"),
    sa.Column(
        "day",
        sa.Date,
        sa.Computed("((began_at AT TIME ZONE 'UTC'::text))::date", persisted=True),
        nullable=False,
    ),
    *_keys("process", "category"),
    _key("region", null=True),
    sa.Column("negative", sa.Boolean, nullable=False),
    sa.Column("doc", sa.JSON, nullable=False),
    sa.Index("contribution_customer", "customer", "began_at"),
    sa.Index("contribution_day", "day"),
)

# The gate of an alert key: permanent, locked before anything of its alerts is touched.
alert_key = sa.Table(
    "alert_key",
    metadata,
    _key("alert_key", primary=True),
    _key("alert_id", null=True),
    sa.Column("episodes", sa.Integer, nullable=False, server_default="0"),
    postgresql_with=_ROOMY,
)

alert = sa.Table(
    "alert",
    metadata,
    _key("alert_id", primary=True),
    _key("alert_key"),
    sa.Column("episode", sa.Integer, nullable=False),
    _key("kind"),
    _key("level", null=True),
    *_keys("state", "team", "route", "severity", "process", "category"),
    _key("region", null=True),
    sa.Column("rank", sa.SmallInteger, nullable=False),
    *_counts("events", "customers", "revision"),
    *[_at(name) for name in ("opened_at", "first_seen", "last_seen")],
    *[_at(name, null=True) for name in ("resolved_at", "due_at", "acked_until")],
    sa.Column("doc", sa.JSON, nullable=False),
    sa.Index("alert_one_open", "alert_key", unique=True, postgresql_where=sa.text("state = 'open'")),
    sa.Index("alert_due", "due_at", "alert_id", postgresql_where=sa.text("due_at IS NOT NULL")),
    sa.Index(
        "alert_queue", "team", sa.text("rank DESC"), _LATEST, "alert_id", postgresql_where=sa.text("state = 'open'")
    ),
    sa.Index("alert_ended", "team", _LATEST, "alert_id", postgresql_where=sa.text("state = 'resolved'")),
    postgresql_with=_ROOMY,
)

member = sa.Table(
    "member",
    metadata,
    *_keys("source", "subject", "part", "alert_id", primary=True),
    _key("alert_key"),
    sa.Column("copy", sa.Boolean, nullable=False),
    *_keys("event_id", "customer"),
    _key("instance_id", null=True),
    _key("severity"),
    sa.Column("score", sa.Float(53), nullable=False),
    sa.Column("done", sa.Boolean, nullable=False),
    _key("team"),
    sa.Index("member_alert", "alert_id"),
    sa.Index("member_customer", "customer", "alert_id"),
    sa.Index("member_instance", "instance_id", "alert_id", postgresql_where=sa.text("instance_id IS NOT NULL")),
)

volume_cell = sa.Table(
    "volume_cell",
    metadata,
    *_keys("process", "category", primary=True),
    sa.Column("region", _KEY, primary_key=True, server_default=""),
    sa.Column("doc", sa.JSON, nullable=False),
)

# Partitioned by the month of receipt; what no month takes falls into the default partition.
feedback = sa.Table(
    "feedback",
    metadata,
    _at("received_at"),
    *_keys("source", "event_id"),
    _at("occurred_at"),
    sa.Column("revision", sa.BigInteger, nullable=False),
    *_counts("version"),
    _key("digest"),
    sa.Column("document", sa.JSON, nullable=False),
    sa.Column("explanation", sa.JSON, nullable=False),
    sa.Index("feedback_identity", "source", "event_id"),
    postgresql_partition_by="RANGE (received_at)",
)

notice = sa.Table(
    "notice",
    metadata,
    _key("alert_id", primary=True),
    sa.Column("revision", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("seq", sa.BigInteger, sa.Identity(always=True), nullable=False),
    _at("at"),
    *_keys("team", "reason", "severity", "digest"),
    sa.Column("doc", sa.JSON, nullable=False),
    sa.Index("notice_team", "team", "seq"),
)

review = sa.Table(
    "review",
    metadata,
    sa.Column("window_end", sa.Date, primary_key=True),
    *_keys("process", "category", primary=True),
    sa.Column("region", _KEY, primary_key=True, server_default=""),
    _key("alert_id", null=True),
    _key("digest"),
    sa.Column("document", sa.JSON, nullable=False),
)

tick = sa.Table(
    "tick",
    metadata,
    _key("kind", primary=True),
    sa.Column("window_end", sa.Date, primary_key=True),
    _at("due_at"),
    _at("ran_at", null=True),
    sa.Index("tick_waiting", "due_at", postgresql_where=sa.text("ran_at IS NULL")),
)

dead_letter = sa.Table(
    "dead_letter",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    _key("topic"),
    sa.Column("partition", sa.Integer, nullable=False),
    sa.Column("offset", sa.BigInteger, nullable=False),
    sa.Column("item", sa.Integer, nullable=False),
    *_keys("stage", "reason"),
    sa.Column("detail", sa.Text, nullable=False),
    _key("sha256"),
    sa.Column("length", sa.BigInteger, nullable=False),
    sa.Column("key", pg.BYTEA),
    sa.Column("payload", sa.Text),
    _at("at"),
    sa.Index("dead_letter_place", "topic", "partition", "offset", "item"),
)

batch = sa.Table(
    "batch",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    *_keys("cluster", "grp", "topic"),
    sa.Column("partition", sa.Integer, nullable=False),
    sa.Column("first_offset", sa.BigInteger),
    sa.Column("next_offset", sa.BigInteger),
    _at("now"),
    _key("digest"),
    sa.Column("books", sa.JSON, nullable=False),
    sa.Column("committed_at", _AT, nullable=False, server_default=_NOW),
)

# What an API write was answered, by its idempotency key; a row without an answer is there to be locked.
answer = sa.Table(
    "answer",
    metadata,
    _key("key", primary=True),
    sa.Column("answered_at", _AT, nullable=False, server_default=_NOW),
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
    *_keys("owner", "topic"),
    sa.Column("keys", sa.ARRAY(pg.BYTEA), nullable=False),
    sa.Column("values", sa.ARRAY(pg.BYTEA), nullable=False),
    sa.Column("received_at", _AT),
    sa.Column("publish_seq", sa.BigInteger),
    sa.Column("created_at", _AT, nullable=False, server_default=_NOW),
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
    postgresql_with=_ROOMY,
)

playbook = sa.Table(
    "playbook",
    metadata,
    _key("digest", primary=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("documents", sa.JSON, nullable=False),
    _at("activated_at"),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Index("playbook_one_active", "active", unique=True, postgresql_where=sa.text("active")),
)
