"""Requests to forget a customer -> how each stands, and the receipts of those that are done; nobody is named."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Query

from service.api.cursors import Cursor, CursorQuery
from service.api.needs import needs
from service.api.services import Given
from service.api.shown import Shown, Utc
from service.core.access import Permission
from service.core.records.erasing import Erasure
from service.ports import ErasurePlace, erasure_place

router = APIRouter(tags=["erasures"])
_places = Cursor(ErasurePlace)


class ErasureShown(Shown):
    """One request by the fields of its receipt; `erased_at` is null while it is open.

    `erased` counts what was changed up to now. `customer_hash` is an HMAC of the reference, other than its pseudonym.
    """

    erasure_id: str
    request_id: str | None
    customer_hash: str
    include_joined: bool
    joined: int
    erased: Mapping[str, int]
    asked_at: Utc
    recorded_at: Utc
    erased_at: Utc | None


class ErasuresShown(Shown):
    """One page, the one recorded last first; `next` is None on the last."""

    erasures: tuple[ErasureShown, ...]
    next: str | None


@router.get(
    "/v1/erasures",
    operation_id="listErasures",
    summary="List requests to forget a customer, and what became of them",
    dependencies=[needs(Permission.READ, everywhere=True)],
)
async def list_erasures(query: Annotated[CursorQuery, Query()], services: Given) -> ErasuresShown:
    page = await services.desk.erasures(_places.read(query.cursor), query.limit)
    return ErasuresShown(
        erasures=tuple(_shown(one) for one in page), next=_places.next(page, query.limit, erasure_place)
    )


def _shown(one: Erasure) -> ErasureShown:
    return ErasureShown(
        erasure_id=one.erasure_id,
        request_id=one.request_id,
        customer_hash=one.customer_hash,
        include_joined=one.include_joined,
        joined=one.joined,
        erased=one.counts,
        asked_at=one.asked_at,
        recorded_at=one.recorded_at or one.asked_at,
        erased_at=one.done_at,
    )
