"""The closed lists of CloudEvents types that come in and go out."""

from enum import StrEnum

from service.core.records.words.word import Word


class IncomingType(Word):
    """What an upstream tool may publish."""

    SURVEY_RESPONSE = "feedback.survey.response.v1"
    TICKET_CREATED = "feedback.ticket.created.v1"
    TICKET_UPDATED = "feedback.ticket.updated.v1"
    TICKET_COMMENT = "feedback.ticket.comment.v1"
    TICKET_STATUS = "feedback.ticket.status.v1"
    TICKET_CSAT = "feedback.ticket.csat.v1"
    TICKET_REOPENED = "feedback.ticket.reopened.v1"
    TICKET_MERGED = "feedback.ticket.merged.v1"
    TICKET_DELETED = "feedback.ticket.deleted.v1"
    EMPLOYEE = "feedback.employee.v1"
    PROCESS_INSTANCE = "process.instance.v1"
    PROCESS_DOWNTIME = "process.downtime.v1"
    ERASURE = "privacy.erasure.v1"


class OutgoingType(StrEnum):
    """What the service publishes."""

    NOTICE = "feedback.notice.v1"
    DIGEST = "feedback.digest.v1"
    CLASSIFIED = "feedback.classified.v1"
    REVIEW_LOCAL_OPENED = "review.local.opened.v1"
    REVIEW_LOCAL_CLOSED = "review.local.closed.v1"
    REVIEW_FORMAL_OPENED = "review.formal.opened.v1"
    REVIEW_FORMAL_CLOSED = "review.formal.closed.v1"
    DEAD_LETTER = "feedback.deadletter.v1"
    RECEIPT = "privacy.receipt.v1"
    OUTCOME = "feedback.outcome.v1"
    ANSWERED = "feedback.answered.v1"
