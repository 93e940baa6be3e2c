"""A typed event -> Feedback with one shape for every channel, an Instance's step, a Downtime, or a Recorded event.

The customer becomes a pseudonym here. Text is passed on as it came, for `redact` to clean. Nothing is refused: the
contracts have already refused what could not be read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import assert_never

from service.core.contracts.answers import Metric as GivenMetric
from service.core.contracts.answers import Orientation, Scored, Verbatim
from service.core.contracts.cloudevent import Event
from service.core.contracts.employee import EmployeeFeedback
from service.core.contracts.event_type import IncomingType
from service.core.contracts.parties import Correlation, Customer, customer_of
from service.core.contracts.privacy import Erasure
from service.core.contracts.process import ProcessDowntime, ProcessInstance
from service.core.contracts.survey import ResponseState, SurveyKind, SurveyResponse
from service.core.contracts.ticket import AuthorRole, Ticket, TicketStatus
from service.core.identity import canonical, fingerprint
from service.core.pseudonym import PseudonymKey, of_team, pseudonym_of
from service.core.records.feedback import Downtime, Feedback, Instance, Keys, Metric, Recorded
from service.core.records.steps import Step
from service.core.records.words import ENDS, Change, FeedbackKind, Flag, Lifecycle
from service.core.stepping import happened_at, step_of

_MICROSECONDS = 1_000_000
_ANSWERS = (SurveyResponse, EmployeeFeedback)
_GONE = frozenset({ResponseState.DELETED, ResponseState.DISQUALIFIED})
_DONE = frozenset({TicketStatus.SOLVED, TicketStatus.CLOSED})
_CHANGES = {
    IncomingType.TICKET_CREATED: Change.STATE,
    IncomingType.TICKET_UPDATED: Change.STATE,
    IncomingType.TICKET_STATUS: Change.STATE,
    IncomingType.TICKET_REOPENED: Change.STATE,
    IncomingType.TICKET_COMMENT: Change.REMARK,
    IncomingType.TICKET_CSAT: Change.REMARK,
    IncomingType.TICKET_MERGED: Change.WITHDRAW,
    IncomingType.TICKET_DELETED: Change.WITHDRAW,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stepped:
    """What one event of the process engine says: of the instance, and of the step itself."""

    instance: Instance
    step: Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Extras:
    """What a source's mapping knows of a record beside the event itself."""

    attributes: Mapping[str, str] = field(default_factory=dict)
    flags: tuple[Flag, ...] = ()
    recorded: bool = False


def normalise(
    event: Event, received_at: datetime, key: PseudonymKey, aliases: Mapping[str, str], extras: Extras
) -> Feedback | Recorded | Stepped | Downtime:
    """Bring one event into the common shape; `aliases` gives the playbook's process id for each name of a process."""
    data = event.data
    if isinstance(data, _ANSWERS):
        return _of_answers(event, data, received_at, key, aliases, extras)
    if isinstance(data, Ticket):
        return _of_ticket(event, data, received_at, key, aliases, extras)
    match data:
        case ProcessInstance():
            process = aliases.get(data.process.casefold(), data.process)
            return Stepped(instance=_of_instance(event, data, process, key), step=step_of(event, data, process))
        case ProcessDowntime():
            return _of_downtime(event, data, aliases)
        case Erasure():
            return Recorded(event_id=event.id, source=event.source, event_type=event.type.value, occurred_at=event.time)
        case _:
            assert_never(data)


def _of_answers(
    event: Event,
    data: SurveyResponse | EmployeeFeedback,
    received_at: datetime,
    key: PseudonymKey,
    aliases: Mapping[str, str],
    extras: Extras,
) -> Feedback:
    """Take what was answered; an employee's feedback has no author, so that its team stands for a customer."""
    survey, employee = (data, None) if isinstance(data, SurveyResponse) else (None, data)
    customer = survey.customer if survey else None
    process = _process(data.correlation, aliases)
    change = Change.WITHDRAW if data.state in _GONE else Change.STATE
    return Feedback(
        event_id=event.id,
        source=event.source,
        subject=event.subject,
        revision=_revision(data.revision, event.time),
        occurred_at=event.time,
        received_at=received_at,
        kind=FeedbackKind.SURVEY if survey else FeedbackKind.EMPLOYEE,
        change=Change.NONE if extras.recorded else change,
        event_type=event.type.value,
        text="\n".join([one.text for one in data.verbatims if one.text.strip()]),
        question=_question(data.verbatims),
        language=_language(next((one.language for one in data.verbatims if one.language), None)),
        channel=data.channel,
        metrics=tuple([_metric(metric) for metric in data.metrics]),
        labels=data.source_labels,
        customer=of_team(employee.team) if employee and employee.team else pseudonym_of(customer, event, key),
        tier=customer.tier if customer else None,
        region=employee.region if employee else customer.region if customer else None,
        segment=customer.segment if customer else None,
        process=process,
        keys=_keys(data.correlation, process),
        survey=survey.survey_id if survey else None,
        relationship=survey is not None and survey.survey_kind is SurveyKind.RELATIONSHIP,
        touchpoint=data.correlation.touchpoint if data.correlation else None,
        group=employee.team if employee else None,
        attributes=extras.attributes,
        flags=_flags(customer, extras),
    )


