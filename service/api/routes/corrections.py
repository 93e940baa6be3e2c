"""What people say that feedback is about: said of one event, taken back, listed, and what it says of the ladder.

Refused with 409 is an event that is not what holds of its subject, with 422 a category that the playbook does not have.
"""

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from http import HTTPStatus
from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Request, Response
from msgspec.structs import replace
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from service.api.asked import IdempotencyKey, SentAsJson, TeamReads
from service.api.cursors import Cursor, CursorQuery
from service.api.event_paths import NAMED, PREFIX, identities
from service.api.instants import AskedInstant
from service.api.needs import Asker, needs
from service.api.problems import Kind, Problem
from service.api.services import Given, Services
from service.api.shown import Shown
from service.api.shown.corrections import CorrectionShown, RefiledShown, show_correction, show_refiled
from service.api.spans import ShareShown, SpanQuery, SpanShown, asked_span, show_share
from service.core.access import Permission, Principal
from service.core.corrections import CategoryFiled, KeywordFiled, filed_by_category, filed_by_keyword
from service.core.identity import fingerprint
from service.core.pipeline.refiling import RefiledNow, Refiling, RefilingOutcome
from service.core.pipeline.rules import Rules
from service.core.records.words import CategoryMethod, Verdict
from service.ports import Answer, CorrectionPlace, CorrectionsWanted, Keyed, correction_place

router = APIRouter(tags=["corrections"])
MOST_FILED = 500
_SUFFIX = "/refile"
_MOST_NEAR = 3
_NEAR = 0.5
_NO_FIGURES: Mapping[str, None] = dict.fromkeys(("feedbacks", "refiled", "share"))
_places = Cursor(CorrectionPlace)
_CategoryId = Annotated[str, StringConstraints(min_length=1, max_length=63)]
_PATH = "The path is /v1/events/{source}/{id}/refile, written as that of explain."
_WHY_NOT = {
    RefilingOutcome.NOT_FEEDBACK: "the event is no feedback",
    RefilingOutcome.SUPERSEDED: "a later state of its subject holds, or did before it came",
    RefilingOutcome.WITHDRAWN: "its subject is withdrawn",
}


class RefileBody(BaseModel):
    """`category` is one of the playbook's, or null for none of these; `categories` up to two further ones.

    `author` is a name that others will read; `reason` is redacted as the text of a review is.
    """

    model_config = ConfigDict(
        extra="forbid", strict=True, json_schema_extra={"examples": [{"category": "refund", "author": "ana"}]}
    )

    category: _CategoryId | None
    categories: Annotated[list[_CategoryId], Field(max_length=3)] = []
    reason: (
        Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]{1,500}$")]
        | None
    ) = None
    author: TeamReads


class TakeBackQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    author: Annotated[TeamReads, Field(description="A name that others will read.")]


class CorrectionsQuery(CursorQuery):
    since: Annotated[AskedInstant | None, Field(description="Made from this instant on.")] = None
    until: Annotated[AskedInstant | None, Field(description="Made before this instant.")] = None
    category: Annotated[str | None, Field(max_length=63, description="One that was given or meant.")] = None
    method: Annotated[CategoryMethod | None, Field(description="The step that had filed it.")] = None


class CorrectionsShown(Shown):
    """One page, the latest first; `next` is None on the last."""

    corrections: tuple[CorrectionShown, ...]
    next: str | None


class ConfusionShown(Shown):
    meant: str
    feedbacks: int


class CategoryFiledShown(Shown):
    """Of so many `feedbacks` that a step filed under a category people refiled so many, and where most of them went."""

    category: str
    method: CategoryMethod
    feedbacks: int | None
    refiled: int | None
    share: ShareShown | None
    confusions: tuple[ConfusionShown, ...]
    hidden: bool = False


class KeywordFiledShown(Shown):
    """Of so many `feedbacks` that a keyword spoke for people refiled so many."""

    category: str
    keyword: str
    feedbacks: int | None
    refiled: int | None
    share: ShareShown | None
    hidden: bool = False


