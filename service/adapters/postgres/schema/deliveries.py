"""Nothing -> the tables of what goes to channels outside: each message, what a channel knows, and how it does."""

import sqlalchemy as sa

from service.adapters.postgres.schema.columns import ROOMY, at, key, keys, metadata

_WAITING = sa.text("state = 'waiting'")

# The place is drawn while the gate is locked, so that what is about one alert has its order. Only what waits or is dead
# has a payload.
delivery = sa.Table(
    "delivery",
    metadata,
    sa.Column("place", sa.BigInteger, sa.Identity(always=True, cache=1), primary_key=True),
    *keys("delivery_id", "key", "channel", "team", "tiding", "thread"),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("ending", sa.Boolean, nullable=False),
    sa.Column("payload", sa.Text),
    at("made_at"),
    at("due_at"),
    sa.Column("state", sa.Text, nullable=False, server_default="waiting"),
    sa.Column("count", sa.Integer, nullable=False, server_default=sa.text("0")),
    at("first_at", null=True),
    at("last_at", null=True),
    *[sa.Column(name, sa.Text) for name in ("last", "detail", "unsent", "lease")],
    at("lease_until", null=True),
    at("ended_at", null=True),
    sa.Index("delivery_named", "delivery_id", unique=True),
    sa.Index("delivery_due", "channel", "due_at", postgresql_where=_WAITING),
    sa.Index("delivery_thread", "channel", "thread", "place", postgresql_where=_WAITING),
    sa.Index("delivery_quoting", "thread", postgresql_where=sa.text("payload IS NOT NULL")),
    sa.Index("delivery_dead", "channel", postgresql_where=sa.text("state = 'dead'")),
    sa.Index(
        "delivery_troubled",
        "place",
        postgresql_where=sa.text("state = 'dead' OR (state = 'waiting' AND count > 0)"),
    ),
    sa.Index("delivery_ended", "ended_at", postgresql_where=sa.text("ended_at IS NOT NULL")),
    postgresql_with=ROOMY,
)

# What a channel was told of an alert or digest last, and by what it finds its own message.
delivery_state = sa.Table(
    "delivery_state",
    metadata,
    *keys("channel", "thread", primary=True),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("handle", sa.Text),
    at("told_at"),
    sa.Index("delivery_state_told", "told_at"),
)

# How a channel does: its breaker, its rate, and what came of it last.
channel_state = sa.Table(
    "channel_state",
    metadata,
    key("channel", primary=True),
    sa.Column("doc", sa.JSON, nullable=False),
    postgresql_with=ROOMY,
)
