"""`feedback.digest.v1`: what a team's queue holds, several alerts told in one message."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from service.core.contracts.notice import Counts, Excerpt
from service.core.contracts.values import Count, EventId, Instant, Label, Outgoing, Ref, Text
from service.core.records.words import AlertKind, AlertState, DigestReason, Level, NoticeReason, Severity

MOST_GROUPS = 50
MOST_ALERTS = 20
MOST_QUOTES = 3


class DigestTotals(Outgoing):
    """Sums over alerts: a customer with two of them counts twice. `over` alerts are resolved.

    `severities` counts the alerts by severity and leaves out what there are none of.
    """

    alerts: Count
    over: Count
    events: Count
    customers: Count
    severities: Mapping[Severity, Count]


class DigestAlert(Outgoing):
    """What a notice of this revision and reason would have said of the alert, in short."""

    alert_id: Ref
    revision: Annotated[int, Field(ge=1)]
    reason: NoticeReason
    state: AlertState
    severity: Severity
    kind: AlertKind
    level: Level | None = None
    title: Label
    counts: Counts
    first_seen: Instant
    last_seen: Instant


class DigestExcerpt(Outgoing):
    """One of `said` texts that say much the same."""

    text: Excerpt
    said: Annotated[int, Field(ge=1)]


class DigestGroup(Outgoing):
    """The alerts of one process and category, both by their labels; `alerts` are the worst of `totals.alerts`.

    `severity` is the worst of those that are open, or of all where none is.
    """

    process: Label
    category: Label
    severity: Severity
    totals: DigestTotals
    alerts: Annotated[tuple[DigestAlert, ...], Field(max_length=MOST_ALERTS)]
    excerpts: Annotated[tuple[DigestExcerpt, ...], Field(max_length=MOST_QUOTES)] = ()


class DigestMore(Outgoing):
    """What the groups beyond the last come to."""

    groups: Count
    totals: DigestTotals


class Digest(Outgoing):
    """`reason` says why these come together; `text` says all of it to a person, in plain text."""

    idempotency_key: EventId
    digest_id: Ref
    team: Ref
    at: Instant
    reason: DigestReason
    totals: DigestTotals
    groups: Annotated[tuple[DigestGroup, ...], Field(max_length=MOST_GROUPS)]
    more: DigestMore | None = None
    text: Text
    playbook: Ref
