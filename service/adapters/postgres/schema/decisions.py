"""Nothing -> the tables of decisions: subjects and what they add, instances, alerts, and what was decided."""

import sqlalchemy as sa

from service.adapters.postgres.schema.columns import PLAIN, ROOMY, at, counts, key, keys, metadata

_LATEST = sa.text("last_seen DESC")

# A row lives for one transaction at most: others wait for the end of whoever put it in. So it need not outlive a crash.
correlation_key = sa.Table("correlation_key", metadata, key("key", primary=True), prefixes=["UNLOGGED"])

instance_key = sa.Table(
    "instance_key",
    metadata,
    *keys("key", "instance_id", primary=True),
    sa.Index("instance_key_instance", "instance_id"),
)

process_instance = sa.Table(
    "process_instance",
    metadata,
    key("instance_id", primary=True),
    key("process"),
    key("customer", null=True),
    at("updated_at"),
    sa.Column("doc", sa.JSON, nullable=False),
    key("region", null=True),
    sa.Column("completed_on", sa.Date),
    at("late_at", null=True),
    at("started_at", null=True),
    at("completed_at", null=True),
    # Since when it may be forgotten: its end or, while it runs, when it was told of last.
    at("aged_at", null=True),
    # From when to when it ran, infinite where that is not known.
    at("began_at"),
    at("over_at"),
    sa.Index("process_instance_process", "process", "over_at"),
    sa.Index("process_instance_aged", "aged_at", postgresql_where=sa.text("aged_at IS NOT NULL")),
    sa.Index(
        "process_instance_completed",
        "completed_on",
        "process",
        "region",
        postgresql_where=sa.text("completed_on IS NOT NULL"),
    ),
    sa.Index("process_instance_late", "late_at", "instance_id", postgresql_where=sa.text("late_at IS NOT NULL")),
    sa.Index(
        "process_instance_customer",
        *("customer", "over_at", "began_at"),
        postgresql_where=sa.text("customer IS NOT NULL"),
    ),
)

# Until when what is heard under a key decides anew to what a contribution is linked; of several rows the latest holds.
link_wait = sa.Table(
    "link_wait",
    metadata,
    *keys("key", "source", "subject", "part"),
    at("until"),
    sa.Index("link_wait_key", "key"),
    sa.Index("link_wait_until", "until"),
)

# Of the events that merge one ticket that with the highest (at, event_id) holds.
merged_ticket = sa.Table(
    "merged_ticket",
    metadata,
    key("ticket", primary=True),
    key("into_ticket"),
    at("at"),
    key("event_id"),
    sa.Index("merged_ticket_into", "into_ticket"),
)

# Of the events of one step that with the highest (told_at, event_id) holds.
process_step = sa.Table(
    "process_step",
    metadata,
    *keys("instance_id", "source", "name", primary=True),
    *keys("process", "event_id"),
    at("at"),
    at("told_at"),
    key("activity", null=True),
    key("lifecycle"),
    key("team", null=True),
    sa.Column("withdrawn", sa.Boolean, nullable=False),
    sa.Column("attributes", sa.JSON, nullable=False),
)

# Of the events of one downtime that with the highest (occurred_at, event_id) holds.
downtime = sa.Table(
    "downtime",
    metadata,
    *keys("source", "downtime_id", primary=True),
    key("process"),
    key("region", null=True),
    at("started_at"),
    at("ended_at", null=True),
    sa.Column("planned", sa.Boolean, nullable=False),
    at("occurred_at"),
    key("event_id"),
    sa.Index("downtime_ended", "ended_at"),
)

# A row without an event is there to be locked: nothing is known of the subject yet.
subject = sa.Table(
    "subject",
    metadata,
    *keys("source", "subject", primary=True),
    sa.Column("revision", sa.BigInteger),
    at("occurred_at", null=True),
    key("event_id", null=True),
    at("began_at", null=True),
    sa.Column("withdrawn", sa.Boolean),
    postgresql_with=ROOMY,
)

