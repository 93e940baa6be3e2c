"""A consumed record -> what it says: intake, normalise, redact, categorise, weigh; each event on its own.

A body that holds several events gives several results. What can not be read is Rejected here, with stage and reason.
"""

from dataclasses import dataclass, replace
from typing import assert_never

from service.core.categorise import categorise
from service.core.contracts.cloudevent import Event, decode
from service.core.contracts.event_type import IncomingType
from service.core.contracts.faults import Fault
from service.core.mapping import CompiledSource, Mapped, Skipped, map_record
from service.core.normalise import Extras, Stepped, normalise
from service.core.pipeline.rules import Rules
from service.core.pseudonym import PseudonymKey, customer_references
from service.core.records.feedback import (
    Downtime,
    Feedback,
    FeedbackRead,
    Instance,
    Message,
    Reading,
    Recorded,
    Rejected,
)
from service.core.records.steps import Step
from service.core.records.words import Change, FeedbackKind, Flag
from service.core.redact import redact
from service.core.references import canonical, references
from service.core.text import shorten, visible
from service.core.weigh import weigh

MOST_CHARACTERS = 10_000
# What lies behind is not even redacted: a megabyte of digits would hold up a whole batch, and nobody reads that far.
MOST_REDACTED = 2 * MOST_CHARACTERS


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRecord:
    """One event of one message; `item` counts the events of a body from 0."""

    message: Message
    item: int
    read: Reading | Rejected


def read(message: Message, rules: Rules, key: PseudonymKey) -> tuple[ReadRecord, ...]:
    """Read one record of a topic: a source's own payload where the playbook names one for it, else a CloudEvent."""
    source = rules.topics.get(message.topic)
    if source is not None:
        return read_payload(message, source, rules, key)
    event = decode(message.value, message.headers)
    said = _rejected(event) if isinstance(event, Fault) else _reading(event, Extras(), None, message, rules, key)
    return (ReadRecord(message=message, item=0, read=said),)


def read_payload(message: Message, source: CompiledSource, rules: Rules, key: PseudonymKey) -> tuple[ReadRecord, ...]:
    """Read a record in the shape of one source, whatever topic it came from."""
    found = map_record(source, message.value or b"", message.received_at)
    return tuple(
        ReadRecord(
            message=message,
            item=item,
            read=_found(one, message, rules, key),
        )
        for item, one in enumerate(found)
    )


def _found(one: Mapped | Skipped | Fault, message: Message, rules: Rules, key: PseudonymKey) -> Reading | Rejected:
    match one:
        case Fault():
            return _rejected(one)
        case Skipped(event_id=event_id, source=source, occurred_at=at):
            said = Recorded(
                event_id=event_id, source=source, event_type=IncomingType.PROCESS_INSTANCE.value, occurred_at=at
            )
            return Reading(event_id=event_id, source=source, occurred_at=at, said=said)
        case Mapped():
            return _mapped(one, message, rules, key)
        case _:
            assert_never(one)


def _mapped(mapped: Mapped, message: Message, rules: Rules, key: PseudonymKey) -> Reading:
    recorded = Flag.NOT_CUSTOMER_TEXT in mapped.flags
    extras = Extras(attributes=mapped.attributes, flags=mapped.flags, recorded=recorded)
    return _reading(mapped.event, extras, mapped.instance, message, rules, key)


def _reading(
    event: Event, extras: Extras, instance: Instance | None, message: Message, rules: Rules, key: PseudonymKey
) -> Reading:
    said = normalise(event, message.received_at, key, rules.aliases, extras)
    told: FeedbackRead | Recorded
    match said:
        case Stepped() | Downtime():
            told = Recorded(event_id=event.id, source=event.source, event_type=event.type.value, occurred_at=event.time)
        case Recorded():
            told = said
        case Feedback():
            told = _understood(said, rules)
            if instance is not None:
                instance = _case(instance, said)
        case _:
            assert_never(said)
    return Reading(
        event_id=event.id,
        source=event.source,
        occurred_at=event.time,
        said=told,
        instance=_referred(said.instance if isinstance(said, Stepped) else instance, rules),
        downtime=said if isinstance(said, Downtime) else None,
        step=_clean(said.step, rules) if isinstance(said, Stepped) else None,
        references=customer_references(event, key) if rules.identity is not None else (),
    )


def _referred(instance: Instance | None, rules: Rules) -> Instance | None:
    """Give an instance the numbers by which texts may refer to it."""
    if instance is None:
        return None
    forms = rules.numbers_of(instance.process)
    found = (canonical(name, forms) for name in (instance.instance_id, *instance.keys))
    return replace(instance, references=tuple(sorted({one for one in found if one is not None})))


def _clean(step: Step, rules: Rules) -> Step:
    """Redact what an engine hands on of its variables: people may have written into them."""
    region = rules.playbook.privacy.phone_region
    cleaned = {
        name: redact(visible(value), region).text if isinstance(value, str) else value
        for name, value in step.attributes.items()
    }
    return replace(step, attributes=cleaned) if cleaned != step.attributes else step


def _case(instance: Instance, said: Feedback) -> Instance:
    """An instance has the tier of its customer, and a ticket that is done or gone ends its own."""
    over = said.kind is FeedbackKind.TICKET and (said.done or said.change is Change.WITHDRAW)
    ended_at = instance.ended_at or (said.occurred_at if over else None)
    return replace(instance, tier=said.tier, ended_at=ended_at)


def _understood(feedback: Feedback, rules: Rules) -> FeedbackRead:
    """Clean the text before anything else sees it, then say what it is about and how it sounds."""
    text = visible(feedback.text)
    flags, keys = feedback.flags, feedback.keys
    if text:
        begun = shorten(text, MOST_REDACTED)
        named = references(begun, rules.forms)
        keys = replace(keys, references=named.exact, loose=named.loose)
        redacted = redact(begun, rules.playbook.privacy.phone_region)
        is_cut = len(begun) < len(text) or len(redacted.text) > MOST_CHARACTERS
        text = shorten(redacted.text, MOST_CHARACTERS)
        if redacted.classes:
            flags += (Flag.TEXT_REDACTED,)
        if is_cut and Flag.TEXT_CUT not in flags:
            flags += (Flag.TEXT_CUT,)
    if (text, flags, keys) != (feedback.text, feedback.flags, feedback.keys):
        feedback = replace(feedback, text=text, flags=flags, keys=keys)
    return FeedbackRead(
        feedback=feedback,
        categorised=categorise(rules.keywords, feedback.labels, text, feedback.language),
        signals=weigh(feedback, rules.words, rules.playbook.severity),
    )


def _rejected(fault: Fault) -> Rejected:
    return Rejected(stage=fault.stage, reason=fault.reason.value, detail=fault.detail)
