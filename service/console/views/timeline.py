"""The notices of an alert and what people did to it -> what happened, the latest first: who heard why, who did what."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from service.api.shown import ActShown, NoticeShown
from service.console.views.times import exact
from service.console.views.wording import count, words
from service.core.records.words import Deed, NoticeReason, Severity

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


_DONE = {
    Deed.CLAIM: ("hand", "{by} claimed it"),
    Deed.UNCLAIM: ("hand", "{by} let go of it"),
    Deed.ACK: ("hand", "{by} acknowledged it"),
    Deed.SNOOZE: ("bell-off", "{by} put it aside"),
    Deed.UNSNOOZE: ("bell", "{by} took it up again"),
    Deed.NOTE: ("note", "{by} wrote a note"),
    Deed.CAUSE: ("note", "{by} noted the cause"),
    Deed.RESOLVE: ("resolved", "{by} resolved it"),
    Deed.REOPEN: ("again", "{by} opened it again"),
    Deed.REASSIGN: ("swap", "{by} gave it to {team}"),
    Deed.DISPUTE: ("flag", "{by} says that it is {team}'s"),
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


def timeline(notices: Iterable[NoticeShown], acts: Iterable[ActShown]) -> tuple[Moment, ...]:
    # An act comes before the notice that it led to at the same time.
    moments = [*(_told(one) for one in notices), *(_done(one) for one in acts)]
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


def _done(act: ActShown) -> Moment:
    drawn, said = _DONE[act.deed]
    named = {"by": act.by, "team": act.said.get("team", "another team")}
    more = [act.text] if act.text is not None else []
    if "disposition" in act.said:
        more.append(f"It was {words(act.said['disposition'])}")
    if "duplicate_of" in act.said:
        more.append(f"Of {act.said['duplicate_of']}")
    if "until" in act.said:
        more.append(f"Until {exact(datetime.fromisoformat(act.said['until']))}")
    if "claim_of" in act.said:
        more.append(f"Over the claim of {act.said['claim_of']}")
    return Moment(at=act.at, icon=drawn, said=said.format(**named), detail="; ".join(more) or None)
