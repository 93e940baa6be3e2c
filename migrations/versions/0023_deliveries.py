"""Keep what goes to channels outside, what each channel was told, and how it does."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

_KEY = sa.Text(collation="C")
_AT = sa.TIMESTAMP(timezone=True)
_WAITING = sa.text("state = 'waiting'")


def upgrade() -> None:
    """Make the three tables."""
    op.create_table(
        "delivery",
        sa.Column("place", sa.BigInteger, sa.Identity(always=True, cache=1), nullable=False),
        *[
            sa.Column(name, _KEY, nullable=False)
            for name in ("delivery_id", "key", "channel", "team", "tiding", "thread")
        ],
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("ending", sa.Boolean, nullable=False),
        sa.Column("payload", sa.Text),
        sa.Column("made_at", _AT, nullable=False),
        sa.Column("due_at", _AT, nullable=False),
        sa.Column("state", sa.Text, nullable=False, server_default="waiting"),
        sa.Column("count", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("first_at", _AT),
        sa.Column("last_at", _AT),
        *[sa.Column(name, sa.Text) for name in ("last", "detail", "unsent", "lease")],
        sa.Column("lease_until", _AT),
        sa.Column("ended_at", _AT),
        sa.PrimaryKeyConstraint("place", name="delivery_pkey"),
        postgresql_with={"fillfactor": 50},
    )
    op.create_index("delivery_named", "delivery", ["delivery_id"], unique=True)
    op.create_index("delivery_due", "delivery", ["channel", "due_at"], postgresql_where=_WAITING)
    op.create_index("delivery_thread", "delivery", ["channel", "thread", "place"], postgresql_where=_WAITING)
    op.create_index("delivery_quoting", "delivery", ["thread"], postgresql_where=sa.text("payload IS NOT NULL"))
    op.create_index("delivery_dead", "delivery", ["channel"], postgresql_where=sa.text("state = 'dead'"))
    op.create_index(
        "delivery_troubled",
        "delivery",
        ["place"],
        postgresql_where=sa.text("state = 'dead' OR (state = 'waiting' AND count > 0)"),
    )
    op.create_index("delivery_ended", "delivery", ["ended_at"], postgresql_where=sa.text("ended_at IS NOT NULL"))
    op.create_table(
        "delivery_state",
        sa.Column("channel", _KEY, nullable=False),
        sa.Column("thread", _KEY, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("handle", sa.Text),
        sa.Column("told_at", _AT, nullable=False),
        sa.PrimaryKeyConstraint("channel", "thread", name="delivery_state_pkey"),
    )
    op.create_index("delivery_state_told", "delivery_state", ["told_at"])
    op.create_table(
        "channel_state",
        sa.Column("channel", _KEY, nullable=False),
        sa.Column("doc", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("channel", name="channel_state_pkey"),
        postgresql_with={"fillfactor": 50},
    )
