"""Readings and loaded rows -> what each record changes: assess, link, route; no alert is touched yet.

A subject's state holds by the highest (revision, time, id). What a partial state leaves out stays as the held one said.
A contribution that changes makes the later contacts of its customer in the same category to be assessed again.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from service.core.assess import assess, contacts
from service.core.link import carried, link, steps
from service.core.pipeline.rules import Rules
from service.core.records.decisions import Contribution, Link, PartKey, Subject
from service.core.records.facts import Facts, Needs
from service.core.records.feedback import Categorised, Feedback, FeedbackRead, Instance, Reading, Recorded, Rejected
from service.core.records.words import Change, Flag, LinkStatus, Outcome
from service.core.route import route

UNASSIGNED = "unassigned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One consumed record, or one of several that a body held, and the `now` that it is decided at."""

    position: int
    read: Reading | Rejected
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """One contribution as it is after a record; None says that it is withdrawn. `own` marks the record's own."""

    key: PartKey
    contribution: Contribution | None
    own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What became of one entry, and which contributions it moved, its own first."""

    entry: Entry
    outcome: Outcome
    feedback: Feedback | None = None
    moved: tuple[Moved, ...] = ()


def needs(readings: Iterable[Reading | Rejected], rules: Rules) -> Needs:
    """Name the rows that deciding these readings takes."""
    accepted = [reading for reading in readings if isinstance(reading, Reading)]
    keys: set[str] = set()
    subjects: set[tuple[str, str]] = set()
    spans: dict[str, tuple[datetime, datetime]] = {}
    reach = _window(rules)
    times = [reading.occurred_at for reading in accepted]
    for reading in accepted:
        if reading.instance is not None:
            keys.update(carried(reading.instance))
        if isinstance(reading.said, FeedbackRead):
            feedback = reading.said.feedback
            subjects.add((feedback.source, feedback.subject))
            keys.update(key for _, key in steps(feedback))
            low, high = spans.get(feedback.customer, (feedback.occurred_at, feedback.occurred_at))
            spans[feedback.customer] = (min(low, feedback.occurred_at), max(high, feedback.occurred_at))
    return Needs(
        identities=tuple(sorted({(reading.source, reading.event_id) for reading in accepted})),
        link_keys=tuple(sorted(keys)),
        subjects=tuple(sorted(subjects)),
        customers={name: (low - reach, high + reach) for name, (low, high) in sorted(spans.items())},
        span=(min(times) - reach, max(times) + reach) if times else None,
        reach=reach,
    )


def judge(entries: Sequence[Entry], admitted: Collection[tuple[str, str]], facts: Facts, rules: Rules) -> list[Judged]:
    """Fold the entries in order; `admitted` holds the identities that nobody has used before."""
    fresh = set(admitted)
    judged: list[Judged] = []
    for entry in entries:
        if isinstance(entry.read, Rejected):
            judged.append(Judged(entry=entry, outcome=Outcome.REJECTED))
            continue
        identity = (entry.read.source, entry.read.event_id)
        if identity not in fresh:
            judged.append(Judged(entry=entry, outcome=Outcome.DUPLICATE))
            continue
        fresh.remove(identity)
        if entry.read.instance is not None:
            register(facts, entry.read.instance)
        judged.append(_judge_one(entry, entry.read, facts, rules))
    return judged


def register(facts: Facts, instance: Instance) -> None:
    """Fold what one event says of an instance into what is known: the earliest start, the latest end, every key."""
    known = facts.instances.get(instance.instance_id)
    if known is not None:
        newer, older = (instance, known) if instance.updated_at >= known.updated_at else (known, instance)
        starts = [at for at in (known.started_at, instance.started_at) if at is not None]
        ends = [at for at in (known.ended_at, instance.ended_at) if at is not None]
        instance = Instance(
            instance_id=known.instance_id,
            process=newer.process,
            started_at=min(starts, default=None),
            ended_at=max(ends, default=None),
            keys=tuple(sorted({*known.keys, *instance.keys})),
            customer=newer.customer or older.customer,
            tier=newer.tier or older.tier,
            version=newer.version or older.version,
            updated_at=newer.updated_at,
        )
    facts.instances.put(instance.instance_id, instance)
    for key in carried(instance):
        holders = facts.instance_keys.get(key) or frozenset()
        if instance.instance_id not in holders:
            facts.instance_keys.put(key, holders | {instance.instance_id})


def _judge_one(entry: Entry, reading: Reading, facts: Facts, rules: Rules) -> Judged:
    said = reading.said
    if isinstance(said, Recorded):
        return Judged(entry=entry, outcome=Outcome.ACCEPTED)
    feedback = said.feedback
    if feedback.change is Change.NONE:
        return Judged(entry=entry, outcome=Outcome.ACCEPTED, feedback=feedback)
    name = (feedback.source, feedback.subject)
    held = facts.subjects.get(name)
    mine = Subject(
        source=feedback.source,
        subject=feedback.subject,
        revision=feedback.revision,
        occurred_at=feedback.occurred_at,
        event_id=feedback.event_id,
        began_at=min(held.began_at, feedback.occurred_at) if held is not None else feedback.occurred_at,
        withdrawn=feedback.change is Change.WITHDRAW,
    )
    outdated = held is not None and held.rank >= mine.rank
    if outdated and (feedback.change is not Change.REMARK or (held is not None and held.withdrawn)):
        return Judged(entry=entry, outcome=Outcome.SUPERSEDED, feedback=feedback)
    if feedback.change is not Change.REMARK:
        facts.subjects.put(name, mine)
    if feedback.change is Change.WITHDRAW:
        moved: list[Moved] = []
        for key in facts.parts_of(*name):
            moved.append(Moved(key=key, contribution=None, own=True))
            moved.extend(_replace(facts, key, None, rules))
        return Judged(entry=entry, outcome=Outcome.ACCEPTED, feedback=feedback, moved=tuple(moved))
    part = feedback.event_id if feedback.change is Change.REMARK else ""
    key = PartKey(*name, part)
    state = facts.contributions.get(PartKey(*name))
    found = link(feedback, lambda name: facts.instance_keys.get(name) or ())
    if state is not None:
        said = _completed(said, state)
        found = (
            state.link if found.status is not LinkStatus.LINKED and state.link.status is LinkStatus.LINKED else found
        )
    began_at = feedback.occurred_at if feedback.change is Change.REMARK else mine.began_at
    contribution = _assessed(key, began_at, said, found, _process(said, found, facts, rules), facts, rules)
    later = _replace(facts, key, contribution, rules)
    return Judged(
        entry=entry,
        outcome=Outcome.ACCEPTED,
        feedback=contribution.feedback,
        moved=(Moved(key=key, contribution=contribution, own=True), *later),
    )


def _completed(said: FeedbackRead, state: Contribution) -> FeedbackRead:
    """Fill what a partial change leaves out with what the subject's state says."""
    new, old = said.feedback, state.feedback
    filled: dict[str, Any] = {
        name: getattr(old, name)
        for name in ("channel", "tier", "region", "segment", "process", "survey", "touchpoint", "group")
        if getattr(new, name) is None
    }
    if Flag.ANONYMOUS in new.flags and Flag.ANONYMOUS not in old.flags:
        filled["customer"] = old.customer
        filled["flags"] = tuple(flag for flag in new.flags if flag is not Flag.ANONYMOUS)
    keys = {name: getattr(new.keys, name) or getattr(old.keys, name) for name in _KEY_NAMES}
    filled["keys"] = replace(new.keys, **keys)
    filled["attributes"] = {**old.attributes, **new.attributes}
    filled["relationship"] = new.relationship or old.relationship
    signals, categorised = said.signals, said.categorised
    if new.change is Change.STATE:
        if new.status is None:
            filled |= {"status": old.status, "done": old.done}
        if new.priority is None:
            filled["priority"] = old.priority
        if signals.negativity is None:
            signals = replace(signals, negativity=state.signals.negativity, scored=state.signals.scored)
        if not new.text:
            filled |= {"text": old.text, "language": old.language}
            kept = state.signals
            signals = replace(
                signals,
                sentiment=kept.sentiment,
                negative_text=kept.negative_text,
                hot=kept.hot,
                overrides=kept.overrides,
            )
            categorised = _kept(categorised, state.categorised)
    elif not new.text:
        categorised = _kept(categorised, state.categorised)
    return FeedbackRead(feedback=replace(new, **filled), categorised=categorised, signals=signals)


