"""The rows in memory -> what is kept of process instances, and their end."""

import heapq
from datetime import datetime

from service.adapters.memory.rows import Rows
from service.core.course import ordered
from service.core.records.decisions import Contribution
from service.ports import Known


class MemoryLives:
    """Implements Lives over the rows of a store."""

    _rows: Rows

    async def instance(self, instance_id: str, *, steps: int, linked: int) -> Known | None:
        instance = self._rows.instances.get(instance_id)
        if instance is None:
            return None
        walked = ordered(self._rows.steps.get(instance_id, {}).values())
        heard = sorted(_linked(self._rows, instance_id), key=lambda one: (one.began_at, one.key), reverse=True)
        return Known(
            instance=instance,
            steps=walked[max(0, len(walked) - steps) :],
            steps_total=len(walked),
            linked=tuple(heard[:linked]),
            linked_total=len(heard),
        )


def forget(rows: Rows, before: datetime, limit: int) -> int:
    """Take old instances out, with all that hangs on them."""
    lately = {one.link.instance_id for one in rows.contributions.values() if one.began_at >= before}
    old = sorted(
        (one.aged_at, name) for name, one in rows.instances.items() if one.aged_at < before and name not in lately
    )
    gone = {name for _, name in old[:limit]}
    for name in gone:
        del rows.instances[name]
        rows.steps.pop(name, None)
    if gone:
        left = {key: names - gone for key, names in rows.instance_keys.items()}
        rows.instance_keys = {key: names for key, names in left.items() if names}
        rows.kin = {customer: names - gone for customer, names in rows.kin.items()}
        rows.late = [one for one in rows.late if one[1] not in gone]
        heapq.heapify(rows.late)
    return len(gone)


def forget_waits(rows: Rows, before: datetime, limit: int) -> int:
    """Take out what has waited long enough, the earliest first."""
    over = sorted(
        (until, key, part) for key, held in rows.waits.items() for part, until in held.items() if until < before
    )
    for _, key, part in over[:limit]:
        del rows.waits[key][part]
    return len(over[:limit])


def _linked(rows: Rows, instance_id: str) -> list[Contribution]:
    return [one for one in rows.contributions.values() if one.link.instance_id == instance_id]
