"""Consumed records -> what they say: intake, normalise, redact, categorise, weigh; each event on its own.

A body that holds several events gives several results. What can not be read is Rejected here, with stage and reason.
A classifier is asked about many texts at once, so reading has two halves, `take` and `understand`; how records are put
together for it changes nothing.
"""

from collections.abc import Iterable, Sequence
from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

from service.core.categorise import categorise
from service.core.consult import consult
from service.core.contracts.cloudevent import Event, decode
from service.core.contracts.event_type import IncomingType
from service.core.contracts.faults import Fault
from service.core.erase import asked, marks_of_event, marks_of_subject, named_in
from service.core.mapping import CompiledSource, Mapped, Skipped, map_record
from service.core.normalise import Extras, Stepped, normalise
from service.core.pipeline.cleaning import clean_feedback, clean_labels, clean_step
from service.core.pipeline.rules import Rules
from service.core.pseudonym import PseudonymKey, customer_references
from service.core.records.erasing import Erasure
from service.core.records.feedback import (
    Categorised,
    Downtime,
    Feedback,
    FeedbackRead,
    Instance,
    Message,
    Reading,
    Recorded,
    Rejected,
)
from service.core.records.heard import Asked, Heard
from service.core.records.identities import Reference
from service.core.records.steps import Step
from service.core.records.words import Abstained, Change, FeedbackKind, Flag
from service.core.references import canonical
from service.core.taxonomy import on_all_axes
from service.core.text import fold
from service.core.weigh import weigh

# Texts that a classifier is asked about at once.
MOST_ASKED = 500
_SILENT = Heard(abstained=Abstained.NO_TEXT)
_NO_EXTRAS = Extras()


class ReadRecord(Struct, frozen=True, kw_only=True):
    """One event of one message; `item` counts the events of a body from 0.

    `named` are short hashes of whatever a rejected record may name a customer by.
    """

    message: Message
    item: int
    read: Reading | Rejected
    named: tuple[int, ...] = ()


class Taken(Struct, frozen=True, kw_only=True):
    """One event of one message, clean, before anybody has said what it is about and how it sounds."""

    message: Message
    item: int
    said: Feedback | Recorded | Rejected
    instance: Instance | None = None
    downtime: Downtime | None = None
    step: Step | None = None
    references: tuple[Reference, ...] = ()
    event_marks: tuple[str, ...] = ()
    subject_marks: tuple[str, ...] = ()
    erasure: Erasure | None = None
    named: tuple[int, ...] = ()


def read(message: Message, rules: Rules, key: PseudonymKey) -> tuple[ReadRecord, ...]:
    """Read one record of a topic: a source's own payload where the playbook names one for it, else a CloudEvent."""
    return read_taken(take(message, rules, key), rules)


def read_payload(message: Message, source: CompiledSource, rules: Rules, key: PseudonymKey) -> tuple[ReadRecord, ...]:
    """Read a record in the shape of one source, whatever topic it came from."""
    return read_taken(take_payload(message, source, rules, key), rules)


def read_taken(taken: Sequence[Taken], rules: Rules) -> tuple[ReadRecord, ...]:
    """Understand records, however many, in their order."""
    asked = asked_of(taken, rules)
    heard = hear(asked, rules)
    return tuple(understand(one, of, rules) for one, of in zip(taken, answers(asked, heard), strict=True))


def take(message: Message, rules: Rules, key: PseudonymKey) -> tuple[Taken, ...]:
    """Take in one record of a topic: as `read`, up to its clean text."""
    source = rules.topics.get(message.topic)
    if source is not None:
        return take_payload(message, source, rules, key)
    event = decode(message.value, message.headers)
    if isinstance(event, Fault):
        return _findable((Taken(message=message, item=0, said=_rejected(event)),), key)
    return (_taken(event, _NO_EXTRAS, None, message, 0, rules, key),)


def take_payload(message: Message, source: CompiledSource, rules: Rules, key: PseudonymKey) -> tuple[Taken, ...]:
    """Take in a record in the shape of one source, whatever topic it came from."""
    found = map_record(source, message.value or b"", message.received_at)
    return _findable(tuple(_found(one, message, item, rules, key) for item, one in enumerate(found)), key)


def asked_of(taken: Iterable[Taken], rules: Rules) -> list[Asked | Heard | None]:
    """Say for each record what the classifier is asked about it.

    A feedback without a text has its answer at once; None is what no classifier is asked about.
    """
    return [_asked(one.said, rules) for one in taken]


def hear(asked: Iterable[Asked | Heard | None], rules: Rules) -> list[Heard]:
    """Ask the classifier, some hundred texts at a time; it answers those that are asked, in their order."""
    open_ones = [one for one in asked if isinstance(one, Asked)]
    if rules.classifier is None or not open_ones:
        return []
    return [
        heard
        for at in range(0, len(open_ones), MOST_ASKED)
        for heard in rules.classifier.hear(open_ones[at : at + MOST_ASKED])
    ]


def answers(asked: Iterable[Asked | Heard | None], heard: Iterable[Heard]) -> list[Heard | None]:
    """Put every answer in its place."""
    given = iter(heard)
    return [next(given) if isinstance(one, Asked) else one for one in asked]