class FiledRulesShown(SpanShown):
    """Of feedback that began in the span; what was refiled most comes first, and the rest is only counted.

    Of fewer than five feedbacks nothing is said to who may not read that (`hidden`).
    """

    categories: tuple[CategoryFiledShown, ...]
    categories_left_off: int
    keywords: tuple[KeywordFiledShown, ...]
    keywords_left_off: int


@router.post(
    f"{PREFIX}{{name:path}}{_SUFFIX}",
    operation_id="refileEvent",
    summary="Say what a feedback is about; it is filed, owned and counted by that from now on",
    description=_PATH,
    response_model=RefiledShown,
    dependencies=[needs(Permission.ACT), SentAsJson],
    openapi_extra=NAMED,
)
async def refile_event(
    request: Request, body: RefileBody, services: Given, idempotency_key: IdempotencyKey = None
) -> Response:
    if body.category is None and body.categories:
        raise Problem(Kind.UNKNOWN_CATEGORY, "without a category there are no further ones")
    meant = () if body.category is None else tuple(dict.fromkeys((body.category, *body.categories)))
    if len(meant) > _MOST_NEAR:
        raise Problem(Kind.UNKNOWN_CATEGORY, "a feedback has three categories at most")
    source, event_id, subject = await _found(request, services)
    asked = Refiling(source=source, subject=subject, event_id=event_id, by=body.author, meant=meant, reason=body.reason)
    return await _refile(asked, services, idempotency_key)


