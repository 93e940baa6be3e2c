"""What was said of an alert and done to it -> one list in the order of time."""

import heapq
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from operator import attrgetter
from typing import Annotated

from fastapi import APIRouter, Query

from service.api.cursors import Cursor, CursorQuery
from service.api.needs import needs
from service.api.routes.alerts import AlertId, found
from service.api.services import Given
from service.api.shown import ActShown, NoticeShown, Shown, Utc, show_act, show_notice
from service.core.access import Permission
from service.core.records.alerts import Notice
from service.core.records.handling import Act

router = APIRouter(tags=["alerts"])


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelinePlace:
    """Where a page ended: the last notice and the last act on it, or on a page before."""

    revision: int = 0
    number: int = 0


_places = Cursor(TimelinePlace)


class EntryShown(Shown):
    """Either a notice that was sent, or what a person did."""

    at: Utc
    notice: NoticeShown | None
    act: ActShown | None


class TimelineShown(Shown):
    """One page, the earliest first; `next` is None on the last."""

    alert_id: str
    entries: tuple[EntryShown, ...]
    next: str | None


@router.get(
    "/v1/alerts/{alert_id}/timeline",
    operation_id="readTimeline",
    summary="Read what was said of an alert and what people did to it, notes among it",
    dependencies=[needs(Permission.READ)],
)
async def read_timeline(alert_id: AlertId, query: Annotated[CursorQuery, Query()], services: Given) -> TimelineShown:
    place = _places.read(query.cursor) or TimelinePlace()
    alert = await found(alert_id, services)
    notices = await services.desk.notices(alert.alert_id, place.revision, query.limit)
    acts = await services.desk.acts(alert.alert_id, place.number, query.limit)
    # An act comes before the notice that it led to at the same time.
    both: Iterable[Act | Notice] = heapq.merge(acts, notices, key=attrgetter("at"))
    page = list(islice(both, query.limit))
    return TimelineShown(
        alert_id=alert.alert_id,
        entries=tuple(_entry(one) for one in page),
        next=_places.write(_after(page, place)) if len(page) == query.limit else None,
    )


def _entry(one: Act | Notice) -> EntryShown:
    if isinstance(one, Act):
        return EntryShown(at=one.at, notice=None, act=show_act(one))
    return EntryShown(at=one.at, notice=show_notice(one), act=None)


def _after(page: Iterable[Act | Notice], place: TimelinePlace) -> TimelinePlace:
    revision, number = place.revision, place.number
    for one in page:
        if isinstance(one, Act):
            number = one.number
        else:
            revision = one.revision
    return TimelinePlace(revision=revision, number=number)
