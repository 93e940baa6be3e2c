"""What a subject has named, when it began, and the instances known -> Link: the ladder of deploy/docs/linking.md.

It is computed from these alone: the same ones give the same link, in whatever order they were heard of. Several
instances that nothing tells apart are `ambiguous`: it never picks one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from service.core.link.keys import business_key, known_customer, named_keys, names_better, reference_key, ticket_key
from service.core.records.decisions import Link
from service.core.records.feedback import Feedback, Instance
from service.core.records.registry import MOST_KIN, Registry
from service.core.records.words import LinkMethod, LinkReason, LinkStatus
from service.core.references import is_near

MOST_MERGES = 5
_MOST_CANDIDATES = 5
_CONFIDENCE = {
    LinkMethod.INSTANCE_ID: 1.0,
    LinkMethod.BUSINESS_KEY: 0.9,
    LinkMethod.TICKET: 0.85,
    LinkMethod.REFERENCE: 0.8,
    LinkMethod.CUSTOMER: 0.6,
}
_NEAR_CONFIDENCE = 0.7


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRules:
    """How long after its end an instance is still spoken of, and which processes each touchpoint is part of.

    `touchpoints` are in lower case.
    """

    window: timedelta
    touchpoints: Mapping[str, frozenset[str]] = field(default_factory=dict)


def link(feedback: Feedback, began_at: datetime, known: Registry, rules: LinkRules) -> Link:
    """Find the instance that a subject, begun at an instant, is about."""
    if feedback.relationship:
        return _no_link(LinkStatus.NONE, LinkMethod.NO_KEY, LinkReason.RELATIONSHIP_SURVEY)
    asked = _Asked(feedback, began_at, known, rules)
    found = asked.by_key() or asked.by_reference() or asked.by_customer()
    if found is not None:
        return found
    if asked.names_any:
        return _no_link(LinkStatus.UNLINKED, LinkMethod.NOT_FOUND, LinkReason.KEY_UNKNOWN)
    if known_customer(feedback):
        return _no_link(LinkStatus.UNLINKED, LinkMethod.NOT_FOUND, LinkReason.NONE_AT_THE_TIME)
    return _no_link(LinkStatus.NONE, LinkMethod.NO_KEY, LinkReason.NO_KEY)


def ran_at(instance: Instance, at: datetime, window: timedelta) -> bool:
    """Tell whether an instance had begun, and had not ended for longer than the window."""
    begun = instance.started_at is None or instance.started_at <= at
    return begun and (instance.over_at is None or at <= instance.over_at + window)


class _Asked:
    """One question to the registry."""

    def __init__(self, feedback: Feedback, began_at: datetime, known: Registry, rules: LinkRules) -> None:
        self._feedback, self._at, self._known, self._rules = feedback, began_at, known, rules
        self._customers = tuple(one for each in known_customer(feedback) for one in known.person(each))

    @property
    def names_any(self) -> bool:
        """Whether the subject names something, be it only its own ticket."""
        return bool(self._feedback.keys.ticket or self._feedback.keys.loose) or names_better(self._feedback)

    def by_key(self) -> Link | None:
        for method, key in named_keys(self._feedback):
            if method is not LinkMethod.REFERENCE:
                carriers, reason = self._carriers(method, key), LinkReason.SOLE_CARRIER
                if not carriers and method is LinkMethod.TICKET:
                    carriers, reason = self._merged(), LinkReason.TICKET_MERGED
                if carriers:
                    return self._told_apart(carriers, method, reason)
        return None

    def by_reference(self) -> Link | None:
        """Ask for what the text names, else which of the customer's own it names without its letters, or nearly."""
        keys = self._feedback.keys
        if not keys.references and not keys.loose:
            return None
        named = {one.instance_id: one for ref in keys.references for one in self._known.carriers(reference_key(ref))}
        meant = [one for _, one in sorted(named.items()) if self._may_be_meant(one)]
        if meant:
            return self._told_apart(meant, LinkMethod.REFERENCE, LinkReason.REFERENCE_IN_TEXT)
        written = (*keys.references, *keys.loose)
        kin = self._kin()
        same = [one for one in kin if not {*written}.isdisjoint(one.references)]
        near = same or [one for one in kin if any(is_near(ref, other) for ref in written for other in one.references)]
        if not near:
            return None
        if len(near) > 1 or self._is_crowded:
            return _ambiguous(near, LinkMethod.REFERENCE, LinkReason.SEVERAL_CANDIDATES)
        return _linked(near[0], LinkMethod.REFERENCE, LinkReason.NEAR_REFERENCE, _NEAR_CONFIDENCE)

    def by_customer(self) -> Link | None:
        if names_better(self._feedback):
            return None
        process = self._feedback.process
        within = self._rules.touchpoints.get((self._feedback.touchpoint or "").casefold())
        if process is not None:
            within = frozenset({process})
        found = [one for one in self._kin() if within is None or one.process in within]
        if not found:
            return None
        if len(found) > 1 or self._is_crowded:
            return _ambiguous(found, LinkMethod.CUSTOMER, LinkReason.SEVERAL_CANDIDATES)
        return _linked(found[0], LinkMethod.CUSTOMER, LinkReason.SOLE_CANDIDATE)

    def _carriers(self, method: LinkMethod, key: str) -> Sequence[Instance]:
        """Return who carries a key; one that has come to be of another process carries none of the old one's."""
        found = self._known.carriers(key)
        if method is not LinkMethod.BUSINESS_KEY:
            return found
        return [one for one in found if key.startswith(business_key(one.process, ""))]

    def _merged(self) -> Sequence[Instance]:
        """Find who carries the ticket into which this one was merged, or into which that was."""
        ticket = self._feedback.keys.ticket
        for _ in range(MOST_MERGES):
            merge = self._known.merges.get(ticket or "")
            if merge is None:
                break
            ticket = merge.into
            if carriers := self._known.carriers(ticket_key(ticket)):
                return carriers
        return ()

    def _kin(self) -> Sequence[Instance]:
        found = (one for customer in self._customers for one in self._known.kin(customer))
        return [one for one in found if ran_at(one, self._at, self._rules.window)]

    @property
    def _is_crowded(self) -> bool:
        return sum(len(self._known.kin(customer)) for customer in self._customers) > MOST_KIN

    def _may_be_meant(self, one: Instance) -> bool:
        begun = one.started_at is None or one.started_at <= self._at
        return begun and not self._is_of_another(one)

    def _is_of_another(self, one: Instance) -> bool:
        return bool(self._customers) and one.customer is not None and one.customer not in self._customers

    def _told_apart(self, carriers: Sequence[Instance], method: LinkMethod, reason: LinkReason) -> Link:
        """Leave of several those that ran at the time, then the customer's one, if the others are of others."""
        if len(carriers) > 1:
            ran = [one for one in carriers if ran_at(one, self._at, self._rules.window)]
            if ran and len(ran) < len(carriers):
                carriers, reason = ran, LinkReason.RAN_AT_THE_TIME
        if len(carriers) > 1:
            mine = [one for one in carriers if one.customer is not None and one.customer in self._customers]
            if len(mine) == 1 and all(one in mine or self._is_of_another(one) for one in carriers):
                carriers, reason = mine, LinkReason.CUSTOMER_AGREES
        if len(carriers) > 1:
            return _ambiguous(carriers, method, LinkReason.SHARED_KEY)
        return _linked(carriers[0], method, reason)


def _linked(one: Instance, method: LinkMethod, reason: LinkReason, confidence: float | None = None) -> Link:
    return Link(
        status=LinkStatus.LINKED,
        method=method,
        reason=reason,
        instance_id=one.instance_id,
        confidence=_CONFIDENCE[method] if confidence is None else confidence,
        candidates=(one.instance_id,),
    )


def _ambiguous(found: Iterable[Instance], method: LinkMethod, reason: LinkReason) -> Link:
    names = tuple(one.instance_id for one in found)[:_MOST_CANDIDATES]
    return Link(status=LinkStatus.AMBIGUOUS, method=method, reason=reason, candidates=names)


def _no_link(status: LinkStatus, method: LinkMethod, reason: LinkReason) -> Link:
    return Link(status=status, method=method, reason=reason)
