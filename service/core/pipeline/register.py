"""What one event says of a process instance, a step of its life, a downtime or a merged ticket -> what is known of it.

An instance is known by the keys under which feedback finds it; a step or downtime was not loaded, and needs no key: the
store keeps of several events of one the same that is kept here.
"""

from datetime import datetime
from typing import Any

from service.core.link.keys import registered_under
from service.core.records.facts import Facts
from service.core.records.feedback import Downtime, Feedback, Instance, Merge
from service.core.records.steps import Step

# What an event may leave out.
_PARTS = ("customer", "tier", "region", "version")


def register(facts: Facts, instance: Instance) -> Instance:
    """Fold what one event says of an instance into what is known: the earliest start, the latest end, every key.

    Return what is known now. Whether it is late is left as it was, for those who look at limits.
    """
    keys = registered_under(instance)
    known = facts.instances.get(instance.instance_id)
    if known is not None:
        newest = max((known, instance), key=lambda one: one.updated_at)
        instance = Instance(
            instance_id=known.instance_id,
            process=instance.process if instance.updated_at == newest.updated_at else known.process,
            started_at=min(_told(known.started_at, instance.started_at), default=None),
            ended_at=max(_told(known.ended_at, instance.ended_at), default=None),
            completed_at=max(_told(known.completed_at, instance.completed_at), default=None),
            keys=tuple(sorted({*known.keys, *instance.keys})),
            updated_at=newest.updated_at,
            begun_at=max(_told(known.begun_at, instance.begun_at), default=None),
            late_at=known.late_at,
            late_told=known.late_told,
            references=tuple(sorted({*known.references, *instance.references})),
            **_said_last(known, instance),
        )
    # Only under the keys of the event itself: who else carries the older ones was not loaded.
    facts.registry.put(instance, keys)
    return instance


def merge(facts: Facts, feedback: Feedback) -> None:
    """Keep into which ticket another was merged, unless a later event has said otherwise."""
    keys = feedback.keys
    if keys.ticket is None or keys.merged_into is None:
        return
    said = Merge(ticket=keys.ticket, into=keys.merged_into, at=feedback.occurred_at, event_id=feedback.event_id)
    known = facts.registry.merges.get(said.ticket)
    if known is None or known.rank < said.rank:
        facts.registry.merges.put(said.ticket, said)


def note(facts: Facts, downtime: Downtime) -> None:
    """Keep what one event says of a downtime, unless a later one has said otherwise."""
    known = facts.downtimes.get(downtime.name)
    if known is None or known.rank < downtime.rank:
        facts.downtimes.put(downtime.name, downtime)


def walk(facts: Facts, step: Step) -> None:
    """Keep what one event says of a step, unless a later one has said otherwise."""
    known = facts.steps.get(step.key)
    if known is None or known.rank < step.rank:
        facts.steps.put(step.key, step)


def _told(*times: datetime | None) -> list[datetime]:
    return [at for at in times if at is not None]


def _said_last(known: Instance, said: Instance) -> dict[str, Any]:
    """Keep of each part what was said last, in whatever order events come; one that leaves it out changes nothing."""
    kept: dict[str, Any] = {}
    for name in _PARTS:
        told = [
            (getattr(one, f"{name}_at") or one.updated_at, getattr(one, name))
            for one in (known, said)
            if getattr(one, name) is not None
        ]
        kept[f"{name}_at"], kept[name] = max(told, default=(None, None))
    return kept
