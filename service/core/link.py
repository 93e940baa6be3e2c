"""Keys of a feedback and the instances that carry them -> Link: the steps of deploy/docs/architecture.md.

Several candidates on one step are `ambiguous`: it never picks one. Relationship surveys speak of no instance at all.
"""

from collections.abc import Callable, Iterable

from service.core.records.decisions import Link
from service.core.records.feedback import Feedback, Instance
from service.core.records.words import LinkMethod, LinkStatus

_CONFIDENCE = {LinkMethod.INSTANCE_ID: 1.0, LinkMethod.BUSINESS_KEY: 0.9, LinkMethod.TICKET: 0.85}
_MOST_CANDIDATES = 5


def steps(feedback: Feedback) -> tuple[tuple[LinkMethod, str], ...]:
    """List the correlation keys to look under, best step first."""
    if feedback.relationship:
        return ()
    keys = feedback.keys
    found: list[tuple[LinkMethod, str]] = []
    if keys.instance is not None:
        found.append((LinkMethod.INSTANCE_ID, instance_key(keys.instance)))
    if feedback.process is not None:
        found.extend(
            (LinkMethod.BUSINESS_KEY, business_key(feedback.process, key))
            for key in (keys.business_key, keys.order)
            if key is not None
        )
    if keys.ticket is not None:
        found.append((LinkMethod.TICKET, ticket_key(keys.ticket)))
    return tuple(found)


def link(feedback: Feedback, carriers: Callable[[str], Iterable[str]]) -> Link:
    """Find the instance: `carriers` gives the ids of the instances registered under a correlation key."""
    tried = steps(feedback)
    if not tried:
        return Link(status=LinkStatus.NONE, method=LinkMethod.NO_KEY)
    for method, key in tried:
        candidates = sorted(carriers(key))
        if len(candidates) == 1:
            return Link(
                status=LinkStatus.LINKED,
                method=method,
                instance_id=candidates[0],
                confidence=_CONFIDENCE[method],
                candidates=(candidates[0],),
            )
        if candidates:
            return Link(status=LinkStatus.AMBIGUOUS, method=method, candidates=tuple(candidates[:_MOST_CANDIDATES]))
    return Link(status=LinkStatus.UNLINKED, method=LinkMethod.NOT_FOUND)


def carried(instance: Instance) -> tuple[str, ...]:
    """List the correlation keys under which an instance is registered."""
    keys = {instance_key(instance.instance_id)}
    for key in instance.keys:
        keys.add(business_key(instance.process, key))
        keys.add(ticket_key(key))
    return tuple(sorted(keys))


def instance_key(instance_id: str) -> str:
    """Name the key of an engine's own instance id."""
    return f"instance\n{instance_id}"


def business_key(process: str, key: str) -> str:
    """Name the key of a business object within a process."""
    return f"business\n{process}\n{key}"


def ticket_key(ticket: str) -> str:
    """Name the key of a ticket that is tied to an instance."""
    return f"ticket\n{ticket}"
