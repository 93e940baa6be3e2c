"""Records -> rows, as the statements that write them take them."""

from datetime import datetime

from service.adapters.postgres.documents import ALERTS, CONTRIBUTIONS, NOTICES, write_books, write_json
from service.core.outreach import due
from service.core.recontact import is_contact
from service.core.records.alerts import Alert, Member, Notice
from service.core.records.decisions import Contribution, PartKey, Subject
from service.core.records.facts import FeedbackRow, ReviewRow, measure_of
from service.core.records.words import FeedbackKind, Flag, Severity
from service.ports import Consumed, DeadLetter


def in_order(key: PartKey) -> tuple[str, str, str]:
    """Give a key as a tuple, which sorts ten times as fast."""
    return (key.source, key.subject, key.part)


def subject_row(name: tuple[str, str], one: Subject | None) -> tuple[object, ...]:
    """Return a row of a subject, of which nothing is known where there is none."""
    if one is None:
        return (*name, None, None, None, None, None)
    return (*name, one.revision, one.occurred_at, one.event_id, one.began_at, one.withdrawn)


def contribution_row(one: Contribution) -> tuple[object, ...]:
    key, feedback, assessed = one.key, one.feedback, one.assessed
    # fmt: off
    return (
        key.source, key.subject, key.part,
        feedback.customer, one.began_at, one.process, one.categorised.category, feedback.region, assessed.negative,
        assessed.severity is Severity.CRITICAL, feedback.kind is FeedbackKind.SURVEY, assessed.points,
        assessed.negative and not one.is_done, one.done_at, one.reopened, is_contact(one),
        feedback.kind is FeedbackKind.EMPLOYEE, Flag.FRONTLINE_TAG in feedback.flags, one.link.instance_id,
        CONTRIBUTIONS.write(one),
    )
    # fmt: on


def member_row(one: Member) -> tuple[object, ...]:
    return (
        *(*in_order(one.key), one.alert_id, one.alert_key, one.copy, one.event_id, one.customer),
        *(one.instance_id, one.severity.value, one.score, one.done, one.team),
    )


def alert_row(alert: Alert) -> tuple[object, ...]:
    return (
        *(alert.alert_id, alert.alert_key, alert.episode, alert.kind.value),
        alert.level.value if alert.level is not None else None,
        *(alert.state.value, alert.team, alert.route, alert.severity.value, alert.process, alert.category),
        *(alert.region, alert.severity.rank),
        *(alert.events, alert.customers, alert.revision, alert.opened_at, alert.first_seen, alert.last_seen),
        *(alert.resolved_at, alert.due_at, alert.acked_until, alert.acted_at, alert.on_agenda),
        *(alert.held_by, None if alert.disposed is None else alert.disposed.disposition.value),
        *(alert.handled_at is not None, due(alert) is not None, ALERTS.write(alert)),
    )


def feedback_row(row: FeedbackRow, digest: str) -> tuple[object, ...]:
    document = row.document
    return (
        *(row.source, row.event_id, row.received_at, datetime.fromisoformat(document["occurred_at"])),
        *(document["revision"], row.version, document["subject"], digest),
        *(write_json(document), write_json(row.explanation)),
    )


def patch_row(row: FeedbackRow, digest: str) -> tuple[object, ...]:
    written = (write_json(row.document), write_json(row.explanation))
    return (row.source, row.event_id, row.received_at, row.version, digest, *written)


def notice_row(notice: Notice) -> tuple[object, ...]:
    alert = notice.alert
    return (
        *(alert.alert_id, notice.revision, notice.at, notice.team, notice.reason.value, alert.severity.value),
        NOTICES.write(notice),
    )


def review_row(row: ReviewRow) -> tuple[object, ...]:
    cell = row.document["cell"]
    region = cell["region"] or ""
    return (
        *(row.ends_at, cell["process"], cell["category"], region, measure_of(row.document).value),
        *(row.alert_id, write_json(row.document)),
    )


def letter_row(letter: DeadLetter) -> tuple[object, ...]:
    rejected = letter.rejected
    return (
        *(letter.topic, letter.partition, letter.offset, letter.item),
        *(rejected.stage.value, rejected.reason, rejected.detail),
        *(letter.sha256, letter.length, letter.key, letter.payload, letter.at, write_json(letter.named)),
    )


def batch_row(one: Consumed) -> tuple[object, ...]:
    key = one.key
    place = (key.cluster, key.group, key.topic, key.partition)
    return (*place, one.first_offset, one.next_offset, write_books(one.books))
