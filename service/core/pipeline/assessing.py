"""A feedback, its customer's other contacts and what it is linked to -> its contribution: assess, then route.

A contribution that changes makes the later contacts of its customer in the same category to be assessed again.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from service.core.assess import MOMENT, assess, contacts
from service.core.pipeline.rules import Rules
from service.core.records.decisions import EXCERPT, Assessed, Contribution, Link, Moved, PartKey
from service.core.records.facts import Facts
from service.core.records.feedback import FeedbackRead
from service.core.records.words import UNASSIGNED, FeedbackKind, LinkStatus

# What a contribution keeps when it is assessed again.
_KEPT = ("done_at", "reopened", "settled_by", "refiled", "verdict", "reason", "alert_id", "versions")


def process_of(said: FeedbackRead, found: Link, facts: Facts, rules: Rules) -> str:
    """The process of the instance that is linked, else the one that is named, else that of the category."""
    if found.status is LinkStatus.LINKED and found.instance_id is not None:
        instance = facts.instances.get(found.instance_id)
        if instance is not None:
            return instance.process
    return said.feedback.process or rules.process_of.get(said.categorised.category) or UNASSIGNED


def assessed(
    key: PartKey,
    began_at: datetime,
    began_as: str,
    said: FeedbackRead,
    found: Link,
    process: str,
    facts: Facts,
    rules: Rules,
) -> Contribution:
    """Judge how bad a feedback is beside its customer's other contacts, and who owns it."""
    feedback, severity = said.feedback, rules.playbook.severity
    # That a team writes often makes nothing worse: it is many people.
    mine = [] if feedback.kind is FeedbackKind.EMPLOYEE else facts.contacts_before(feedback.customer, began_at)
    others = (one for one in mine if one.key != key)
    count = contacts(others, began_at, said.categorised.category, window(rules)) if mine else 1
    how_bad = assess(feedback, said.signals, count, severity)
    return Contribution(
        key=key,
        began_at=began_at,
        began_as=began_as,
        feedback=feedback if len(feedback.text) <= EXCERPT else replace(feedback, text=feedback.text[:EXCERPT]),
        categorised=said.categorised,
        signals=said.signals,
        link=found,
        assessed=how_bad,
        routed=rules.router.route(routing_facts(said, found, process, how_bad), said.feedback.occurred_at),
        process=process,
    )


def routing_facts(said: FeedbackRead, found: Link, process: str, how_bad: Assessed) -> dict[str, Any]:
    """Name all that a route may ask of a feedback."""
    feedback = said.feedback
    return {
        "source": feedback.source,
        "kind": feedback.kind.value,
        "channel": feedback.channel,
        "language": feedback.language,
        "category": said.categorised.category,
        "categories": said.categorised.categories,
        "stage": said.categorised.stage,
        "outcome": said.categorised.outcome,
        "process": process,
        "severity": how_bad.severity.value,
        "score": how_bad.score,
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


def as_told(again: Contribution, before: Contribution) -> Contribution:
    """A contribution that was assessed again, with what was said of it at the time."""
    kept: dict[str, Any] = {name: getattr(before, name) for name in _KEPT}
    return replace(again, **kept)


def replaced(facts: Facts, key: PartKey, new: Contribution | None, rules: Rules) -> list[Moved]:
    """Put a contribution in its old one's place and assess again the later contacts that either was counted in."""
    old = facts.contributions.get(key)
    if new is None:
        facts.drop_contribution(key)
    else:
        facts.put_contribution(new)
    moved: list[Moved] = []
    if old is not None and new is not None and _contact(old) == _contact(new):
        return moved
    for one in _later(facts, tuple(each for each in (old, new) if each is not None), key, window(rules)):
        said = FeedbackRead(feedback=one.feedback, categorised=one.categorised, signals=one.signals)
        again = as_told(assessed(one.key, one.began_at, one.began_as, said, one.link, one.process, facts, rules), one)
        if again != one:
            facts.put_contribution(again)
            moved.append(Moved(key=one.key, contribution=again, own=False))
    return moved


def _contact(contribution: Contribution) -> tuple[str, str, datetime]:
    """What other contributions of the customer count of this one."""
    return (contribution.feedback.customer, contribution.began_as, contribution.began_at)


def _later(facts: Facts, anchors: Sequence[Contribution], key: PartKey, reach: timedelta) -> list[Contribution]:
    found: dict[PartKey, Contribution] = {}
    for anchor in anchors:
        start = anchor.began_at
        for one in facts.contacts_since(anchor.feedback.customer, start):
            same = one.key != key and one.categorised.category == anchor.began_as
            if same and start + MOMENT < one.began_at < start + reach:
                found[one.key] = one
    return [found[name] for name in sorted(found, key=lambda name: (found[name].began_at, name))]


def window(rules: Rules) -> timedelta:
    """How long contacts of one customer matter to one another."""
    return timedelta(days=rules.playbook.severity.recontact_days)
