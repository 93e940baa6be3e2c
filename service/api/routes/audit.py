"""The audit: who did what to what, the latest first."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field, StringConstraints

from service.api.cursors import Cursor, CursorQuery
from service.api.instants import AskedInstant
from service.api.needs import needs
from service.api.services import Given
from service.api.shown import Shown, Utc
from service.core.access import Permission
from service.core.audit import Action, AuditOutcome, ObjectKind, Sealed
from service.core.records.doer import Means
from service.ports import AuditPlace, AuditWanted

router = APIRouter(tags=["audit"])
_places = Cursor(AuditPlace)
_Name = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f-\x9f]{1,200}$")]


class EntryShown(Shown):
    """One act. Of what a person wrote `before` and `after` hold length and SHA-256 alone; `hash` chains entries."""

    seq: int
    at: Utc
    actor: str
    role: str | None
    means: Means
    action: Action
    kind: ObjectKind
    id: str
    team: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    outcome: AuditOutcome
    hash: str


class AuditShown(Shown):
    """One page, the latest first; `next` is None on the last."""

    entries: tuple[EntryShown, ...]
    next: str | None


class AuditQuery(CursorQuery):
    actor: Annotated[_Name | None, Field(description="Who did it.")] = None
    action: Annotated[Action | None, Field(description="What was done.")] = None
    kind: Annotated[ObjectKind | None, Field(description="To what kind of thing.")] = None
    id: Annotated[_Name | None, Field(description="To which of them; goes with `kind`.")] = None
    team: Annotated[_Name | None, Field(description="Whose it is.")] = None
    since: Annotated[AskedInstant | None, Field(description="Done from this instant on.")] = None
    until: Annotated[AskedInstant | None, Field(description="Done before this instant.")] = None


@router.get(
    "/v1/audit",
    operation_id="listAudit",
    summary="List what was done by whom, the latest first",
    dependencies=[needs(Permission.AUDIT, everywhere=True)],
)
async def list_audit(query: Annotated[AuditQuery, Query()], services: Given) -> AuditShown:
    wanted = AuditWanted(
        actor=query.actor,
        action=query.action,
        kind=query.kind,
        object_id=query.id,
        team=query.team,
        since=query.since,
        until=query.until,
    )
    place = _places.read(query.cursor)
    page = await services.audit.page(wanted, None if place is None else place.seq, query.limit)
    return AuditShown(
        entries=tuple(_shown(one) for one in page),
        next=_places.write(AuditPlace(seq=page[-1].seq)) if len(page) == query.limit else None,
    )


def _shown(sealed: Sealed) -> EntryShown:
    entry = sealed.entry
    return EntryShown(
        seq=sealed.seq,
        at=entry.at,
        actor=entry.doer.name,
        role=entry.doer.role,
        means=entry.doer.means,
        action=entry.action,
        kind=entry.kind,
        id=entry.object_id,
        team=entry.team,
        before=None if entry.before is None else dict(entry.before),
        after=None if entry.after is None else dict(entry.after),
        outcome=entry.outcome,
        hash=sealed.hash,
    )
