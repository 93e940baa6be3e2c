"""What a record moved -> the same, with the complaints of its customers that their outcome settles now, or no longer.

Only a record's own subject can change the outcome of others: what is assessed again keeps all that this looks at.
"""

from collections.abc import Sequence
from datetime import timedelta

from msgspec.structs import replace

from service.core.assess import MOMENT
from service.core.outcome import is_complaint, may_settle, settlements
from service.core.pipeline.rules import Rules
from service.core.playbook.model import CustomerOutcome
from service.core.records.decisions import Contribution, Moved, PartKey
from service.core.records.facts import Facts
from service.core.records.feedback import FeedbackRead, Reading


def outcome_reach(rules: Rules) -> timedelta:
    """How far around a contribution others are looked at: the complaints near it, and all that is near these."""
    rule = rules.playbook.fatigue.outcome
    return timedelta() if rule is None else 2 * rule.recovered_within


def parts(facts: Facts, reading: Reading) -> tuple[Contribution, ...]:
    """Return the contributions of a record's subject as they are now."""
    if not isinstance(reading.said, FeedbackRead):
        return ()
    feedback = reading.said.feedback
    return tuple(facts.contributions[key] for key in facts.parts_of(feedback.source, feedback.subject))


def followed(
    moved: tuple[Moved, ...], changed: Sequence[Contribution], facts: Facts, rules: Rules
) -> tuple[Moved, ...]:
    """Settle what a record settles, after what it moved itself; `changed` is what a subject was before and is now."""
    rule = rules.playbook.fatigue.outcome
    if rule is None or not moved:
        return moved
    fresh: dict[PartKey, Contribution] = {}
    for customer, at in sorted({(one.feedback.customer, one.began_at) for one in changed}):
        said = [*facts.contacts_before(customer, at), *facts.contacts_since(customer, at)]
        own = [one for one in changed if one.feedback.customer == customer and one.began_at == at]
        for again in _settled_otherwise(said, own, rule):
            facts.put_contribution(again)
            fresh[again.key] = again
    if not fresh:
        return moved
    known = {one.key for one in moved}
    return (
        *(replace(one, contribution=fresh[one.key]) if one.key in fresh else one for one in moved),
        *(Moved(key=key, contribution=one, own=False) for key, one in fresh.items() if key not in known),
    )


def _settled_otherwise(
    said: Sequence[Contribution], changed: Sequence[Contribution], rule: CustomerOutcome
) -> list[Contribution]:
    """Look again at those of one customer's complaints with which something that changed may have to do."""
    within = rule.recovered_within
    complaints = [one for one in said if is_complaint(one) and any(may_settle(each, one, within) for each in changed)]
    if not complaints:
        return []
    found = settlements(said, complaints, rule, MOMENT)
    return [replace(one, settled_by=found[one.key]) for one in complaints if one.settled_by != found[one.key]]
