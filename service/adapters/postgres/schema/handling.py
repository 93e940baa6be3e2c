"""Nothing -> the table of what people did to alerts."""

import sqlalchemy as sa

from service.adapters.postgres.schema.columns import at, key, metadata

# One row for each act that was done, in the order of those of an alert, whose gate is held meanwhile.
alert_act = sa.Table(
    "alert_act",
    metadata,
    sa.Column("number", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    key("alert_id"),
    at("at"),
    key("deed"),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("text", sa.Text),
    sa.Column("said", sa.JSON, nullable=False),
    sa.Index("alert_act_alert", "alert_id", "number"),
    sa.Index("alert_act_at", "at"),
    sa.Index("alert_act_text", "at", postgresql_where=sa.text("text IS NOT NULL")),
)
