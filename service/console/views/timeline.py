"""An alert with its notices -> what happened to it, the latest first: why its team heard of it, and who did what."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from service.api.shown import AlertShown, NoticeShown
from service.console.views.wording import count, words
from service.core.records.words import NoticeReason, Severity

# The icon of each reason, and how it is told.
_SAID = {
    NoticeReason.OPENED: ("open", "Opened for {team}"),
    NoticeReason.SEVERITY_INCREASED: ("up", "Became {severity}"),
    NoticeReason.CUSTOMERS_DOUBLED: ("people", "Grew to {customers}"),
    NoticeReason.REPEAT: ("bell", "{team} reminded: still open, in nobody's hands"),
    NoticeReason.UNMUTED: ("bell", "{team} told of what was held back"),
    NoticeReason.ESCALATED: ("flag", "Escalated to {team}"),
    NoticeReason.REOPENED: ("again", "Reopened by news that matters"),
    NoticeReason.RESOLVED: ("resolved", "Resolved"),
    NoticeReason.WITHDRAWN: ("resolved", "Withdrawn: nothing is left in it"),
    NoticeReason.OWNER_CHANGED: ("swap", "Came to {team}"),
    NoticeReason.FLAPPING: ("again", "Opens and closes too often to tell of each"),
    NoticeReason.DIGEST: ("note", "In the digest of {team}"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One thing that happened; `revision` is that of the notice, None of what a person did."""

    at: datetime
    icon: str
    said: str
    detail: str | None
    revision: int | None = None
    severity: Severity | None = None


def timeline(alert: AlertShown, notices: Iterable[NoticeShown]) -> tuple[Moment, ...]:
    moments = [*(_told(one) for one in notices), *_done(alert)]
    return tuple(sorted(moments, key=lambda one: (one.at, one.revision or 0), reverse=True))


def since(notices: Iterable[NoticeShown], revision: int) -> tuple[Moment, ...]:
    """What was told after a revision, in its order: news for who has seen that one."""
    return tuple(_told(one) for one in notices if one.revision > revision)


def _told(notice: NoticeShown) -> Moment:
    held = notice.held
    detail = f"{count(notice.customers, 'customer')}, {count(notice.events, 'event')}"
    if held is not None:
        detail += f"; held back before: {words(held.why)}, with {count(held.events, 'event')} meanwhile"
    if notice.digest_id is not None:
        detail += "; read in a summary"
    drawn, said = _SAID[notice.reason]
    customers = count(notice.customers, "customer")
    return Moment(
        at=notice.at,
        icon=drawn,
        said=said.format(team=notice.team, severity=notice.severity.value, customers=customers),
        detail=detail,
        revision=notice.revision,
        severity=notice.severity,
    )


def _done(alert: AlertShown) -> Sequence[Moment]:
    found = []
    if alert.assigned is not None:
        said, why = alert.assigned, alert.assigned.reason
        who = "a date in the playbook" if said.by is None else said.by
        found.append(Moment(at=said.at, icon="swap", said=f"Given to {alert.team} by {who}", detail=why))
    if alert.disputed is not None:
        one = alert.disputed
        found.append(Moment(at=one.at, icon="flag", said=f"{one.by} says that it is {one.team}'s", detail=one.reason))
    if alert.disposition is not None:
        end = alert.disposition
        more = f"of {end.duplicate_of}" if end.duplicate_of is not None else end.team
        found.append(Moment(at=end.at, icon="hand", said=f"{end.by} called it {words(end.disposition)}", detail=more))
    return found
