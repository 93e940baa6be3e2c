"""What a feedback names, and what an instance carries -> the correlation keys under which they find each other."""

from collections.abc import Iterable

from service.core.records.feedback import Feedback, Instance
from service.core.records.words import Flag, LinkMethod


def named_keys(feedback: Feedback) -> tuple[tuple[LinkMethod, str], ...]:
    """List the keys that a feedback names itself, best step first."""
    keys, found = feedback.keys, list[tuple[LinkMethod, str]]()
    if keys.instance is not None:
        found.append((LinkMethod.INSTANCE_ID, instance_key(keys.instance)))
    if keys.business_within is not None and keys.business_key is not None:
        found.append((LinkMethod.BUSINESS_KEY, business_key(keys.business_within, keys.business_key)))
    if keys.order_within is not None and keys.order is not None:
        found.append((LinkMethod.BUSINESS_KEY, business_key(keys.order_within, keys.order)))
    if keys.ticket is not None:
        found.append((LinkMethod.TICKET, ticket_key(keys.ticket)))
    if keys.references:
        found.extend((LinkMethod.REFERENCE, reference_key(one)) for one in keys.references)
    return tuple(found)


def looked_under(feedback: Feedback) -> tuple[str, ...]:
    """List all keys under which a feedback is looked for, and waits; none if it is never linked."""
    if feedback.relationship:
        return ()
    named = tuple([key for _, key in named_keys(feedback)])
    return (*named, *map(customer_key, known_customer(feedback))) if asks_customer(feedback) else named


def known_customer(feedback: Feedback) -> tuple[str, ...]:
    """Return the customer, unless it is anonymous and so has no instance."""
    return () if Flag.ANONYMOUS in feedback.flags else (feedback.customer,)


def names_better(feedback: Feedback) -> bool:
    """Tell whether it names more than its customer and its own ticket."""
    keys = feedback.keys
    other_ticket = keys.ticket is not None and not keys.is_own
    return bool(keys.instance or keys.business_key or keys.order or keys.references) or other_ticket


def asks_customer(feedback: Feedback) -> bool:
    """Tell whether its customer's instances may decide: by a number that is nearly theirs, or where nothing does."""
    nearly = feedback.keys.references or feedback.keys.loose
    return not feedback.relationship and bool(nearly or not names_better(feedback))


def registered_under(instance: Instance) -> tuple[str, ...]:
    """List the keys under which an instance is registered, but for its customer, who has an index of its own."""
    keys = {instance_key(instance.instance_id)}
    for key in instance.keys:
        keys.add(business_key(instance.process, key))
        keys.add(ticket_key(key))
    keys.update(reference_key(one) for one in instance.references)
    return tuple(sorted(keys))


def told_under(instance: Instance) -> tuple[str, ...]:
    """List all keys under which feedback may wait for what an event says of an instance."""
    whose = () if instance.customer is None else (customer_key(instance.customer),)
    return (*registered_under(instance), *whose)


def tickets_in(keys: Iterable[str]) -> tuple[str, ...]:
    """Name the tickets among keys, sorted."""
    return tuple(sorted({key.removeprefix(_TICKET) for key in keys if key.startswith(_TICKET)}))


_TICKET = "ticket\n"


def instance_key(instance_id: str) -> str:
    """Name the key of an engine's own instance id."""
    return f"instance\n{instance_id}"


def business_key(process: str, key: str) -> str:
    """Name the key of a business object within a process."""
    return f"business\n{process}\n{key}"


def ticket_key(ticket: str) -> str:
    """Name the key of a ticket that is tied to an instance."""
    return f"{_TICKET}{ticket}"


def reference_key(reference: str) -> str:
    """Name the key of a number as texts write it, in canonical form."""
    return f"reference\n{reference}"


def customer_key(customer: str) -> str:
    """Name the key that whoever reads or changes the customer's instances locks."""
    return f"customer\n{customer}"