customer = sa.Table("customer", metadata, key("customer", primary=True))

contribution = sa.Table(
    "contribution",
    metadata,
    *keys("source", "subject", "part", primary=True),
    key("customer"),
    at("began_at"),
    sa.Column(
        "day",
        sa.Date,
        sa.Computed("((began_at AT TIME ZONE 'UTC'::text))::date", persisted=True),
        nullable=False,
    ),
    *keys("process", "category"),
    key("region", null=True),
    sa.Column("negative", sa.Boolean, nullable=False),
    sa.Column("doc", sa.JSON, nullable=False),
    sa.Column("critical", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("surveyed", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("points", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("unresolved", sa.Boolean, nullable=False, server_default=sa.false()),
    # What `service.core.recontact` makes of it: when a ticket was closed, and what is a contact of somebody known.
    at("done_at", null=True),
    sa.Column("reopened", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("contact", sa.Boolean, nullable=False, server_default=sa.false()),
    key("instance_id", null=True),
    # What employees say is in no cell of volume.
    sa.Column("by_staff", sa.Boolean, nullable=False, server_default=sa.false()),
    # It bears a tag by which people say that it has no place in the taxonomy.
    sa.Column("tagged", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Index("contribution_tagged", "day", postgresql_where=sa.text("tagged")),
    sa.Index("contribution_instance", "instance_id", "began_at", postgresql_where=sa.text("instance_id IS NOT NULL")),
    sa.Index("contribution_closed", "done_at", postgresql_where=sa.text("done_at IS NOT NULL")),
    sa.Index("contribution_customer", "customer", "began_at"),
    sa.Index("contribution_unresolved", "customer", "began_at", postgresql_where=sa.text("unresolved")),
    sa.Index("contribution_day", "day"),
    sa.Index("contribution_process", "process", "day"),
    postgresql_with=PLAIN,
)

# The gate of an alert key: permanent, locked before anything of its alerts is touched.
alert_key = sa.Table(
    "alert_key",
    metadata,
    key("alert_key", primary=True),
    key("alert_id", null=True),
    sa.Column("episodes", sa.Integer, nullable=False, server_default="0"),
    key("forward", null=True),
    # Few keys lead to another one, and each batch asks which of its own do.
    sa.Index("alert_key_forward", "alert_key", postgresql_where=sa.text("forward IS NOT NULL")),
    postgresql_with=ROOMY,
)

alert = sa.Table(
    "alert",
    metadata,
    key("alert_id", primary=True),
    key("alert_key"),
    sa.Column("episode", sa.Integer, nullable=False),
    key("kind"),
    key("level", null=True),
    *keys("state", "team", "route", "severity", "process", "category"),
    key("region", null=True),
    sa.Column("rank", sa.SmallInteger, nullable=False),
    *counts("events", "customers", "revision"),
    *[at(name) for name in ("opened_at", "first_seen", "last_seen")],
    *[at(name, null=True) for name in ("resolved_at", "due_at", "acked_until")],
    sa.Column("doc", sa.JSON, nullable=False),
    at("acted_at", null=True),
    sa.Column("on_agenda", sa.Boolean, nullable=False, server_default=sa.false()),
    key("held_by", null=True),
    sa.Index("alert_held", "held_by", "alert_key", "alert_id", postgresql_where=sa.text("held_by IS NOT NULL")),
    # What a person said that it was, and whether one ever did anything to it.
    key("disposition", null=True),
    sa.Column("handled", sa.Boolean),
    # Whether those behind it are to be told how it stands: deploy/docs/closed-loop.md.
    sa.Column("untold", sa.Boolean),
    sa.Index("alert_untold", "alert_key", "alert_id", postgresql_where=sa.text("untold")),
    sa.Index("alert_resolved", "resolved_at", postgresql_where=sa.text("state = 'resolved'")),
    sa.Index(
        "alert_disposed", "resolved_at", "team", "disposition", postgresql_where=sa.text("disposition IS NOT NULL")
    ),
    sa.Index("alert_acted", "acted_at", postgresql_where=sa.text("acted_at IS NOT NULL")),
    sa.Index(
        "alert_agenda",
        sa.text("rank DESC"),
        _LATEST,
        postgresql_where=sa.text("on_agenda AND kind IN ('volume', 'recontact')"),
    ),
    sa.Index("alert_one_open", "alert_key", unique=True, postgresql_where=sa.text("state = 'open'")),
    sa.Index("alert_due", "due_at", "alert_id", postgresql_where=sa.text("due_at IS NOT NULL")),
    sa.Index(
        "alert_queue", "team", sa.text("rank DESC"), _LATEST, "alert_id", postgresql_where=sa.text("state = 'open'")
    ),
    sa.Index("alert_ended", "team", _LATEST, "alert_id", postgresql_where=sa.text("state = 'resolved'")),
    # The same by what people look for.
    *[
        sa.Index(
            f"alert_queue_{by}",
            *("team", by, sa.text("rank DESC"), _LATEST, "alert_id"),
            postgresql_where=sa.text("state = 'open'"),
        )
        for by in ("category", "process")
    ],
    *[
        sa.Index(f"alert_ended_{by}", "team", by, _LATEST, "alert_id", postgresql_where=sa.text("state = 'resolved'"))
        for by in ("category", "process")
    ],
    sa.Index("alert_rare", "team", "kind", "state", _LATEST, "alert_id", postgresql_where=sa.text("kind <> 'event'")),
    sa.Index("alert_over", "last_seen", postgresql_where=sa.text("state = 'resolved'")),
    postgresql_with=ROOMY | PLAIN,
)

member = sa.Table(
    "member",
    metadata,
    *keys("source", "subject", "part", "alert_id", primary=True),
    key("alert_key"),
    sa.Column("copy", sa.Boolean, nullable=False),
    *keys("event_id", "customer"),
    key("instance_id", null=True),
    key("severity"),
    sa.Column("score", sa.Float(53), nullable=False),
    sa.Column("done", sa.Boolean, nullable=False),
    key("team"),
    sa.Index("member_alert", "alert_id"),
    sa.Index("member_customer", "customer", "alert_id"),
    sa.Index("member_instance", "instance_id", "alert_id", postgresql_where=sa.text("instance_id IS NOT NULL")),
)

# Partitioned by the month of receipt; what no month takes falls into the default partition.
feedback = sa.Table(
    "feedback",
    metadata,
    at("received_at"),
    *keys("source", "event_id"),
    at("occurred_at"),
    sa.Column("revision", sa.BigInteger, nullable=False),
    *counts("version"),
    key("digest"),
    sa.Column("document", sa.JSON, nullable=False),
    sa.Column("explanation", sa.JSON, nullable=False),
    sa.Index("feedback_identity", "source", "event_id"),
    # The oldest rows have their subject in the document alone.
    key("subject", null=True),
    sa.Index("feedback_subject", "source", sa.text("COALESCE(subject, (document ->> 'subject'::text))")),
    postgresql_partition_by="RANGE (received_at)",
)

notice = sa.Table(
    "notice",
    metadata,
    key("alert_id", primary=True),
    sa.Column("revision", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("seq", sa.BigInteger, sa.Identity(always=True), nullable=False),
    at("at"),
    *keys("team", "reason", "severity", "digest"),
    sa.Column("doc", sa.JSON, nullable=False),
    sa.Index("notice_team", "team", "seq"),
    sa.Index("notice_at", "at"),
    # What it quotes, by the events that said it.
    sa.Index(
        "notice_excerpts",
        sa.text("((doc #> '{alert,excerpts}'::text[])::jsonb) jsonb_path_ops"),
        postgresql_using="gin",
    ),
)
