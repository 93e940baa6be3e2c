"""Any event -> what was decided about it, by which rules, and what became of that."""

import asyncio
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from service.api.event_paths import NAMED, PREFIX, identities
from service.api.instants import AskedInstant
from service.api.needs import needs
from service.api.problems import Kind, Problem
from service.api.services import Given, Services
from service.api.shown import Shown
from service.core.access import Permission
from service.core.explain import Why, explain
from service.core.pipeline.rules import Rules
from service.core.records.alerts import Alert
from service.core.records.facts import FeedbackRow
from service.core.records.words import AlertState, Severity

router = APIRouter(tags=["explain"])
_SUFFIX = "/explain"


class Known(StrEnum):
    """What is known of an event.

    `decided` is a feedback or a ticket change with a row of its own. `no_row` was accepted and left none: a process
    event or an erasure, which are recorded elsewhere, a state older than the one that holds (superseded), or a feedback
    that has outlived its days.
    """

    DECIDED = "decided"
    NO_ROW = "no_row"


class ExplainQuery(BaseModel):
    """`at` and `playbook` have `why` computed for another time or by another playbook; both default to the present."""

    model_config = ConfigDict(extra="forbid")

    at: Annotated[AskedInstant | None, Field(description="Explain as of this instant.")] = None
    playbook: Annotated[
        str | None,
        Field(pattern=r"^[0-9a-f]{64}$", description="The digest of a playbook that is, or once was, active."),
    ] = None


class HomeShown(Shown):
    """An alert that holds the event now."""

    alert_id: str
    team: str
    state: AlertState
    severity: Severity
    events: int
    customers: int
    revision: int
    copy_of_another_team: bool


class EventExplained(Shown):
    """`decision` is kept as later news left it; its verdict is what was decided at the time.

    `why` is computed from what is stored, by the active playbook unless another is asked for. It is None where nothing
    is left to compute it from: a change that is no feedback, or one that a later event has replaced or withdrawn.
    """

    source: str
    event_id: str
    status: Known
    decision: Mapping[str, Any] | None = None
    rules: Mapping[str, Any] | None = None
    why: Why | None = None
    alerts: tuple[HomeShown, ...] = ()
    note: str


_NOTES = {
    Known.DECIDED: "A further record of the same source and id is a duplicate and changes nothing.",
    Known.NO_ROW: "The event was accepted and has no row: it is no feedback, or a later state of its subject holds.",
}


@router.get(
    f"{PREFIX}{{name:path}}{_SUFFIX}",
    operation_id="explainEvent",
    summary="Say what was decided about an event, and why",
    description="The path is /v1/events/{source}/{id}/explain. The source's slashes may be written as they are or as "
    "%2F; those of the id must be %2F. A rejected record has no identity: it is among the dead letters.",
    openapi_extra=NAMED,
    dependencies=[needs(Permission.READ, verbatims=True)],
)
async def explain_event(request: Request, query: Annotated[ExplainQuery, Query()], services: Given) -> EventExplained:
    for source, event_id in identities(request, _SUFFIX):
        known = await explained(source, event_id, query, services)
        if known is not None:
            return known
    raise Problem(
        Kind.NOT_FOUND, "no event of this source and id was accepted; a rejected record is listed at /v1/dead-letters"
    )


async def explained(source: str, event_id: str, query: ExplainQuery, services: Services) -> EventExplained | None:
    """Explain an event, or return None where none of this source and id was accepted."""
    row = await services.desk.explanation(source, event_id)
    if row is not None:
        return await _decided(row, query, services)
    if await services.desk.admitted(source, event_id):
        return EventExplained(source=source, event_id=event_id, status=Known.NO_ROW, note=_NOTES[Known.NO_ROW])
    return None


async def _decided(row: FeedbackRow, query: ExplainQuery, services: Services) -> EventExplained:
    alerts = []
    for member in await services.desk.homes(row.source, row.document["subject"]):
        alert = await services.desk.alert(member.alert_id) if member.event_id == row.event_id else None
        if alert is not None:
            alerts.append(alert)
    return EventExplained(
        source=row.source,
        event_id=row.event_id,
        status=Known.DECIDED,
        decision=row.document,
        rules=row.explanation,
        why=await _why(row, next((alert for alert in alerts if not alert.copy), None), query, services),
        alerts=tuple(_home(alert) for alert in alerts),
        note=_NOTES[Known.DECIDED],
    )


async def _why(row: FeedbackRow, alert: Alert | None, query: ExplainQuery, services: Services) -> Why | None:
    rules = await _rules(query.playbook, services)
    held = await services.desk.contribution(row.source, row.document["subject"], row.event_id)
    if held is None:
        return None
    at = query.at or await services.now()
    # A thousand conditions take a fifth of a second, for which nobody else should wait.
    asked_at = query.at is not None
    muters = await services.desk.muters()
    return await asyncio.to_thread(explain, held, rules, at, row.document, alert, muters, asked_at=asked_at)


async def _rules(digest: str | None, services: Services) -> Rules:
    """Return the rules of a playbook of the shelf.

    Raises:
        Problem: there is none of this digest, or this release finds faults in it.
    """
    active = await services.rules()
    if digest is None or digest == active.digest:
        return active
    documents = await services.shelf.documents(digest)
    if documents is None:
        raise Problem(Kind.NOT_FOUND, "no playbook of this digest was ever active")
    with services.rehearsals.taken():
        checked = await services.check(documents)
    if checked.rules is None:
        raise Problem(Kind.NOT_FOUND, "the playbook of this digest has faults by the rules of this release")
    return checked.rules


def _home(alert: Alert) -> HomeShown:
    return HomeShown(
        alert_id=alert.alert_id,
        team=alert.team,
        state=alert.state,
        severity=alert.severity,
        events=alert.events,
        customers=alert.customers,
        revision=alert.revision,
        copy_of_another_team=alert.copy,
    )