@router.delete(
    f"{PREFIX}{{name:path}}{_SUFFIX}",
    operation_id="unfileEvent",
    summary="Take back what was said of a feedback; it is filed by the rules again",
    description=_PATH,
    response_model=RefiledShown,
    openapi_extra=NAMED,
    dependencies=[needs(Permission.ACT)],
)
async def unfile_event(
    request: Request,
    query: Annotated[TakeBackQuery, Query()],
    services: Given,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    source, event_id, subject = await _found(request, services)
    asked = Refiling(source=source, subject=subject, event_id=event_id, by=query.author, meant=None)
    return await _refile(asked, services, idempotency_key)


@router.get(
    "/v1/corrections",
    operation_id="listCorrections",
    summary="List what people said that feedback is about",
    dependencies=[needs(Permission.LEAD, everywhere=True, verbatims=True)],
)
async def list_corrections(query: Annotated[CorrectionsQuery, Query()], services: Given) -> CorrectionsShown:
    wanted = CorrectionsWanted(since=query.since, until=query.until, category=query.category, method=query.method)
    page = await services.desk.corrections(wanted, _places.read(query.cursor), query.limit)
    return CorrectionsShown(
        corrections=tuple(show_correction(one) for one in page),
        next=_places.next(page, query.limit, correction_place),
    )


@router.get(
    "/v1/rules/corrections",
    operation_id="readRulesCorrections",
    summary="Read which categories, steps and keywords people had to correct most",
    description="Of feedback that began in the last days. Nothing is applied: a person mends the playbook.",
    dependencies=[needs(Permission.LEAD, everywhere=True)],
)
async def read_rules_corrections(
    query: Annotated[SpanQuery, Query()], asker: Asker, services: Given
) -> FiledRulesShown:
    span, rules = await asked_span(query, services), await services.rules()
    filings = await services.desk.filings(span.since, span.until)
    categories, keywords = filed_by_category(filings, rules.renamed), filed_by_keyword(filings, rules.renamed)
    return FiledRulesShown(
        since=span.since,
        until=span.until,
        playbook=rules.digest,
        categories=tuple(_category(one, asker) for one in categories[:MOST_FILED]),
        categories_left_off=max(0, len(categories) - MOST_FILED),
        keywords=tuple(_keyword(one, asker) for one in keywords[:MOST_FILED]),
        keywords_left_off=max(0, len(keywords) - MOST_FILED),
    )


async def _found(request: Request, services: Services) -> tuple[str, str, str]:
    """Return source, id and subject of the event that the path names.

    Raises:
        Problem: none was accepted, or it is no feedback.
    """
    for source, event_id in identities(request, _SUFFIX):
        row = await services.desk.explanation(source, event_id)
        if row is not None:
            if row.document["verdict"] == Verdict.RECORDED:
                raise _refused(RefilingOutcome.NOT_FEEDBACK)
            return source, event_id, row.document["subject"]
        if await services.desk.admitted(source, event_id):
            raise _refused(RefilingOutcome.SUPERSEDED, "the event has no row: it is no feedback, or a later state held")
    raise Problem(Kind.NOT_FOUND, "no event of this source and id was accepted")


async def _refile(asked: Refiling, services: Services, key: str | None) -> Response:
    said = None if asked.meant is None else list(asked.meant)
    request = fingerprint(orjson.dumps([asked.source, asked.event_id, "refile", said, asked.by, asked.reason]))
    keyed = None if key is None else Keyed(key=key, request=request)

    def answer(done: RefiledNow) -> str:
        if done.correction is None:
            raise ValueError("what is done has a correction")
        return show_refiled(done, done.correction).model_dump_json()

    told = await services.refile(replace(asked, doer=services.doer(asked.by)), keyed, answer)
    match told:
        case Answer():
            if told.request != request:
                raise Problem(Kind.KEY_REUSED, "repeat the first request, or take another key")
            headers = {"Idempotency-Replayed": "true"}
            return Response(told.body, told.status, headers=headers, media_type="application/json")
        case RefiledNow(outcome=RefilingOutcome.DONE):
            return Response(answer(told), HTTPStatus.OK, media_type="application/json")
        case RefiledNow(outcome=RefilingOutcome.UNKNOWN_CATEGORY, known=known):
            raise _unknown(asked.meant or (), known, await services.rules())
        case RefiledNow(outcome=RefilingOutcome.NOT_REFILED):
            raise Problem(Kind.NOT_FOUND, "nobody has said what this feedback is about, or it is taken back")
        case RefiledNow(outcome=outcome):
            raise _refused(outcome)


def _refused(outcome: RefilingOutcome, why: str | None = None) -> Problem:
    return Problem(Kind.NOT_WHAT_HOLDS, why or _WHY_NOT[outcome], {"why": outcome.value})


def _unknown(meant: tuple[str, ...], known: Collection[str], rules: Rules) -> Problem:
    """Name the ids, of those known, whose own names, or labels, are most like what was asked for."""
    taken = {*known, *(old for old, now in rules.renamed.items() if now in known)}
    place, asked = next((place, one) for place, one in enumerate(meant) if one not in taken)
    names: Mapping[str, str] = {
        name.casefold(): one.id
        for one in rules.playbook.taxonomy
        for name in (*one.label.values(), *one.replaces, one.id)
        if one.id in known
    }
    near = dict.fromkeys(names[one] for one in get_close_matches(asked.casefold(), names, 2 * _MOST_NEAR, _NEAR))
    pointer = "/body/category" if place == 0 else "/body/categories"
    detail = f"{pointer} names none of the active playbook's for feedback of its kind"
    return Problem(Kind.UNKNOWN_CATEGORY, detail, {"nearest": list(near)[:_MOST_NEAR]})


def _category(one: CategoryFiled, asker: Principal) -> CategoryFiledShown:
    if asker.hides(one.feedbacks):
        return CategoryFiledShown(**_NO_FIGURES, category=one.category, method=one.method, confusions=(), hidden=True)
    return CategoryFiledShown(
        category=one.category,
        method=one.method,
        feedbacks=one.feedbacks,
        refiled=one.refiled,
        share=show_share(one.share),
        confusions=tuple(ConfusionShown(meant=each.meant, feedbacks=each.feedbacks) for each in one.confusions),
    )


def _keyword(one: KeywordFiled, asker: Principal) -> KeywordFiledShown:
    if asker.hides(one.feedbacks):
        return KeywordFiledShown(**_NO_FIGURES, category=one.category, keyword=one.keyword, hidden=True)
    return KeywordFiledShown(
        category=one.category,
        keyword=one.keyword,
        feedbacks=one.feedbacks,
        refiled=one.refiled,
        share=show_share(one.share),
    )
