"""What is heard of instances and of merged tickets -> the feedback that waited for it, as it is linked now.

For as long as it waits, a feedback's link is what the ladder makes of all that is known by then, in whatever order it
came. What the engine's own id has linked waits for nothing.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from msgspec.structs import replace

from service.core.link import MOST_MERGES, link
from service.core.link.keys import asks_customer, customer_key, known_customer, ticket_key, tickets_in
from service.core.pipeline.assessing import as_told, assessed, process_of, replaced
from service.core.pipeline.outcomes import followed
from service.core.pipeline.rules import Rules
from service.core.records.decisions import Contribution, Moved, PartKey
from service.core.records.facts import Facts
from service.core.records.feedback import FeedbackRead
from service.core.records.words import LinkMethod, LinkStatus


def wait(facts: Facts, contribution: Contribution, under: Iterable[str], now: datetime, rules: Rules) -> None:
    """Let a feedback wait under the keys that its event was looked for under, and those of whoever may decide."""
    found = contribution.link
    if found.status is not LinkStatus.LINKED or found.method is not LinkMethod.INSTANCE_ID:
        # Where nothing carries what it names, its customer decides nothing; once something does, its persons join.
        asked = asks_customer(contribution.feedback) or bool(found.candidates)
        for key in (*under, *(_persons(contribution, facts) if asked else ())):
            facts.registry.wait(key, contribution.key, now + rules.playbook.linking.wait)


def _persons(one: Contribution, facts: Facts) -> Iterable[str]:
    """Name the keys of all that the person of a customer hangs on."""
    for customer in () if one.feedback.relationship else known_customer(one.feedback):
        yield from map(customer_key, facts.registry.watched(customer))


def relinked(
    told: Collection[str], now: datetime, moved: tuple[Moved, ...], facts: Facts, rules: Rules
) -> tuple[Moved, ...]:
    """Return what a record has moved, with what waits under keys of which it told something linked anew."""
    if not told:
        return moved
    fresh: dict[PartKey, Contribution] = {}
    keys = _with_merged(told, facts)
    for part in facts.registry.waiting(keys, now):
        one = facts.contributions.get(part)
        if one is not None:
            if facts.registry.people is not None:
                _wait_for_persons(one, facts.registry.until(keys, part), facts)
            fresh |= {each.key: each.contribution for each in _link_anew(one, facts, rules) if each.contribution}
    known = {one.key for one in moved}
    return (
        *(replace(one, contribution=fresh[one.key]) if one.key in fresh else one for one in moved),
        *(Moved(key=key, contribution=one, own=False) for key, one in fresh.items() if key not in known),
    )


def _wait_for_persons(one: Contribution, until: datetime, facts: Facts) -> None:
    """Let it wait under what its person has come to hang on for as long as it waits for the rest."""
    for key in _persons(one, facts):
        facts.registry.wait(key, one.key, until)


def _link_anew(one: Contribution, facts: Facts, rules: Rules) -> tuple[Moved, ...]:
    said = FeedbackRead(feedback=one.feedback, categorised=one.categorised, signals=one.signals)
    found = link(one.feedback, one.began_at, facts.registry, rules.linking)
    process = process_of(said, found, facts, rules)
    if (found, process) == (one.link, one.process):
        return ()
    again = as_told(assessed(one.key, one.began_at, one.began_as, said, found, process, facts, rules), one)
    moved = (Moved(key=one.key, contribution=again, own=False), *replaced(facts, one.key, again, rules))
    return followed(moved, (one, again), facts, rules)


def _with_merged(told: Collection[str], facts: Facts) -> set[str]:
    """Add the tickets that lead to one of those told of: what waits under them is looked for there as well."""
    keys, wanted = set(told), set(tickets_in(told))
    for _ in range(MOST_MERGES):
        wanted = {one.ticket for one in facts.registry.merges.values() if one.into in wanted} - wanted
        keys |= {ticket_key(ticket) for ticket in wanted}
    return keys
