"""Nothing -> the tables of what keeps queues quiet: silences, budgets, and what is to be asked for again."""

import sqlalchemy as sa

from service.adapters.postgres.schema.columns import ROOMY, at, key, keys, metadata

silence = sa.Table(
    "silence",
    metadata,
    key("silence_id", primary=True),
    at("created_at"),
    at("starts_at"),
    at("ends_at"),
    at("ended_at", null=True),
    at("check_at", null=True),
    sa.Column("doc", sa.JSON, nullable=False),
    sa.Index("silence_ends", "ends_at", postgresql_where=sa.text("ended_at IS NULL")),
    sa.Index("silence_created", sa.text("created_at DESC"), "silence_id"),
)

# One row that counts the changes of silences, by which a worker knows whether those that it has read still stand.
silences = sa.Table(
    "silences",
    metadata,
    sa.Column("id", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("version", sa.BigInteger, nullable=False),
)

# What a team has spent of its budget in the stretch of time that began then.
team_budget = sa.Table(
    "team_budget",
    metadata,
    *keys("team", "stretch", primary=True),
    at("began"),
    sa.Column("used", sa.Integer, nullable=False),
    postgresql_with=ROOMY,
)

# What a team read in one go.
digest = sa.Table(
    "digest",
    metadata,
    key("digest_id", primary=True),
    *keys("team", "reason"),
    at("at"),
    sa.Column("document", sa.JSON, nullable=False),
    sa.Index("digest_team", "team", sa.text("at DESC"), "digest_id"),
)

# A review or silence that has ended; the alerts that it held back are asked for again, and then the row goes.
release = sa.Table(
    "release",
    metadata,
    key("muter", primary=True),
    at("at"),
    sa.Index("release_at", "at"),
)
