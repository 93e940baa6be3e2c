"""The teams that somebody sees, and their queues: open alerts first, the worst and then the latest in front."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Header, Path, Query, Request, Response
from pydantic import Field, StringConstraints

from service.api.cursors import Cursor, CursorQuery
from service.api.needs import Asker, needs, still_let_in
from service.api.problems import Kind, Problem
from service.api.services import Given, Services
from service.api.shown import AlertShown, Shown, show_alert
from service.core.access import Permission
from service.core.contracts.digest import Digest
from service.core.records.alerts import Alert
from service.core.records.words import AlertKind, AlertState, Severity
from service.ports import DigestPlace, QueuePlace, Wanted, digest_place, queue_place

router = APIRouter(tags=["teams"])
TeamName = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$", examples=["payments"])]
_Name = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f]{1,200}$")]
_MOST_VALUES = Field(max_length=50)
_cursor = Cursor(QueuePlace)
_digests = Cursor(DigestPlace)
_MOST_WAIT = 30


class TeamShown(Shown):
    """A team with what it answers for now, and its open alerts; `retired`: the active playbook no longer has it."""

    team: str
    name: str
    owns: tuple[dict[str, tuple[str, ...]], ...]
    open: dict[Severity, int]
    retired: bool
    queue: str


class TeamsShown(Shown):
    teams: tuple[TeamShown, ...]


class QueueShown(Shown):
    """One page; `next` is None on the last."""

    team: str
    alerts: tuple[AlertShown, ...]
    next: str | None


class DigestsShown(Shown):
    """One page; `next` is None on the last."""

    team: str
    digests: tuple[Digest, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class _Seen:
    """A page as it stands, and whether its reader should have it."""

    page: bytes
    tag: str
    is_news: bool


class QueueQuery(CursorQuery):
    """A filter may be given several times: alerts that match one of its values pass."""

    state: Annotated[tuple[AlertState, ...], _MOST_VALUES] = ()
    severity: Annotated[tuple[Severity, ...], _MOST_VALUES] = ()
    kind: Annotated[tuple[AlertKind, ...], _MOST_VALUES] = ()
    category: Annotated[tuple[_Name, ...], _MOST_VALUES] = ()
    process: Annotated[tuple[_Name, ...], _MOST_VALUES] = ()
    wait: Annotated[
        float,
        Field(
            ge=0,
            le=_MOST_WAIT,
            description="Seconds to wait for a page that is not empty or, with If-None-Match, for one that differs.",
        ),
    ] = 0


@router.get(
    "/v1/teams",
    operation_id="listTeams",
    summary="List the teams with their open alerts",
    dependencies=[needs(Permission.READ)],
)
async def list_teams(asker: Asker, services: Given) -> TeamsShown:
    rules, counts, now = await services.rules(), await services.desk.open_counts(), await services.now()
    known = {str(team.id): team for team in rules.playbook.teams}
    shown = []
    for name in sorted(name for name in {*known, *counts} if asker.sees(name)):
        team = known.get(name)
        shown.append(
            TeamShown(
                team=name,
                name=name if team is None else str(team.name),
                owns=() if team is None else tuple(one.match for one in team.owns if one.holds(now)),
                open=dict(counts.get(name, {})),
                retired=team is None,
                queue=f"/v1/teams/{name}/queue",
            )
        )
    return TeamsShown(teams=tuple(shown))


@router.get(
    "/v1/teams/{team}/queue",
    operation_id="readQueue",
    summary="Read a team's queue",
    response_model=QueueShown,
    responses={304: {"description": "The page is the one that If-None-Match names."}},
    dependencies=[needs(Permission.READ, verbatims=True)],
)
async def read_queue(
    team: TeamName,
    query: Annotated[QueueQuery, Query()],
    services: Given,
    request: Request,
    if_none_match: Annotated[str | None, Header(max_length=200)] = None,
) -> Response:
    wanted = Wanted(
        team=team,
        states=query.state,
        severities=query.severity,
        kinds=query.kind,
        categories=query.category,
        processes=query.process,
    )
    after = _cursor.read(query.cursor)

    async def look() -> _Seen:
        alerts = await services.desk.queue(wanted, after, query.limit)
        page = await _page(team, alerts, query.limit, services)
        tag = f'"{hashlib.sha256(page).hexdigest()[:32]}"'
        return _Seen(page, tag, bool(alerts) if if_none_match is None else tag != if_none_match)

    headers = {}
    seen = await look()
    if not seen.is_news and query.wait > 0:
        with services.polls.taken():
            until = asyncio.get_running_loop().time() + query.wait
            while not seen.is_news and (left := until - asyncio.get_running_loop().time()) > 0:
                if await services.pulse.drained(min(left, services.poll_seconds)):
                    # Whoever asks again should reach a process that stays.
                    headers["Connection"] = "close"
                    break
                if await request.is_disconnected():
                    break
                if not await still_let_in(request):
                    raise Problem(Kind.UNAUTHORISED)
                seen = await look()
    headers["ETag"] = seen.tag
    if seen.tag == if_none_match:
        return Response(status_code=304, headers=headers)
    return Response(seen.page, media_type="application/json", headers=headers)


@router.get(
    "/v1/teams/{team}/digests",
    operation_id="listDigests",
    summary="List what a team was told in one go, latest first",
    dependencies=[needs(Permission.READ, verbatims=True)],
)
async def list_digests(team: TeamName, query: Annotated[CursorQuery, Query()], services: Given) -> DigestsShown:
    page = await services.desk.digests(team, _digests.read(query.cursor), query.limit)
    if not page and query.cursor is None:
        await known(team, services)
    return DigestsShown(team=team, digests=tuple(page), next=_digests.next(page, query.limit, digest_place))


async def known(team: str, services: Services) -> None:
    """Refuse the name of a team that the playbook does not have and that never had an alert."""
    rules = await services.rules()
    unknown = all(team != str(one.id) for one in rules.playbook.teams)
    if unknown and not await services.desk.queue(Wanted(team=team), None, 1):
        raise Problem(Kind.NOT_FOUND, "no such team")


async def _page(team: str, alerts: Sequence[Alert], limit: int, services: Services) -> bytes:
    rules = await services.rules()
    if not alerts:
        await known(team, services)
    shown = QueueShown(
        team=team,
        alerts=tuple(show_alert(alert, rules) for alert in alerts),
        next=_cursor.next(alerts, limit, queue_place),
    )
    return shown.model_dump_json().encode()
