"""A run's notices and members -> of which customers some team was told, interrupted by it or in a digest.

A customer was told of if an alert was, while a feedback of theirs was in it or before it came in. One that has left its
alert without a trace but its decision was there until its subject's next decision elsewhere; a copy leaves no trace.
Who is behind a review of volume is not told: it counts, and names nobody.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from service.core.records.alerts import Alert, Member, Notice
from service.core.records.facts import FeedbackRow
from service.core.records.words import AlertKind, NoticeReason, Verdict


@dataclass(slots=True)
class Told:
    """Which teams heard of a customer, and by which of the customer's events."""

    teams: set[str] = field(default_factory=set)
    events: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Presence:
    """A customer's time in an alert, by one event; `until` is None where it lasts to the end."""

    customer: str
    alert_id: str
    event_id: str | None
    until: datetime | None = None


def told_customers(
    *,
    notices: Iterable[Notice],
    alerts: Iterable[Alert],
    members: Sequence[Member],
    rows: Iterable[FeedbackRow],
    customer_of: Mapping[tuple[str, str], str],
    customer_of_instance: Mapping[str, str],
    digests: bool,
) -> Mapping[str, Told]:
    """Return who was told of; a digest counts where `digests` says so.

    `customer_of` maps (source, event id) to whose feedback it is, `customer_of_instance` an instance to its customer.
    """
    heard: dict[str, list[tuple[datetime, str]]] = {}
    for notice in notices:
        if notice.reason.interrupts or (digests and notice.reason is NoticeReason.DIGEST):
            heard.setdefault(notice.alert.alert_id, []).append((notice.at, notice.team))
    found: dict[str, Told] = {}
    for one in (
        *_stayed(members),
        *_left(rows, {(one.key.source, one.event_id, one.alert_id) for one in members}, customer_of),
        *_named(alerts, customer_of_instance),
    ):
        teams = {team for at, team in heard.get(one.alert_id, ()) if one.until is None or at <= one.until}
        if teams:
            told = found.setdefault(one.customer, Told())
            told.teams |= teams
            told.events |= {one.event_id} if one.event_id is not None else set()
    return found


def _stayed(members: Iterable[Member]) -> Iterator[_Presence]:
    for one in members:
        yield _Presence(customer=one.customer, alert_id=one.alert_id, event_id=one.event_id)


def _left(
    rows: Iterable[FeedbackRow], there: set[tuple[str, str, str]], customer_of: Mapping[tuple[str, str], str]
) -> Iterator[_Presence]:
    """Say until when an event that is no member any more was one: its subject was decided elsewhere then."""
    decided: dict[tuple[str, str], list[tuple[datetime, str, str | None]]] = {}
    for row in rows:
        if row.document["verdict"] != Verdict.RECORDED.value:
            at = datetime.fromisoformat(row.document["occurred_at"])
            decided.setdefault((row.source, row.document["subject"]), []).append(
                (at, row.event_id, row.document["alert_id"])
            )
    for (source, _), course in decided.items():
        course.sort(key=lambda one: one[:2])
        for place, (_, event_id, alert_id) in enumerate(course):
            customer = customer_of.get((source, event_id))
            if alert_id is None or customer is None or (source, event_id, alert_id) in there:
                continue
            until = next((at for at, _, other in course[place + 1 :] if other != alert_id), None)
            yield _Presence(customer=customer, alert_id=alert_id, event_id=event_id, until=until)


def _named(alerts: Iterable[Alert], customer_of_instance: Mapping[str, str]) -> Iterator[_Presence]:
    """Alerts without members that are about one customer all the same."""
    for alert in alerts:
        if alert.kind is AlertKind.AT_RISK:
            customer = alert.fields.get("customer")
        elif alert.kind is AlertKind.LATE_CASE:
            customer = customer_of_instance.get(alert.fields.get("instance", ""))
        else:
            continue
        if customer:
            yield _Presence(customer=customer, alert_id=alert.alert_id, event_id=None)
