"""What a person asks of a join -> the split from then on, and the feedback that waits linked by it; or why not.

Only what belongs to another can be split from it; a split that stands already is left as it is.
"""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from service.core.link.keys import customer_key
from service.core.pipeline.assessing import window
from service.core.pipeline.joining import acquaint
from service.core.pipeline.judge import MOST_UNRESOLVED, Entry, Judged
from service.core.pipeline.outcomes import outcome_reach
from service.core.pipeline.relinking import relinked
from service.core.pipeline.rules import Rules
from service.core.records.decisions import Moved
from service.core.records.doer import Doer
from service.core.records.facts import Facts
from service.core.records.feedback import Reading, Recorded
from service.core.records.identities import Split
from service.core.records.needs import Needs
from service.core.records.words import Outcome
from service.core.redact import redact
from service.core.text import visible


class PartingOutcome(StrEnum):
    """What came of it; only `done` changed anything, or found it so."""

    DONE = "done"
    NOT_ASKED_FOR = "not_asked_for"
    NOT_JOINED = "not_joined"
    NOT_SPLIT = "not_split"


class Parting(Struct, frozen=True, kw_only=True):
    """That `ref` belongs to `other` no more, for a reason; or may again, where `reason` is None.

    `doer` is who asks where that is known for sure.
    """

    ref: str
    other: str
    by: str
    reason: str | None
    doer: Doer | None = None


class Parted(Struct, frozen=True, kw_only=True):
    """What came of it, the split as it is now, and the feedback that is linked anew by it."""

    outcome: PartingOutcome
    split: Split | None = None
    judged: Judged | None = None


def parting_needs(asked: Parting, rules: Rules) -> Needs:
    """Name the rows that deciding it takes."""
    keys = tuple(sorted({customer_key(asked.ref), customer_key(asked.other)}))
    return Needs(
        link_keys=keys,
        told=keys,
        joined=(asked.ref, asked.other),
        identity=rules.identity,
        window=rules.linking.window,
        reach=max(window(rules), outcome_reach(rules)),
        unresolved=MOST_UNRESOLVED if rules.playbook.at_risk is not None else 0,
    )


def part(asked: Parting, facts: Facts, now: datetime, rules: Rules) -> Parted:
    """Split or join, and link anew what still waits under either reference."""
    people = acquaint(facts, rules)
    if people is None:
        return Parted(outcome=PartingOutcome.NOT_ASKED_FOR)
    known = facts.splits.get((asked.ref, asked.other))
    stands = known is not None and known.lifted_at is None
    if asked.reason is None:
        if known is None or not stands:
            return Parted(outcome=PartingOutcome.NOT_SPLIT)
        split = replace(known, lifted_by=asked.by, lifted_at=now)
    elif stands:
        return Parted(outcome=PartingOutcome.DONE, split=known)
    else:
        own = people.references(asked.ref)
        if asked.other not in {one.ref for one in people.above(own) if one not in own}:
            return Parted(outcome=PartingOutcome.NOT_JOINED)
        # What a person writes may name a customer.
        reason = redact(visible(asked.reason), rules.playbook.privacy.phone_region).text
        split = Split(ref=asked.ref, other=asked.other, author=asked.by, reason=reason, at=now)
    facts.splits.put(split.pair, split)
    acquaint(facts, rules)
    moved = relinked((customer_key(asked.ref), customer_key(asked.other)), now, (), facts, rules)
    return Parted(outcome=PartingOutcome.DONE, split=split, judged=_judged(moved, now))


def _judged(moved: tuple[Moved, ...], now: datetime) -> Judged:
    """Let what is moved be settled as if a record that is no feedback had done it."""
    said = Recorded(event_id="", source="", event_type="", occurred_at=now)
    read = Reading(event_id="", source="", occurred_at=now, said=said)
    return Judged(entry=Entry(position=0, read=read, now=now), outcome=Outcome.ACCEPTED, moved=moved)