def understand(taken: Taken, heard: Heard | None, rules: Rules) -> ReadRecord:
    """Say what a record is about and how it sounds; `heard` is what the classifier made of it, if asked."""
    said = taken.said
    if isinstance(said, Rejected):
        return ReadRecord(message=taken.message, item=taken.item, read=said, named=taken.named)
    reading = Reading(
        event_id=said.event_id,
        source=said.source,
        occurred_at=said.occurred_at,
        said=_understood(said, heard, rules) if isinstance(said, Feedback) else said,
        instance=taken.instance,
        downtime=taken.downtime,
        step=taken.step,
        references=taken.references,
        event_marks=taken.event_marks,
        subject_marks=taken.subject_marks,
        erasure=taken.erasure,
    )
    return ReadRecord(message=taken.message, item=taken.item, read=reading)


def _asked(said: Feedback | Recorded | Rejected, rules: Rules) -> Asked | Heard | None:
    if rules.model is None or not isinstance(said, Feedback) or not rules.model.speaks(said.language):
        return None
    return Asked(text=said.text, question=said.question, language=said.language) if said.text else _SILENT


def _findable(taken: tuple[Taken, ...], key: PseudonymKey) -> tuple[Taken, ...]:
    """Let what is rejected be found again when a customer is erased that it may name."""
    if not any(isinstance(one.said, Rejected) for one in taken):
        return taken
    named = named_in(taken[0].message.key, taken[0].message.value, key)
    return tuple(replace(one, named=named) if isinstance(one.said, Rejected) else one for one in taken)


def _found(one: Mapped | Skipped | Fault, message: Message, item: int, rules: Rules, key: PseudonymKey) -> Taken:
    match one:
        case Fault():
            return Taken(message=message, item=item, said=_rejected(one))
        case Skipped(event_id=event_id, source=source, occurred_at=at):
            said = Recorded(
                event_id=event_id, source=source, event_type=IncomingType.PROCESS_INSTANCE.value, occurred_at=at
            )
            return Taken(message=message, item=item, said=said)
        case Mapped():
            return _mapped(one, message, item, rules, key)
        case _:
            assert_never(one)


def _mapped(mapped: Mapped, message: Message, item: int, rules: Rules, key: PseudonymKey) -> Taken:
    recorded = Flag.NOT_CUSTOMER_TEXT in mapped.flags
    extras = Extras(attributes=mapped.attributes, flags=mapped.flags, recorded=recorded)
    return _taken(mapped.event, extras, mapped.instance, message, item, rules, key)


def _taken(
    event: Event,
    extras: Extras,
    instance: Instance | None,
    message: Message,
    item: int,
    rules: Rules,
    key: PseudonymKey,
) -> Taken:
    said = normalise(event, message.received_at, key, rules.aliases, extras)
    told: Feedback | Recorded
    match said:
        case Stepped() | Downtime():
            told = Recorded(event_id=event.id, source=event.source, event_type=event.type.value, occurred_at=event.time)
        case Recorded():
            told = said
        case Feedback():
            told = clean_feedback(said, rules)
            if instance is not None:
                instance = _case(instance, said)
        case _:
            assert_never(said)
    return Taken(
        message=message,
        item=item,
        said=told,
        instance=_referred(said.instance if isinstance(said, Stepped) else instance, rules),
        downtime=said if isinstance(said, Downtime) else None,
        step=clean_step(said.step, rules) if isinstance(said, Stepped) else None,
        references=customer_references(event, key) if rules.identity is not None else (),
        event_marks=marks_of_event(key, event.source, event.id),
        subject_marks=marks_of_subject(key, event.source, event.subject) if isinstance(told, Feedback) else (),
        erasure=asked(event, key),
    )


def _referred(instance: Instance | None, rules: Rules) -> Instance | None:
    """Give an instance the numbers by which texts may refer to it."""
    if instance is None:
        return None
    forms = rules.numbers_of(instance.process)
    found = (canonical(name, forms) for name in (instance.instance_id, *instance.keys))
    return replace(instance, references=tuple(sorted({one for one in found if one is not None})))


def _case(instance: Instance, said: Feedback) -> Instance:
    """An instance has the tier of its customer, and a ticket that is done or gone ends its own."""
    over = said.kind is FeedbackKind.TICKET and (said.done or said.change is Change.WITHDRAW)
    ended_at = instance.ended_at or (said.occurred_at if over else None)
    return replace(instance, tier=said.tier, ended_at=ended_at)


def _understood(feedback: Feedback, heard: Heard | None, rules: Rules) -> FeedbackRead:
    """Say what a clean feedback is about and how it sounds; labels are compared as they came, and kept redacted."""
    folded = fold(feedback.text)
    categorised = _named(feedback, folded, rules)
    if rules.tags and rules.tags.intersection(map(fold, feedback.labels)):
        feedback = replace(feedback, flags=(*feedback.flags, Flag.FRONTLINE_TAG))
    return FeedbackRead(
        feedback=clean_labels(feedback, rules),
        categorised=categorised if rules.model is None else consult(categorised, heard, rules.model, feedback.kind),
        signals=weigh(feedback, rules.words, rules.playbook.severity, heard, folded),
    )


def _named(feedback: Feedback, folded: str, rules: Rules) -> Categorised:
    said = (feedback.labels, feedback.text, feedback.language, feedback.source, feedback.kind, folded)
    return on_all_axes(categorise(rules.keywords, *said), rules.axes, *said)


def _rejected(fault: Fault) -> Rejected:
    return Rejected(stage=fault.stage, reason=fault.reason.value, detail=fault.detail)
