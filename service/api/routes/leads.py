"""What the leads read: reviews of volume, and the records that no decision could be made of."""

from collections.abc import Mapping
from datetime import date
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import Field

from service.api.cursors import Cursor, CursorQuery, PageQuery
from service.api.followed import FollowedShown, by_rank, show_followed
from service.api.needs import needs
from service.api.problems import Kind, Problem
from service.api.routes.alerts import AlertId, found
from service.api.services import Given
from service.api.shown import Shown, Utc
from service.core.access import Permission
from service.core.pipeline.audited import of_requeue
from service.core.records.facts import ReviewRow
from service.core.records.words import ReviewState, Stage
from service.ports import Letter, ReviewPlace, review_place

router = APIRouter(tags=["leads"])
# So many are ranked; who has more has other worries.
_MOST_REVIEWS = 1_000
LetterNumber = Annotated[int, Path(ge=1, le=2**63 - 1)]
TeamName = Annotated[str, Field(max_length=63, description="Only reviews of one team.")]
_reviews = Cursor(ReviewPlace)


class ReviewShown(Shown):
    """What one tick found for one cell; `finding` is as in `reviews.jsonl`, `ends_at` when its window was over."""

    ends_at: Utc
    window_end: date
    alert_id: str | None
    finding: Mapping[str, Any]


class ReviewsShown(Shown):
    """One page, the newest window first; `next` is None on the last."""

    reviews: tuple[ReviewShown, ...]
    next: str | None


class AgendaShown(Shown):
    """The reviews that matter most first; `left_off` says that there are more than are looked at."""

    reviews: tuple[FollowedShown, ...]
    left_off: bool


class AgendaQuery(PageQuery):
    team: TeamName | None = None
    state: Annotated[ReviewState | None, Field(description="How far people have come.")] = None
    overdue: Annotated[bool, Field(description="Only reviews of which a step is overdue.")] = False


class LetterShown(Shown):
    """A rejected record: why, where the original is, and its digest. The record itself is nowhere in this list."""

    number: int
    at: Utc
    stage: Stage
    reason: str
    detail: str
    topic: str
    partition: int
    offset: int
    item: int
    sha256: str
    length: int


class WholeLetterShown(LetterShown):
    """A rejected record with its payload, redacted; None where it was no JSON."""

    payload: str | None


class LettersShown(Shown):
    """One page, the latest first; `next` is None on the last."""

    dead_letters: tuple[LetterShown, ...]
    next: int | None


class RequeuedShown(Shown):
    """Which dead letter's original Kafka has again, and under which topic."""

    requeued: int
    topic: str


class LettersQuery(PageQuery):
    before: Annotated[int | None, Field(ge=1, le=2**63 - 1, description="The number to go on below.")] = None


@router.get(
    "/v1/reviews",
    operation_id="listReviews",
    summary="List what the ticks found",
    dependencies=[needs(Permission.LEAD, everywhere=True)],
)
async def list_reviews(query: Annotated[CursorQuery, Query()], services: Given) -> ReviewsShown:
    page = await services.desk.reviews(_reviews.read(query.cursor), query.limit)
    return ReviewsShown(
        reviews=tuple(_review(row) for row in page),
        next=_reviews.next(page, query.limit, review_place),
    )


@router.get(
    "/v1/reviews/agenda",
    operation_id="readAgenda",
    summary="Rank the reviews that are not dealt with yet",
    dependencies=[needs(Permission.READ)],
)
async def read_agenda(query: Annotated[AgendaQuery, Query()], services: Given) -> AgendaShown:
    page, rules, now = await services.desk.agenda(_MOST_REVIEWS), await services.rules(), await services.now()
    attached = await services.desk.hidden([alert.alert_id for alert in page], now)
    shown = [show_followed(alert, rules, now, attached[alert.alert_id]) for alert in by_rank(page)]
    shown = [one for one in shown if _is_asked_for(one, query)]
    more = len(page) == _MOST_REVIEWS or len(shown) > query.limit
    return AgendaShown(reviews=tuple(shown[: query.limit]), left_off=more)