_KEY_NAMES = ("instance", "business_key", "ticket", "order")


def _kept(new: Categorised, old: Categorised) -> Categorised:
    return new if new.categories else old


def _process(said: FeedbackRead, found: Link, facts: Facts, rules: Rules) -> str:
    if found.status is LinkStatus.LINKED and found.instance_id is not None:
        instance = facts.instances.get(found.instance_id)
        if instance is not None:
            return instance.process
    return said.feedback.process or rules.process_of.get(said.categorised.category) or UNASSIGNED


def _assessed(
    key: PartKey, began_at: datetime, said: FeedbackRead, found: Link, process: str, facts: Facts, rules: Rules
) -> Contribution:
    feedback, severity = said.feedback, rules.playbook.severity
    others = (one for one in facts.contacts_of(feedback.customer) if one.key != key)
    count = contacts(others, began_at, said.categorised.category, _window(rules))
    assessed = assess(feedback, said.signals, count, severity)
    facts_of = {
        "source": feedback.source,
        "kind": feedback.kind.value,
        "channel": feedback.channel,
        "language": feedback.language,
        "category": said.categorised.category,
        "categories": said.categorised.categories,
        "process": process,
        "severity": assessed.severity.value,
        "score": assessed.score,
        "region": feedback.region,
        "tier": feedback.tier,
        "segment": feedback.segment,
        "survey": feedback.survey,
        "touchpoint": feedback.touchpoint,
        "group": feedback.group,
        "priority": feedback.priority,
        "status": feedback.status,
        "labels": feedback.labels,
        "attributes": feedback.attributes,
        "instance": found.instance_id,
        "subject": feedback.subject,
        "customer": feedback.customer,
    }
    return Contribution(
        key=key,
        began_at=began_at,
        feedback=replace(feedback, text=feedback.text[:280]),
        categorised=said.categorised,
        signals=said.signals,
        link=found,
        assessed=assessed,
        routed=route(facts_of, rules.playbook, rules.holds),
        process=process,
    )


