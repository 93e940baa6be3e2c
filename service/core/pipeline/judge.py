"""Readings and loaded rows -> what each record changes: assess, link, route; no alert is touched yet.

A subject's state holds by the highest (revision, time, id). What a partial state leaves out stays as the held one said.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from service.core.link import link
from service.core.link.keys import (
    asks_customer,
    customer_key,
    known_customer,
    looked_under,
    ticket_key,
    tickets_in,
    told_under,
)
from service.core.pipeline.assessing import as_told, assessed, process_of, replaced, window
from service.core.pipeline.complete import complete
from service.core.pipeline.erasing import ask, erased, vacate
from service.core.pipeline.joining import acquaint, learn, said_of_persons
from service.core.pipeline.outcomes import followed, outcome_reach, parts
from service.core.pipeline.register import merge, note, register, walk
from service.core.pipeline.relinking import relinked, wait
from service.core.pipeline.rules import Rules
from service.core.recontact import closing
from service.core.records.decisions import Moved, PartKey, Refiled, Subject
from service.core.records.facts import Facts
from service.core.records.feedback import Feedback, FeedbackRead, Instance, Reading, Recorded, Rejected
from service.core.records.needs import Needs
from service.core.records.words import Change, Outcome
from service.core.refile import beside, by_ladder, carried

_K = TypeVar("_K")

# Unresolved cases of one customer that are looked at, the latest; who has more is at risk by any count.
MOST_UNRESOLVED = 100


class Entry(Struct, frozen=True, kw_only=True):
    """One consumed record, or one of several that a body held, and the `now` that it is decided at."""

    position: int
    read: Reading | Rejected
    now: datetime


class Judged(Struct, frozen=True, kw_only=True):
    """What became of one entry: which contributions it moved, its own first, and what is known of its instance."""

    entry: Entry
    outcome: Outcome
    feedback: Feedback | None = None
    moved: tuple[Moved, ...] = ()
    instance: Instance | None = None

    @property
    def own(self) -> Moved | None:
        """What the record said of its own subject."""
        return self.moved[0] if self.moved and self.moved[0].own else None


def needs(readings: Iterable[Reading | Rejected], rules: Rules) -> Needs:
    """Name the rows that deciding these readings takes."""
    accepted = [reading for reading in readings if isinstance(reading, Reading)]
    keys: set[str] = set()
    told = {key for reading in accepted for key in _told(reading)}
    joined = {one.ref for reading in accepted for said in said_of_persons(reading, rules) for one in said.pair}
    told |= {customer_key(ref) for ref in joined}
    times: dict[tuple[str, str], tuple[datetime, datetime]] = {}
    said_at: defaultdict[tuple[str, str], set[datetime]] = defaultdict(set)
    named: dict[tuple[str, str], frozenset[str]] = {}
    kin: dict[str, tuple[datetime, datetime]] = {}
    first: dict[tuple[str, str], Subject] = {}
    for reading in accepted:
        if isinstance(reading.said, FeedbackRead):
            feedback = reading.said.feedback
            at, under = feedback.occurred_at, looked_under(feedback)
            keys.update(under)
            name = (feedback.source, feedback.subject)
            if name in times:
                first.pop(name, None)
            elif feedback.change is Change.STATE:
                first[name] = _as_said(feedback, at)
            _widen(times, name, at)
            said_at[name].add(at)
            named[name] = named.get(name, frozenset()) | {feedback.customer}
            # Whose several references are is asked for a key that is shared as well.
            asked = asks_customer(feedback) or (rules.identity is not None and bool(under))
            for customer in known_customer(feedback) if asked else ():
                _widen(kin, customer, at)
    instants: defaultdict[str, set[datetime]] = defaultdict(set)
    for name, customers in named.items():
        for customer in customers:
            instants[customer] |= said_at[name]
    return Needs(
        identities=tuple(sorted({(reading.source, reading.event_id) for reading in accepted})),
        link_keys=tuple(sorted(keys | told)),
        tickets=tickets_in(keys | told),
        told=tuple(sorted(told)),
        instances=tuple(sorted({one.instance.instance_id for one in accepted if one.instance is not None})),
        kin=kin,
        times=times,
        window=rules.linking.window,
        subjects=tuple(sorted(named)),
        first=first,
        customers={name: frozenset(instants[name]) for name in sorted(instants)},
        named=named,
        reach=max(window(rules), outcome_reach(rules)),
        unresolved=MOST_UNRESOLVED if rules.playbook.at_risk is not None else 0,
        enough=rules.playbook.at_risk.cases if rules.playbook.at_risk is not None else 0,
        joined=tuple(sorted(joined)),
        identity=rules.identity,
        marks=tuple(sorted({one for each in accepted for one in (*each.event_marks, *each.subject_marks)})),
    )


def judge(entries: Sequence[Entry], admitted: Collection[tuple[str, str]], facts: Facts, rules: Rules) -> list[Judged]:
    """Fold the entries in order; `admitted` holds the identities that nobody has used before."""
    facts.rename(rules.renamed)
    fresh, people = set(admitted), acquaint(facts, rules)
    judged: list[Judged] = []
    for entry in entries:
        if isinstance(entry.read, Rejected):
            judged.append(Judged(entry=entry, outcome=Outcome.REJECTED))
            continue
        identity = (entry.read.source, entry.read.event_id)
        if identity not in fresh:
            vacate(entry.read, facts)
            judged.append(Judged(entry=entry, outcome=Outcome.DUPLICATE))
            continue
        fresh.remove(identity)
        gone = erased(entry.read, facts)
        if gone is not None:
            judged.append(Judged(entry=entry, outcome=gone))
            continue
        ask(entry.read, entry.now, facts)
        told, known = _told(entry.read), None
        if entry.read.instance is not None:
            told = _told(entry.read, facts.instances.get(entry.read.instance.instance_id))
            known = register(facts, entry.read.instance)
        told = (*told, *learn(facts, people, entry.read, rules))
        if entry.read.downtime is not None:
            note(facts, entry.read.downtime)
        if entry.read.step is not None:
            walk(facts, entry.read.step)
        if isinstance(entry.read.said, FeedbackRead):
            merge(facts, entry.read.said.feedback)
        before = parts(facts, entry.read)
        one = _judge_one(entry, entry.read, facts, rules)
        if one.outcome is Outcome.SUPERSEDED and one.feedback is not None:
            facts.unlogged.add((one.feedback.source, one.feedback.subject, one.feedback.event_id))
        moved = followed(one.moved, (*before, *parts(facts, entry.read)), facts, rules)
        moved = relinked(told, entry.now, moved, facts, rules)
        judged.append(one if moved is one.moved and known is None else replace(one, moved=moved, instance=known))
    return judged


def _told(reading: Reading, known: Instance | None = None) -> tuple[str, ...]:
    """List the keys under which a record tells something: of an instance, as it was known too, or of merged tickets."""
    instances = (one for one in (reading.instance, known) if one is not None)
    keys = tuple(key for one in instances for key in told_under(one))
    if isinstance(reading.said, FeedbackRead):
        merged = reading.said.feedback.keys
        if merged.ticket is not None and merged.merged_into is not None:
            keys = (*keys, ticket_key(merged.ticket), ticket_key(merged.merged_into))
    return keys


def _widen(spans: dict[_K, tuple[datetime, datetime]], name: _K, at: datetime) -> None:
    low, high = spans.get(name, (at, at))
    spans[name] = (min(low, at), max(high, at))


def _judge_one(entry: Entry, reading: Reading, facts: Facts, rules: Rules) -> Judged:
    said = reading.said
    if isinstance(said, Recorded):
        return Judged(entry=entry, outcome=Outcome.ACCEPTED)
    feedback = said.feedback
    if feedback.change is Change.NONE:
        return Judged(entry=entry, outcome=Outcome.ACCEPTED, feedback=feedback)
    name = (feedback.source, feedback.subject)
    held = facts.subjects.get(name)
    at = feedback.occurred_at
    mine = _as_said(feedback, min(held.began_at, at) if held and not held.withdrawn else at)
    if feedback.change is Change.REMARK:
        # What is withdrawn has no remarks, whenever they were made.
        if held is not None and held.withdrawn:
            return Judged(entry=entry, outcome=Outcome.SUPERSEDED, feedback=feedback)
    elif held is not None and held.rank >= mine.rank:
        moved = _begun_earlier(held, mine, said.categorised.category, facts, rules)
        return Judged(entry=entry, outcome=Outcome.SUPERSEDED, feedback=feedback, moved=moved)
    else:
        facts.subjects.put(name, mine)
    if feedback.change is Change.WITHDRAW:
        return Judged(entry=entry, outcome=Outcome.ACCEPTED, feedback=feedback, moved=_withdrawn(mine, facts, rules))
    return _heard(entry, said, mine.began_at, facts, rules)


def _as_said(feedback: Feedback, began_at: datetime) -> Subject:
    return Subject(
        source=feedback.source,
        subject=feedback.subject,
        revision=feedback.revision,
        occurred_at=feedback.occurred_at,
        event_id=feedback.event_id,
        began_at=began_at,
        withdrawn=feedback.change is Change.WITHDRAW,
    )


def _heard(entry: Entry, said: FeedbackRead, began_at: datetime, facts: Facts, rules: Rules) -> Judged:
    """Judge a state that holds, or a remark."""
    feedback = said.feedback
    remark = feedback.change is Change.REMARK
    key = PartKey(feedback.source, feedback.subject, feedback.event_id if remark else "")
    held = facts.contributions.get(PartKey(feedback.source, feedback.subject))
    state = None if held is None else by_ladder(held)
    named, under = said, looked_under(feedback)
    if state is not None:
        said = complete(said, state)
    began_at = feedback.occurred_at if remark else began_at
    found = link(said.feedback, began_at, facts.registry, rules.linking)
    first = remark or state is None or began_at == feedback.occurred_at
    began_as = said.categorised.category if first or state is None else state.began_as
    filed = carried(named, said, held)
    refiled = None
    if filed is not None:
        refiled = Refiled(categorised=said.categorised, began_as=began_as, part=filed.part)
        said = replace(said, categorised=beside(filed.categorised, said.categorised))
        began_as = filed.categorised.category
    process = process_of(said, found, facts, rules)
    contribution = assessed(key, began_at, began_as, said, found, process, facts, rules)
    if refiled is not None:
        contribution = replace(contribution, refiled=refiled)
    wait(facts, contribution, under, entry.now, rules)
    if not remark:
        contribution = closing(contribution, state)
    moved = [Moved(key=key, contribution=contribution, own=True), *replaced(facts, key, contribution, rules)]
    if contribution.feedback.done and not remark and not (state is not None and state.feedback.done):
        moved += _finished_remarks(key, facts)
    return Judged(entry=entry, outcome=Outcome.ACCEPTED, feedback=contribution.feedback, moved=tuple(moved))


def _withdrawn(subject: Subject, facts: Facts, rules: Rules) -> tuple[Moved, ...]:
    """Take out the state of a subject, and every remark of it."""
    moved: list[Moved] = []
    for key in facts.parts_of(subject.source, subject.subject):
        moved.append(Moved(key=key, contribution=None, own=True))
        moved.extend(replaced(facts, key, None, rules))
    return tuple(moved)


def _begun_earlier(held: Subject, mine: Subject, category: str, facts: Facts, rules: Rules) -> tuple[Moved, ...]:
    """Let a superseded state say when its subject began, so that revisions count the same in any order."""
    state = facts.contributions.get(PartKey(held.source, held.subject))
    if state is None or mine.withdrawn or mine.began_at >= held.began_at:
        return ()
    facts.subjects.put((held.source, held.subject), replace(held, began_at=mine.began_at))
    if state.refiled is not None:
        state, category = replace(state, refiled=replace(state.refiled, began_as=category)), state.began_as
    said = FeedbackRead(feedback=state.feedback, categorised=state.categorised, signals=state.signals)
    found = link(state.feedback, mine.began_at, facts.registry, rules.linking)
    process = process_of(said, found, facts, rules)
    again = assessed(state.key, mine.began_at, category, said, found, process, facts, rules)
    earlier = as_told(again, state)
    return (Moved(key=state.key, contribution=earlier, own=False), *replaced(facts, state.key, earlier, rules))


def _finished_remarks(state: PartKey, facts: Facts) -> list[Moved]:
    """End what was remarked while a subject was at work, once that is done."""
    moved: list[Moved] = []
    for key in facts.parts_of(state.source, state.subject):
        one = facts.contributions[key]
        if not one.feedback.done:
            one = replace(one, feedback=replace(one.feedback, done=True))
            facts.put_contribution(one)
            moved.append(Moved(key=key, contribution=one, own=False))
    return moved
