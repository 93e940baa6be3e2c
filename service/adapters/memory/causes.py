"""The rows in memory -> the instances that causes are looked for in."""

from collections.abc import Sequence

from service.adapters.memory.rows import Rows
from service.core.cause import Compared, Gathered, VersionsAsked, VersionTally, count_versions, gather, is_complaint


class MemoryCauses:
    """Implements CausesRead over the rows of a store."""

    _rows: Rows

    async def gathered(self, asked: Compared) -> Gathered:
        rows = self._rows
        held = {part for part, alert_id in rows.members if alert_id == asked.alert_id}
        return gather(
            asked,
            rows.instances.values(),
            (one for part, one in rows.contributions.items() if asked.alert_id is None or part in held),
            {name: steps.values() for name, steps in rows.steps.items()},
            rows.downtimes.values(),
        )

    async def versions(self, asked: VersionsAsked) -> Sequence[VersionTally]:
        complained = {one.link.instance_id or "" for one in self._rows.contributions.values() if is_complaint(one)}
        return count_versions(asked, self._rows.instances.values(), complained, tuple(self._rows.downtimes.values()))