def _is_asked_for(one: FollowedShown, query: AgendaQuery) -> bool:
    wanted = query.team in (None, one.team) and query.state in (None, one.review.state)
    return wanted and (bool(one.review.overdue) or not query.overdue)


@router.get(
    "/v1/reviews/{alert_id}",
    operation_id="readReview",
    summary="Read how a review is followed up",
    dependencies=[needs(Permission.READ)],
)
async def read_review(alert_id: AlertId, services: Given) -> FollowedShown:
    alert = await found(alert_id, services)
    if not alert.kind.is_review:
        raise Problem(Kind.NOT_FOUND, "no review: the alert is not about the volume of a cell")
    now = await services.now()
    attached = await services.desk.hidden([alert.alert_id], now)
    return show_followed(alert, await services.rules(), now, attached[alert.alert_id])


@router.get(
    "/v1/dead-letters",
    operation_id="listDeadLetters",
    summary="List the rejected records",
    dependencies=[needs(Permission.LEAD, everywhere=True)],
)
async def list_dead_letters(query: Annotated[LettersQuery, Query()], services: Given) -> LettersShown:
    page = await services.desk.dead_letters(query.before, query.limit)
    return LettersShown(
        dead_letters=tuple(LetterShown(**_letter(one)) for one in page),
        next=page[-1].number if len(page) == query.limit else None,
    )


@router.get(
    "/v1/dead-letters/{number}",
    operation_id="readDeadLetter",
    summary="Read a rejected record, redacted",
    dependencies=[needs(Permission.LEAD, everywhere=True, verbatims=True)],
)
async def read_dead_letter(number: LetterNumber, services: Given) -> WholeLetterShown:
    one = await services.desk.dead_letter(number)
    if one is None:
        raise Problem(Kind.NOT_FOUND, "no such dead letter")
    return WholeLetterShown(**_letter(one), payload=one.letter.payload)


@router.post(
    "/v1/dead-letters/{number}/requeue",
    operation_id="requeueDeadLetter",
    summary="Send the original of a rejected record again, while Kafka has it",
    status_code=HTTPStatus.ACCEPTED,
    responses={410: {}},
    dependencies=[needs(Permission.LEAD, everywhere=True)],
)
async def requeue_dead_letter(number: LetterNumber, services: Given) -> RequeuedShown:
    one = await services.desk.dead_letter(number)
    if one is None:
        raise Problem(Kind.NOT_FOUND, "no such dead letter")
    letter = one.letter
    if not letter.sha256:
        raise Problem(Kind.LETTER_ERASED)
    found = await services.original(letter.topic, letter.partition, letter.offset)
    if found is None:
        raise Problem(Kind.ORIGINAL_GONE, f"{letter.topic} [{letter.partition}] at {letter.offset}")
    place = (letter.topic, letter.partition, letter.offset)
    # Before it is sent: what is sent again and not told of would be worse than the other way round.
    await services.audit.write(of_requeue(services.doer(), number, *place, await services.now()))
    await services.sender.send(letter.topic, found.key, found.value, found.headers)
    return RequeuedShown(requeued=number, topic=letter.topic)


def _review(row: ReviewRow) -> ReviewShown:
    document = row.document
    return ReviewShown(
        ends_at=row.ends_at,
        window_end=date.fromisoformat(document["window_end"]),
        alert_id=row.alert_id,
        finding=document,
    )


def _letter(one: Letter) -> dict[str, Any]:
    letter = one.letter
    return {
        "number": one.number,
        "at": letter.at,
        "stage": letter.rejected.stage,
        "reason": letter.rejected.reason,
        "detail": letter.rejected.detail,
        "topic": letter.topic,
        "partition": letter.partition,
        "offset": letter.offset,
        "item": letter.item,
        "sha256": letter.sha256,
        "length": letter.length,
    }
