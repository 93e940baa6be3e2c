"""Nothing -> the tables of who may come in: API keys and sessions, neither with anything that would open a door."""

import sqlalchemy as sa

from service.adapters.postgres.schema.columns import KEY, at, key, keys, metadata

# Without `permissions` a key has all of its role's, without `teams` it is for all teams.
api_key = sa.Table(
    "api_key",
    metadata,
    key("key_id", primary=True),
    key("digest"),
    sa.Column("name", sa.Text, nullable=False),
    key("role"),
    sa.Column("permissions", sa.ARRAY(KEY)),
    sa.Column("teams", sa.ARRAY(KEY)),
    at("created_at"),
    at("expires_at", null=True),
    at("revoked_at", null=True),
    sa.Column("last_used_on", sa.Date),
)

session = sa.Table(
    "session",
    metadata,
    key("digest", primary=True),
    sa.Column("name", sa.Text, nullable=False),
    key("subject"),
    key("key_id", null=True),
    sa.Column("groups", sa.ARRAY(sa.Text), nullable=False),
    *keys("csrf"),
    at("created_at"),
    at("seen_at"),
    at("ended_at", null=True),
    sa.Index("session_created", "created_at"),
)
