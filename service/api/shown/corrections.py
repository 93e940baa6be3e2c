"""Corrections -> the JSON of what a person said, and of what the feedback is filed under by that."""

from service.api.shown.answer import Shown, Utc
from service.core.pipeline.refiling import RefiledNow
from service.core.records.corrections import Correction
from service.core.records.decisions import Contribution
from service.core.records.words import CategoryMethod, FeedbackKind, Severity


class GivenShown(Shown):
    """What the ladder had made of it; `model` is the digest of the classifier where that had decided."""

    category: str
    categories: tuple[str, ...]
    method: CategoryMethod
    confidence: float
    model: str | None


class CorrectionShown(Shown):
    """What a person said that a feedback is about: `category` null says that it is about none of the taxonomy's.

    `part` is empty for the state of a response or ticket, else the id of the remark on it. `number` counts what was
    said of that part. It stands until `ended_at`, when somebody said otherwise or took it back.
    """

    source: str
    subject: str
    part: str
    number: int
    event_id: str
    kind: FeedbackKind
    language: str
    question: str
    text: str
    given: GivenShown
    category: str | None
    categories: tuple[str, ...]
    author: str
    reason: str | None
    at: Utc
    ended_by: str | None
    ended_at: Utc | None


class FiledShown(Shown):
    """What the feedback is filed under now, and whose it is; `revision` is that of `feedback.classified`."""

    event_id: str
    revision: int
    category: str
    categories: tuple[str, ...]
    category_method: CategoryMethod
    category_confidence: float
    process: str
    severity: Severity
    team: str
    route: str


class RefiledShown(Shown):
    """The correction, and the feedback by it; that is null where the feedback it is of does not hold any more."""

    correction: CorrectionShown
    filed: FiledShown | None


def show_correction(one: Correction) -> CorrectionShown:
    given = one.given
    return CorrectionShown(
        source=one.key.source,
        subject=one.key.subject,
        part=one.key.part,
        number=one.number,
        event_id=one.event_id,
        kind=one.kind,
        language=one.language,
        question=one.question,
        text=one.text,
        given=GivenShown(
            category=given.category,
            categories=given.categories,
            method=given.method,
            confidence=given.confidence,
            model=one.model,
        ),
        category=one.meant[0] if one.meant else None,
        categories=one.meant,
        author=one.author,
        reason=one.reason,
        at=one.at,
        ended_by=one.ended_by,
        ended_at=one.ended_at,
    )


def show_refiled(done: RefiledNow, correction: Correction) -> RefiledShown:
    filed = None if done.contribution is None else _filed(done.contribution)
    return RefiledShown(correction=show_correction(correction), filed=filed)


def _filed(one: Contribution) -> FiledShown:
    return FiledShown(
        event_id=one.feedback.event_id,
        revision=one.versions,
        category=one.categorised.category,
        categories=one.categorised.categories,
        category_method=one.categorised.method,
        category_confidence=one.categorised.confidence,
        process=one.process,
        severity=one.assessed.severity,
        team=one.routed.owner.team,
        route=one.routed.owner.route,
    )