def _replace(facts: Facts, key: PartKey, new: Contribution | None, rules: Rules) -> list[Moved]:
    """Put a contribution in its old one's place and assess again the later contacts that either was counted in."""
    old = facts.contributions.get(key)
    if new is None:
        facts.drop_contribution(key)
    else:
        facts.put_contribution(new)
    moved: list[Moved] = []
    for one in _later(facts, tuple(each for each in (old, new) if each is not None), key, _window(rules)):
        said = FeedbackRead(feedback=one.feedback, categorised=one.categorised, signals=one.signals)
        again = _assessed(one.key, one.began_at, said, one.link, one.process, facts, rules)
        again = replace(again, verdict=one.verdict, reason=one.reason, alert_id=one.alert_id)
        if again != one:
            facts.put_contribution(again)
            moved.append(Moved(key=one.key, contribution=again, own=False))
    return moved


def _later(facts: Facts, anchors: Sequence[Contribution], key: PartKey, window: timedelta) -> list[Contribution]:
    found: dict[PartKey, Contribution] = {}
    for anchor in anchors:
        start = anchor.began_at
        for one in facts.contacts_of(anchor.feedback.customer):
            same = one.key != key and one.categorised.category == anchor.categorised.category
            if same and start < one.began_at < start + window:
                found[one.key] = one
    return [found[name] for name in sorted(found, key=lambda name: (found[name].began_at, name))]


def _window(rules: Rules) -> timedelta:
    return timedelta(days=rules.playbook.severity.recontact_days)
