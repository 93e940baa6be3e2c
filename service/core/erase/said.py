"""What a person said, as it counts and as others filed it -> the same with tokens, and without a word of it."""

from msgspec.structs import replace

from service.core.erase.told import Told, cleaned
from service.core.records.corrections import Correction
from service.core.records.decisions import Contribution, PartKey
from service.core.records.feedback import Categorised, Keys


def erased_key(part: PartKey, told: Told) -> PartKey:
    return PartKey(part.source, told.subjects[part.subject], told.events.get(part.part, part.part))


def erased_contribution(one: Contribution, told: Told) -> Contribution:
    """Keep what it counts for, and nothing that the person said or can be told by."""
    said, settled = one.feedback, one.settled_by
    feedback = replace(
        said,
        event_id=told.events[said.event_id],
        subject=told.subjects[said.subject],
        customer=told.refs.get(said.customer, said.customer),
        text="",
        question="",
        keys=Keys(),
        labels=(),
        attributes={},
    )
    if settled is not None:
        settled = replace(
            settled,
            subject=told.subjects.get(settled.subject, settled.subject),
            event_id=told.events.get(settled.event_id, settled.event_id),
        )
    refiled = one.refiled
    if refiled is not None:
        part = told.events.get(refiled.part, refiled.part)
        refiled = replace(refiled, categorised=_unquoted(refiled.categorised), part=part)
    owner, *copies = (
        replace(each, fields=cleaned(each.fields, told)) for each in (one.routed.owner, *one.routed.copies)
    )
    return replace(
        one,
        key=erased_key(one.key, told),
        feedback=feedback,
        categorised=_unquoted(one.categorised),
        signals=replace(one.signals, hot=()),
        routed=replace(one.routed, owner=owner, copies=tuple(copies)),
        settled_by=settled,
        refiled=refiled,
    )


def _unquoted(one: Categorised) -> Categorised:
    """Take out the words that decided."""
    said = None if one.model is None else replace(one.model, matched=())
    return replace(one, matched=(), model=said)


def erased_correction(one: Correction, told: Told) -> Correction:
    """Keep what was meant in place of what, and nothing that the person said or can be told by."""
    return replace(
        one,
        key=erased_key(one.key, told),
        event_id=told.events.get(one.event_id, one.event_id),
        customer=told.refs.get(one.customer, one.customer),
        text="",
        question="",
        given=replace(one.given, matched=()),
        reason=None,
    )