def _of_ticket(
    event: Event, data: Ticket, received_at: datetime, key: PseudonymKey, aliases: Mapping[str, str], extras: Extras
) -> Feedback:
    customer, change = data.customer, _CHANGES[event.type]
    process = _process(data.correlation, aliases)
    merged_into = data.merged_into if event.type is IncomingType.TICKET_MERGED else None
    if data.status is TicketStatus.DELETED:
        change = Change.WITHDRAW
    flags = _flags(customer, extras)
    by_customer = data.comment_author_role in (None, AuthorRole.CUSTOMER) and data.is_public is not False
    if event.type is IncomingType.TICKET_COMMENT:
        by_customer = data.comment_author_role is AuthorRole.CUSTOMER and data.is_public is not False
        change = change if by_customer else Change.NONE
    if not by_customer:
        flags = (*flags, Flag.NOT_CUSTOMER_TEXT)
    text = "\n".join(part for part in (data.subject, data.body) if part) if by_customer else ""
    metrics: tuple[Metric, ...] = ()
    if event.type is IncomingType.TICKET_CSAT and data.csat is not None:
        text, metrics = data.csat.comment or "", (_scored("csat", data.csat),)
    return Feedback(
        event_id=event.id,
        source=event.source,
        subject=event.subject,
        revision=_revision(data.revision, event.time),
        occurred_at=event.time,
        received_at=received_at,
        kind=FeedbackKind.TICKET,
        change=Change.NONE if extras.recorded else change,
        event_type=event.type.value,
        text=text,
        language=_language(data.language),
        channel=data.channel,
        metrics=metrics,
        labels=data.source_labels,
        customer=pseudonym_of(customer, event, key),
        tier=customer.tier if customer else None,
        region=customer.region if customer else None,
        segment=customer.segment if customer else None,
        process=process,
        keys=_keys(data.correlation, process, data.ticket_number or data.ticket_id, merged_into),
        touchpoint=data.correlation.touchpoint if data.correlation else None,
        group=data.group_ref,
        priority=data.priority.value if data.priority else None,
        status=_status(event, data),
        done=data.status in _DONE,
        sla_breached=bool(data.sla and data.sla.breached),
        reopen_count=data.reopen_count or 0,
        attributes=extras.attributes,
        flags=flags,
    )


def _status(event: Event, data: Ticket) -> str | None:
    """Take the status; what only says that the ticket was reopened says that it is open."""
    if data.status is None and event.type is IncomingType.TICKET_REOPENED:
        return TicketStatus.OPEN.value
    return data.status.value if data.status else None


def _of_instance(event: Event, data: ProcessInstance, process: str, key: PseudonymKey) -> Instance:
    """Take what happened by when it happened, and nothing of that from a step that never was."""
    whole = data.activity is None
    ended = whole and data.lifecycle in ENDS
    keys = data.keys.values() if isinstance(data.keys, Mapping) else data.keys
    happened = None if data.withdrawn else happened_at(event, data)
    return Instance(
        instance_id=data.instance,
        process=process,
        started_at=happened if not ended else None,
        ended_at=happened if ended else None,
        completed_at=happened if whole and data.lifecycle is Lifecycle.COMPLETE else None,
        keys=tuple(sorted(set(keys))),
        customer=key.pseudonym(customer_of(data.customer).ref) if data.customer is not None else None,
        tier=data.tier,
        region=data.region,
        version=data.version,
        updated_at=event.time,
        begun_at=happened if whole and data.lifecycle is Lifecycle.START else None,
    )


def _of_downtime(event: Event, data: ProcessDowntime, aliases: Mapping[str, str]) -> Downtime:
    """Take it as its source names it, else by what it is of: process, region and start."""
    process = aliases.get(data.process.casefold(), data.process)
    parts = [process, data.region, data.started_at.astimezone(UTC).isoformat()]
    return Downtime(
        source=event.source,
        downtime_id=data.downtime_id or f"unnamed:{fingerprint(canonical(parts))[:32]}",
        process=process,
        region=data.region,
        started_at=data.started_at,
        ended_at=data.ended_at,
        planned=data.planned,
        occurred_at=event.time,
        event_id=event.id,
    )


def _revision(given: int | None, time: datetime) -> int:
    """Without a revision of its own a state is ordered by its time, in microseconds since 1970."""
    return given if given is not None else round(time.timestamp() * _MICROSECONDS)


def _question(verbatims: Sequence[Verbatim]) -> str:
    """Join the questions that were answered in words, each once."""
    if not verbatims:
        return ""
    asked = dict.fromkeys(one.question.strip() for one in verbatims if one.question and one.text.strip())
    return "\n".join(filter(None, asked))


def _language(tag: str | None) -> str:
    return tag.replace("_", "-").partition("-")[0].lower()[:8] if tag and tag.strip() else "und"


def _metric(given: GivenMetric) -> Metric:
    return _scored(given.kind.value, given)


def _scored(kind: str, given: Scored) -> Metric:
    return Metric(
        kind=kind,
        raw=given.raw,
        scale_min=given.scale_min,
        scale_max=given.scale_max,
        higher_is_better=given.orientation is Orientation.HIGHER_BETTER,
    )


def _process(correlation: Correlation | None, aliases: Mapping[str, str]) -> str | None:
    named = correlation.process if correlation else None
    return aliases.get(named.casefold()) if named else None


def _keys(
    correlation: Correlation | None, process: str | None, ticket: str | None = None, merged_into: str | None = None
) -> Keys:
    if correlation is None:
        return Keys(ticket=ticket, merged_into=merged_into, is_own=ticket is not None)
    return Keys(
        instance=correlation.process_instance_key,
        business_key=correlation.business_key,
        business_within=process if correlation.business_key is not None else None,
        ticket=correlation.ticket_ref or ticket,
        order=correlation.order_ref,
        order_within=process if correlation.order_ref is not None else None,
        merged_into=merged_into,
        is_own=correlation.ticket_ref is None and ticket is not None,
    )


def _flags(customer: Customer | None, extras: Extras) -> tuple[Flag, ...]:
    return extras.flags if customer is not None else (Flag.ANONYMOUS, *extras.flags)
