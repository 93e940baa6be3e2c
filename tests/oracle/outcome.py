"""Which complaints in surveys their customer's outcome has settled: deploy/docs/alerts.md."""

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta

from tests.oracle.alerts import PartName
from tests.oracle.parts import Part
from tests.oracle.playbook import Outcome

_APART = timedelta(minutes=15)


def turned(parts: Mapping[PartName, Part], customers: Collection[str], rule: Outcome) -> list[PartName]:
    """Settle the complaints of these customers, or take that back; name those of which it changed, the first first."""
    theirs = {name: part for name, part in parts.items() if part.said.customer in customers}
    found = [name for name, part in theirs.items() if part.settled != is_settled(name, theirs, rule)]
    for name in found:
        parts[name].settled = not parts[name].settled
    return sorted(found, key=lambda name: (parts[name].began, name))


def is_settled(name: PartName, parts: Mapping[PartName, Part], rule: Outcome) -> bool:
    """Say whether a complaint has recovered, or its tickets are closed."""
    mine = parts[name]
    if not is_complaint(mine):
        return False
    others = [(key, part) for key, part in parts.items() if key != name and part.said.customer == mine.said.customer]
    states = [part for (_, _, remark), part in others if not remark]
    return _has_recovered(mine, [part for _, part in others], rule) or _is_ticket_closed(mine, states, rule)


def is_complaint(part: Part) -> bool:
    return part.said.kind == "survey" and _is_bad(part) and "anonymous" not in part.said.flags


def _has_recovered(mine: Part, others: Iterable[Part], rule: Outcome) -> bool:
    if mine.process == "unassigned" and not mine.said.relationship:
        return False
    since = [
        part
        for part in others
        if part.process == mine.process and timedelta(0) < part.began - mine.began <= rule.recovered_within
    ]
    answers = [part for part in since if _is_alike(part, mine) and part.said.scored and not _is_bad(part)]
    open_still = [part for part in since if _is_bad(part) and not part.done]
    return any(all(_answers(answer, bad) for bad in [mine, *open_still]) for answer in answers)


def _answers(answer: Part, bad: Part) -> bool:
    return _is_alike(answer, bad) and answer.began - bad.began > _APART


def _is_alike(one: Part, other: Part) -> bool:
    return one.said.kind == other.said.kind == "survey" and one.said.relationship == other.said.relationship


def _is_ticket_closed(mine: Part, states: Iterable[Part], rule: Outcome) -> bool:
    if not rule.tickets or mine.said.relationship:
        return False
    tickets = [
        part
        for part in states
        if part.said.kind == "ticket"
        and _is_same_case(part, mine)
        and abs(part.began - mine.began) <= rule.recovered_within
    ]
    ended = any(ticket.closed is not None and ticket.closed > mine.began for ticket in tickets)
    return ended and all(ticket.done for ticket in tickets)


def _is_same_case(one: Part, other: Part) -> bool:
    named, instance = one.said.keys["ticket"], one.link.instance
    return (named is not None and named == other.said.keys["ticket"]) or (
        instance is not None and instance == other.link.instance
    )


def _is_bad(part: Part) -> bool:
    return part.judgement is not None and part.judgement.negative
