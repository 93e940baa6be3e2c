"""What one event says of a process instance -> what is known of it, and the keys under which feedback finds it."""

from service.core.link import carried
from service.core.records.facts import Facts
from service.core.records.feedback import Instance


def register(facts: Facts, instance: Instance) -> None:
    """Fold what one event says of an instance into what is known: the earliest start, the latest end, every key."""
    keys = carried(instance)
    known = facts.instances.get(instance.instance_id)
    if known is not None:
        newer, older = (instance, known) if instance.updated_at >= known.updated_at else (known, instance)
        starts = [at for at in (known.started_at, instance.started_at) if at is not None]
        ends = [at for at in (known.ended_at, instance.ended_at) if at is not None]
        completions = [at for at in (known.completed_at, instance.completed_at) if at is not None]
        instance = Instance(
            instance_id=known.instance_id,
            process=newer.process,
            started_at=min(starts, default=None),
            ended_at=max(ends, default=None),
            completed_at=max(completions, default=None),
            keys=tuple(sorted({*known.keys, *instance.keys})),
            customer=newer.customer or older.customer,
            tier=newer.tier or older.tier,
            region=newer.region or older.region,
            version=newer.version or older.version,
            updated_at=newer.updated_at,
        )
    facts.instances.put(instance.instance_id, instance)
    # Only the keys of the event itself: who else carries the older ones was not loaded.
    for key in keys:
        holders = facts.instance_keys.get(key) or frozenset()
        if instance.instance_id not in holders:
            facts.instance_keys.put(key, holders | {instance.instance_id})
