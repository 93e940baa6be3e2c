"""What records name of one customer -> evidence, and under which keys something is heard by it.

Nothing is asked where the playbook has no `identity`. What was heard before, and earlier, is no news.
"""

from collections.abc import Sequence

from service.core.link.keys import customer_key
from service.core.persons import Persons, evidence_of
from service.core.pipeline.rules import Rules
from service.core.records.facts import Facts
from service.core.records.feedback import Reading
from service.core.records.identities import Evidence, Reference


def acquaint(facts: Facts, rules: Rules) -> Persons | None:
    """Let links be looked for by persons, as the evidence loaded makes them."""
    if rules.identity is None:
        return None
    people = Persons(rules.identity, facts.evidence.values(), facts.splits.values())
    facts.registry.people = people
    return people


def said_of_persons(reading: Reading, rules: Rules) -> Sequence[Evidence]:
    """List what a record says of whose references are one customer's."""
    if rules.identity is None:
        return ()

    def told(first: Reference, second: Reference) -> Evidence:
        return Evidence(
            first=first, second=second, source=reading.source, event_id=reading.event_id, at=reading.occurred_at
        )

    return evidence_of(reading.references, rules.identity, told)


def learn(facts: Facts, people: Persons | None, reading: Reading, rules: Rules) -> tuple[str, ...]:
    """Keep what a record says, and return the keys under which that is news."""
    news: set[str] = set()
    for one in said_of_persons(reading, rules) if people is not None else ():
        known = facts.evidence.get(one.pair)
        if known is None or one.rank < known.rank:
            facts.evidence.put(one.pair, one)
        if known is None and people is not None:
            people.add(one)
            news |= {customer_key(each.ref) for each in one.pair}
    return tuple(sorted(news))
