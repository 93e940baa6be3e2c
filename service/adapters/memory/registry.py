"""Needs -> what links are found in, read from the rows in memory."""

from collections.abc import Collection, Sequence

from service.adapters.memory.persons import hearsay
from service.adapters.memory.rows import Rows
from service.core.link.keys import looked_under, ticket_key, tickets_in, told_under
from service.core.persons import Persons, spread
from service.core.records.decisions import Contribution
from service.core.records.facts import Facts
from service.core.records.needs import Needs
from service.core.records.registry import MOST_KIN


def load_waiting(rows: Rows, facts: Facts, wanted: Needs) -> Collection[tuple[str, str]]:
    """Load merged tickets, and what waits under the keys that are told of; name the subjects."""
    facts.registry.merges.load(rows.merges)
    leading = set(wanted.tickets)
    for _ in rows.merges:
        leading |= {one.ticket for one in rows.merges.values() if one.into in leading}
    known = (rows.instances[name] for name in wanted.instances if name in rows.instances)
    told = {*wanted.told, *(key for one in known for key in told_under(one))}
    under = {*told, *(map(ticket_key, leading) if told else ())}
    waits = {(key, part): until for key in under for part, until in rows.waits.get(key, {}).items()}
    facts.registry.load_waits(waits)
    return {(part.source, part.subject) for _, part in waits}


def load_instances(rows: Rows, facts: Facts, wanted: Needs, held: Sequence[Contribution]) -> None:
    """Load who carries the keys, or is linked already, and the instances of the customers."""
    known = (rows.instances[name] for name in wanted.instances if name in rows.instances)
    keys = {*wanted.link_keys, *(key for one in known for key in told_under(one))}
    keys |= {*(key for one in held for key in looked_under(one.feedback))}
    for _ in rows.merges:
        keys |= {ticket_key(rows.merges[one].into) for one in tickets_in(keys) if one in rows.merges}
    found = {key: rows.instance_keys[key] for key in keys if key in rows.instance_keys}
    facts.registry.holders.load(found)
    names = {name for carriers in found.values() for name in carriers}
    kin: list[tuple[str, str]] = []
    spans = wanted.kin_with_stored(held)
    if wanted.identity is not None:
        heard = hearsay(rows, {*spans, *wanted.joined}, wanted.identity)
        facts.load_hearsay(heard)
        spans = spread(spans, Persons(wanted.identity, heard.evidence, heard.splits), wanted.joined)
    for customer, (low, high) in spans.items():
        mine = [rows.instances[name] for name in rows.kin.get(customer, ())]
        near = [
            one
            for one in mine
            if one.customer == customer
            and (one.started_at is None or one.started_at <= high)
            and (one.over_at is None or one.over_at >= low - wanted.window)
        ]
        near.sort(key=lambda one: (one.started_at is not None, one.started_at, one.instance_id), reverse=True)
        kin += [(customer, one.instance_id) for one in near[: MOST_KIN + 1]]
    names |= {name for _, name in kin}
    facts.registry.load_instances({name: rows.instances[name] for name in names}, kin)
