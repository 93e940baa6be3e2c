"""One alert: as it stands, what it holds, what was said of it, and why it is as it is."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from pydantic import Field

from service.api.cursors import Cursor, CursorQuery, PageQuery
from service.api.needs import needs
from service.api.problems import Kind, Problem
from service.api.services import Given, Services
from service.api.shown import (
    AlertShown,
    HeldShown,
    MemberShown,
    NoticeShown,
    Shown,
    Utc,
    show_alert,
    show_held,
    show_member,
    show_notice,
)
from service.core.access import Permission
from service.core.describe import title
from service.core.explain import Muted, TimersTold, hashed, muted, timers
from service.core.notify import decide
from service.core.picture import picture
from service.core.pipeline.muting import mutes
from service.core.records.alerts import Alert
from service.core.records.decisions import PartKey
from service.core.records.facts import Facts
from service.core.records.muting import Held
from service.core.records.words import AlertState, NoticeReason, Severity, Wait

router = APIRouter(tags=["alerts"])
AlertId = Annotated[UUID, Path(examples=["7a1de7f9-9d5c-5a55-8a3e-5b7c5e3c0d11"])]
_members = Cursor(PartKey)
_SVG = "image/svg+xml"


class MembersShown(Shown):
    """One page; `next` is None on the last."""

    alert_id: str
    events: tuple[MemberShown, ...]
    next: str | None


class NoticesShown(Shown):
    """One page; `next` is the revision to go on after, None on the last."""

    alert_id: str
    notices: tuple[NoticeShown, ...]
    next: int | None


class NoticesQuery(PageQuery):
    after: Annotated[int, Field(ge=0, le=2**31 - 1, description="The revision to go on after.")] = 0


class KeyShown(Shown):
    """What the alert gathers: all under the same fields. `team_in_key` False lets it be handed to another team.

    `alert_key` is `v1:` and the sha256 of `hashed`, which is None where the alert does not keep all of it.
    """

    alert_key: str
    fields: dict[str, str]
    team_in_key: bool
    episode: int
    hashed: str | None


class ToldShown(Shown):
    """What the team was last told."""

    at: Utc
    state: AlertState
    severity: Severity
    customers: int
    team: str


class NextShown(Shown):
    """What would be said if the alert were looked at now, or why nothing would, and when it is looked at next.

    `held` says what would hold it back now.
    """

    now: NoticeReason | Wait
    held: HeldShown | None
    due_at: Utc | None
    notice_at: Utc | None
    repeat_at: Utc | None
    closes_at: Utc | None
    acked_until: Utc | None


class WhyShown(Shown):
    """Why the alert is as it is; `held` is what keeps its news back since it was looked at last.

    `silenced_by` and `inhibited_by` name the silence and the review's alert under which it falls now, news or not.
    """

    alert_id: str
    route: str
    key: KeyShown
    severity: Severity
    members_by_severity: dict[Severity, int]
    told: ToldShown | None
    held: HeldShown | None
    silenced_by: str | None
    inhibited_by: str | None
    next: NextShown
    timers: TimersTold
    muted: tuple[Muted, ...]
    evidence: dict[str, Any]
    playbook: str


async def found(alert_id: UUID, services: Services) -> Alert:
    """Return the alert.

    Raises:
        Problem: there is none.
    """
    alert = await services.desk.alert(str(alert_id))
    if alert is None:
        raise Problem(Kind.NOT_FOUND, "no such alert")
    return alert


@router.get(
    "/v1/alerts/{alert_id:uuid}",
    operation_id="readAlert",
    summary="Read an alert",
    dependencies=[needs(Permission.READ, verbatims=True)],
)
async def read_alert(alert_id: AlertId, services: Given) -> AlertShown:
    return show_alert(await found(alert_id, services), await services.rules())


@router.get(
    "/v1/alerts/{alert_id}/events",
    operation_id="listAlertEvents",
    summary="List what an alert holds",
    dependencies=[needs(Permission.READ, verbatims=True)],
)
async def list_alert_events(alert_id: AlertId, query: Annotated[CursorQuery, Query()], services: Given) -> MembersShown:
    after = _members.read(query.cursor)
    alert = await found(alert_id, services)
    page = await services.desk.members(alert.alert_id, after, query.limit)
    return MembersShown(
        alert_id=alert.alert_id,
        events=tuple(show_member(member, row) for member, row in page),
        next=_members.next(page, query.limit, lambda row: row[0].key),
    )


@router.get(
    "/v1/alerts/{alert_id}/notices",
    operation_id="listAlertNotices",
    summary="List what was said of an alert",
    dependencies=[needs(Permission.READ)],
)
async def list_alert_notices(
    alert_id: AlertId, query: Annotated[NoticesQuery, Query()], services: Given
) -> NoticesShown:
    alert = await found(alert_id, services)
    page = await services.desk.notices(alert.alert_id, query.after, query.limit)
    return NoticesShown(
        alert_id=alert.alert_id,
        notices=tuple(show_notice(notice) for notice in page),
        next=page[-1].revision if len(page) == query.limit else None,
    )


@router.get(
    "/v1/alerts/{alert_id}/explain",
    operation_id="explainAlert",
    summary="Say why an alert is as it is",
    dependencies=[needs(Permission.READ)],
)
async def explain_alert(alert_id: AlertId, services: Given) -> WhyShown:
    alert, rules = await found(alert_id, services), await services.rules()
    told, now, facts = alert.announced, await services.now(), Facts()
    facts.muters = await services.desk.muters()
    found_now = mutes(alert, now, facts, rules)
    said = decide(alert, now, rules.timing(alert.route), rules.attention_of(alert.team).manners, found_now)
    return WhyShown(
        alert_id=alert.alert_id,
        route=alert.route,
        key=KeyShown(
            alert_key=alert.alert_key,
            fields=dict(alert.fields),
            team_in_key=alert.team_in_key,
            episode=alert.episode,
            hashed=hashed(alert),
        ),
        severity=alert.severity,
        members_by_severity=dict(zip(Severity, alert.severities, strict=True)),
        told=None
        if told is None
        else ToldShown(at=told.at, state=told.state, severity=told.severity, customers=told.customers, team=told.team),
        held=show_held(alert.held, alert),
        silenced_by=found_now.silenced_by,
        inhibited_by=found_now.inhibited_by,
        next=NextShown(
            now=said.why if isinstance(said, Held) else said,
            held=show_held(said, alert) if isinstance(said, Held) else None,
            due_at=alert.due_at,
            notice_at=alert.flush_at,
            repeat_at=alert.repeat_at,
            closes_at=alert.close_at,
            acked_until=alert.acked_until,
        ),
        timers=timers(alert.route, alert, rules),
        muted=muted(alert, now, facts.muters, rules),
        evidence=dict(alert.evidence),
        playbook=rules.digest,
    )


@router.get(
    "/v1/alerts/{alert_id}/picture",
    operation_id="drawAlert",
    summary="Draw the weeks that a review rests on",
    response_class=Response,
    responses={200: {"content": {_SVG: {"schema": {"type": "string"}}}}},
    dependencies=[needs(Permission.READ)],
)
async def draw_alert(alert_id: AlertId, services: Given) -> Response:
    alert, rules = await found(alert_id, services), await services.rules()
    drawn = picture(title(alert, rules.labels, rules.processes), alert.evidence)
    if drawn is None:
        raise Problem(Kind.NOT_FOUND, "no picture: an alert has weeks to draw only where it is a review of volume")
    return Response(drawn, media_type=_SVG)
