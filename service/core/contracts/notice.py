"""`feedback.notice.v1`: what a team's queue holds, one message about one alert."""

from typing import Annotated

from pydantic import Field, StringConstraints

from service.core.contracts.values import Count, EventId, Instant, Label, Outgoing, Ref
from service.core.records.words import AlertKind, Level, NoticeReason, RungKind, Severity, Wait

EXCERPT_CHARS = 280
MOST_EXCERPTS = 5
MOST_INSTANCES = 20

Excerpt = Annotated[str, StringConstraints(max_length=EXCERPT_CHARS)]
Link = Annotated[str, StringConstraints(max_length=2_000)]


class Counts(Outgoing):
    """One customer who wrote twelve times is twelve events and one customer."""

    events: Count
    customers: Count


class Instances(Outgoing):
    """`total` process instances are linked to the alert; `ids` names the first of them."""

    total: Count
    ids: Annotated[tuple[Ref, ...], Field(max_length=MOST_INSTANCES)] = ()


class Sla(Outgoing):
    """When the team has promised to have acknowledged the alert, spoken with the customer, and ended the matter."""

    acknowledge_by: Instant | None = None
    contact_by: Instant | None = None
    resolve_by: Instant | None = None


class Overdue(Outgoing):
    """What an `escalated` notice is about: what was due, the step of the ladder from 1, and when it was due."""

    what: RungKind
    level: Annotated[int, Field(ge=1)]
    since: Instant


class Links(Outgoing):
    """Where a person, and a program, finds the alert."""

    console: Link | None = None
    api: Link | None = None


class HeldBack(Outgoing):
    """What kept the notice back until now, since when, and how much came meanwhile.

    `by` names the review's alert or the silence, the calendar, or the time whose budget was spent.
    """

    why: Wait
    by: Ref | None = None
    since: Instant
    events: Count
    customers: Count


class Notice(Outgoing):
    """`revision` numbers the alert's notices 1, 2, 3; one at or below the last seen is old news.

    Notices that are read together have the same `digest_id`.
    """

    idempotency_key: EventId
    alert_id: Ref
    revision: Annotated[int, Field(ge=1)]
    reason: NoticeReason
    team: Ref
    severity: Severity
    kind: AlertKind
    level: Level | None = None
    category: Ref
    process: Ref | None = None
    region: Label | None = None
    title: Label
    counts: Counts
    excerpts: Annotated[tuple[Excerpt, ...], Field(max_length=MOST_EXCERPTS)] = ()
    instances: Instances
    sla: Sla = Sla()
    overdue: Overdue | None = None
    first_seen: Instant
    last_seen: Instant
    held: HeldBack | None = None
    digest_id: Ref | None = None
    playbook: Ref
    links: Links = Links()
